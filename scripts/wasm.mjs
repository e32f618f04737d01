// Builds the crate to WebAssembly and writes pkg/, which the page imports.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { bindgenFile, cargo, native, wasmFile, wasmToolchain } from "./cargo.mjs";
import { command, root, run, step } from "./steps.mjs";

const pkg = join(root, "pkg");
const wasm = join(pkg, "unrolled_bg.wasm");
const stamp = join(pkg, "made-from.txt");

/** What cargo builds for the browser. */
export const browserBuild = ["-p", "unrolled", "--release", "--features", "webgpu"];

/**
 * Brings pkg/ up to date: cargo, wasm-bindgen and, for a build to publish, wasm-opt. Does only what is needed.
 * @param {{ optimise: boolean }} options
 */
export async function buildWasm({ optimise }) {
  const toolchain = await wasmToolchain();
  await step(`Compiling the crate to WebAssembly with ${toolchain.name} (the first time takes minutes)`, () =>
    cargo(toolchain, "build", ...browserBuild),
  );
  await step("Compiling the bindgen program", () => cargo(native, "build", "-p", "bindgen"));

  const source = createHash("sha256").update(readFileSync(wasmFile)).update(readFileSync(bindgenFile)).digest("hex");
  const [madeFrom, optimised] = existsSync(stamp) ? readFileSync(stamp, "utf8").split(" ") : [];
  if (madeFrom !== source) {
    await step("Writing pkg/", () => run(bindgenFile, [wasmFile, pkg]));
    writeFileSync(stamp, source);
  }
  if (optimise && !(madeFrom === source && optimised)) {
    await step("Making the WebAssembly smaller with wasm-opt (about a minute)", optimiseWasm);
    writeFileSync(stamp, `${source} optimised`);
  }
}

async function optimiseWasm() {
  // -O2 and -Os make a smaller file that compresses worse (13.4 MB of Burn with both devices, 2.50 MB gzipped, became
  // 11.9 MB and 2.69; -O1 gives 12.5 and 2.48), and take three times as long.
  const smaller = `${wasm}.smaller`;
  const wasmOpt = join(root, "node_modules/binaryen/bin/wasm-opt");
  await run(process.execPath, [wasmOpt, "-O1", wasm, "-o", smaller]);
  renameSync(smaller, wasm);
}

/** Prints how much a visitor downloads. */
export function printSize() {
  const megabytes = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
  const gzipped = gzipSync(readFileSync(wasm), { level: 9 }).length;
  console.log(`  WebAssembly: ${megabytes(statSync(wasm).size)}, gzipped ${megabytes(gzipped)}`);
}

if (import.meta.filename === process.argv[1]) await command(() => buildWasm({ optimise: false }));
