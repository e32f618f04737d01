// Builds the crate to WebAssembly: pkg/ for the page, and pkg/player/ for files with one trained network in them.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { bindgenFile, cargo, native, wasmFile, wasmToolchain } from "./cargo.mjs";
import { command, root, run, step } from "./steps.mjs";

/**
 * One build of the crate for the browser.
 * @typedef {object} Build
 * @property {string} name for people
 * @property {string[]} cargo what cargo builds
 * @property {string} folder where its JavaScript, types and WebAssembly go
 */

const release = ["-p", "unrolled", "--release"];

/** All of it, for the page. */
export const pageBuild = { name: "the crate", cargo: [...release, "--features", "webgpu"], folder: join(root, "pkg") };

/** Inference on the CPU only, small enough for a file that holds a network. */
export const playerBuild = {
  name: "the crate without training",
  cargo: [...release, "--no-default-features"],
  folder: join(root, "pkg/player"),
};

/** What bindgen writes into a build's folder. */
const files = (/** @type {Build} */ { folder }) => ({
  wasm: join(folder, "unrolled_bg.wasm"),
  types: join(folder, "unrolled.d.ts"),
  stamp: join(folder, "made-from.txt"),
});

/** @returns {boolean} whether both builds are there, up to date or not */
export const isBuilt = () => [pageBuild, playerBuild].every((build) => existsSync(files(build).types));

/**
 * Brings pkg/ up to date: cargo, wasm-bindgen and, for a build to publish, wasm-opt. Does only what is needed.
 * @param {{ optimise: boolean }} options
 */
export async function buildWasm({ optimise }) {
  const toolchain = await wasmToolchain();
  await step("Compiling the bindgen program", () => cargo(native, "build", "-p", "bindgen"));
  for (const build of [pageBuild, playerBuild]) {
    await step(`Compiling ${build.name} to WebAssembly with ${toolchain.name} (the first time takes minutes)`, () =>
      cargo(toolchain, "build", ...build.cargo),
    );
    // Both builds leave the same file: it is taken before the next.
    await bind(build, optimise);
  }
}

/**
 * Writes a build's folder from what cargo has left.
 * @param {Build} build
 * @param {boolean} optimise
 */
async function bind(build, optimise) {
  const { wasm, stamp } = files(build);
  const source = createHash("sha256").update(readFileSync(wasmFile)).update(readFileSync(bindgenFile)).digest("hex");
  const [madeFrom, optimised] = existsSync(stamp) ? readFileSync(stamp, "utf8").split(" ") : [];
  if (madeFrom !== source) {
    await step(`Writing ${relative(root, build.folder)}/`, () => run(bindgenFile, [wasmFile, build.folder]));
    writeFileSync(stamp, source);
  }
  if (optimise && !(madeFrom === source && optimised)) {
    await step("Making the WebAssembly smaller with wasm-opt (up to a minute)", () => optimiseWasm(wasm));
    writeFileSync(stamp, `${source} optimised`);
  }
}

/** @param {string} wasm */
async function optimiseWasm(wasm) {
  // -O2, -Os and -Oz make smaller files that compress worse (13.4 MB of Burn with both devices, 2.50 MB gzipped, became
  // 11.9 MB and 2.69; -O1 gives 12.5 and 2.48; the player's 2.22 MB, 587 KB deflated, became 2.00 and 661; -O1 gives
  // 2.14 and 584), and take several times as long.
  const smaller = `${wasm}.smaller`;
  const wasmOpt = join(root, "node_modules/binaryen/bin/wasm-opt");
  await run(process.execPath, [wasmOpt, "-O1", wasm, "-o", smaller]);
  renameSync(smaller, wasm);
}

/** Prints how much a visitor downloads, and how much a file with a network has to carry. */
export function printSize() {
  const megabytes = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(2)} MB`;
  for (const build of [pageBuild, playerBuild]) {
    const { wasm } = files(build);
    const gzipped = gzipSync(readFileSync(wasm), { level: 9 }).length;
    console.log(`  WebAssembly of ${build.name}: ${megabytes(statSync(wasm).size)}, gzipped ${megabytes(gzipped)}`);
  }
}

if (import.meta.filename === process.argv[1]) await command(() => buildWasm({ optimise: false }));
