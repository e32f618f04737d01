//! `bindgen INPUT.wasm OUTPUT_FOLDER` writes the JavaScript glue, the TypeScript types and the
//! WebAssembly that a page loads. It is the wasm-bindgen command-line tool in a few lines: as a
//! member of the workspace it has the crate's own version from Cargo.lock, so the two cannot differ.

use std::process::ExitCode;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, output] = arguments.as_slice() else {
        eprintln!("usage: bindgen INPUT.wasm OUTPUT_FOLDER");
        return ExitCode::FAILURE;
    };
    let mut bindgen = Bindgen::new();
    // The names go here and not by `strip` in the cargo profile: that would also take away the
    // section by which wasm-bindgen learns which WebAssembly features it may use.
    bindgen.input_path(input).typescript(true).remove_name_section(true).remove_producers_section(true);
    match bindgen.web(true).and_then(|bindgen| bindgen.generate(output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wasm-bindgen: {error:?}");
            ExitCode::FAILURE
        }
    }
}
