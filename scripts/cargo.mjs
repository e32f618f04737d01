// Cargo, for this machine and for WebAssembly. The compiler for wasm32-unknown-unknown is rustup's where its server can be
// reached, else Debian's.
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { debianPackages } from "./install.mjs";
import { Failure, output, root, run, step } from "./steps.mjs";

const target = "wasm32-unknown-unknown";

/** Debian's names of a recent Rust: compiler, cargo, standard library as source, and clippy for `npm run check`. */
const debianRustPackages = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy"];

/** The oldest Rust 1.x that builds Burn. */
const oldest = 95;

/** Builds are kept outside the clone, so that a fresh clone need not build everything again. */
const cache = join(process.env.CARGO_TARGET_DIR || process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "unrolled");

/**
 * How to call cargo. Each has a target folder of its own: other flags, or another compiler, build all anew.
 * @typedef {object} Toolchain
 * @property {string} name for people
 * @property {string} program
 * @property {string[]} args what every command needs
 * @property {NodeJS.ProcessEnv} env
 * @property {string} folder cargo's target folder
 */

/** @type {Toolchain} */
export const native = {
  name: "this machine's Rust",
  program: "cargo",
  args: [],
  env: {},
  folder: join(cache, "native"),
};

/** What every toolchain for WebAssembly has in common. */
const wasm = {
  env: { RUSTFLAGS: '-C target-feature=+simd128 --cfg getrandom_backend="wasm_js"' },
  folder: join(cache, "wasm"),
};

/** The crate as cargo leaves it for the browser. */
export const wasmFile = join(wasm.folder, target, "release/unrolled.wasm");

/** The program of scripts/bindgen. */
export const bindgenFile = join(native.folder, "debug", process.platform === "win32" ? "bindgen.exe" : "bindgen");

/**
 * Runs a cargo command; its progress passes through.
 * @param {Toolchain} toolchain
 * @param {string} command
 * @param {...string} args
 */
export async function cargo(toolchain, command, ...args) {
  claim(toolchain.folder);
  const env = { ...process.env, ...toolchain.env, CARGO_TARGET_DIR: toolchain.folder };
  await run(toolchain.program, [command, ...toolchain.args, ...args], { env });
}

/**
 * Makes cargo build this clone's code where another clone used the folder last. Cargo itself knows a package by its path
 * inside the workspace and a change by its time: it would take the other clone's newer build for this one's.
 * @param {string} folder
 */
function claim(folder) {
  const note = join(folder, "clone.txt");
  if (existsSync(note) && readFileSync(note, "utf8") === root) return;
  const now = new Date();
  for (const file of ["crate/src/lib.rs", "scripts/bindgen/src/main.rs"]) utimesSync(join(root, file), now, now);
  mkdirSync(folder, { recursive: true });
  writeFileSync(note, root);
}

/** @returns {Toolchain | undefined} the Rust of the PATH, if it has the target's standard library */
function ownRust() {
  const libraries = output("rustc", ["--print", "target-libdir", "--target", target]) ?? "";
  if (!existsSync(libraries) || !readdirSync(libraries).some((file) => file.startsWith("libstd-"))) return;
  return { ...wasm, name: `rustc with the ${target} target`, program: "cargo", args: ["--target", target] };
}

/** @returns {Toolchain | undefined} Debian's rustc-web with the standard library as source */
function debianRust() {
  const rustc = "/usr/bin/rustc";
  const sysroot = output(rustc, ["--print", "sysroot"]);
  const [version, minor] = output(rustc, ["--version"])?.match(/1\.(\d+)/) ?? [];
  const linker = wasmLinker();
  if (!sysroot || !linker || Number(minor) < oldest) return;
  if (!existsSync(join(sysroot, "lib/rustlib/src/rust/library"))) return;
  return {
    ...wasm,
    name: `Debian's rustc-web ${version}, building the standard library too`,
    program: "/usr/bin/cargo",
    args: ["-Zbuild-std=std,panic_abort", "--target", target],
    env: {
      ...wasm.env,
      RUSTC_BOOTSTRAP: "1",
      RUSTC: rustc,
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: linker,
      // For `cargo clippy`: rustup's cargo-clippy on the PATH belongs to another compiler.
      PATH: ["/usr/bin", process.env.PATH].join(delimiter),
    },
  };
}

/** Debian's rustc-web comes without a linker for WebAssembly: rustup's rust-lld does it, or LLVM's wasm-ld. */
function wasmLinker() {
  const host = output("rustc", ["-vV"])?.match(/^host: (.*)$/m)?.[1] ?? "";
  const rustLld = join(output("rustc", ["--print", "sysroot"]) ?? "", "lib/rustlib", host, "bin/rust-lld");
  const folders = (process.env.PATH ?? "").split(delimiter);
  return [rustLld, ...folders.map((folder) => join(folder, "wasm-ld"))].find((file) => existsSync(file));
}

/** Adds the target to rustup's toolchain; a server that cannot be reached is given one minute. */
async function addTarget() {
  if (!output("rustup", ["--version"])) return;
  try {
    await step(`Adding the ${target} target with rustup (at most a minute)`, () =>
      run("rustup", ["target", "add", target], { timeout: 60_000 }),
    );
    return ownRust();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.log(`  ${error.message} Trying Debian's compiler.`);
  }
}

async function installDebianRust() {
  const linker = wasmLinker() ? [] : ["lld"];
  if (await debianPackages([...debianRustPackages, ...linker])) return debianRust();
}

/**
 * Finds a compiler for WebAssembly, or gets one.
 * @returns {Promise<Toolchain>}
 * @throws {Failure} where there is no Rust, or no way to get the target
 */
export async function wasmToolchain() {
  if (!output("cargo", ["--version"])) {
    throw new Failure("Rust is missing. Install it from https://rustup.rs, open a new terminal, and run this again.");
  }
  const toolchain = ownRust() ?? debianRust() ?? (await addTarget()) ?? (await installDebianRust());
  if (toolchain) return toolchain;
  throw new Failure(
    `Rust here cannot compile to WebAssembly. Run 'rustup target add ${target}' where rustup reaches its server, or ` +
      `'apt-get install ${debianRustPackages.join(" ")}' as root on Debian, and run this again.`,
  );
}
