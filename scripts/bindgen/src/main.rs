//! `bindgen INPUT.wasm OUTPUT_FOLDER` writes the JavaScript glue, the TypeScript types and the
//! WebAssembly that a page loads. It is the wasm-bindgen command-line tool in a few lines: as a
//! member of the workspace it has the crate's own version from Cargo.lock, so the two cannot differ.

use std::error::Error;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, output] = arguments.as_slice() else {
        return Err("usage: bindgen INPUT.wasm OUTPUT_FOLDER".into());
    };
    // The names go here and not by `strip` in the cargo profile: that would also take away the
    // section by which wasm-bindgen learns which WebAssembly features it may use.
    Bindgen::new()
        .input_path(input)
        .web(true)?
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(output)?;
    Ok(())
}
