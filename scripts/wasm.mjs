// Builds the crate to WebAssembly: pkg/ for the page, and pkg/player/ for files with one trained network in them.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
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

/** @type {Build[]} */
const builds = [pageBuild, playerBuild];

/** What stands in a build's folder. */
const files = (/** @type {Build} */ { folder }) => ({
  wasm: join(folder, "unrolled_bg.wasm"),
  /** What the folder was made from, and whether wasm-opt has been over it. */
  stamp: join(folder, "made-from.txt"),
});

/** @returns {string[]} what a build's stamp says; nothing where the build is not there */
function readStamp(/** @type {Build} */ build) {
  const { wasm, stamp } = files(build);
  return existsSync(wasm) && existsSync(stamp) ? readFileSync(stamp, "utf8").split(" ") : [];
}

/**
 * Brings pkg/ up to date: cargo, wasm-bindgen and, for a build to publish, wasm-opt. Does only what is needed.
 * @param {{ optimise: boolean }} options
 */
export async function buildWasm({ optimise }) {
  const source = hashSource();
  const stale = builds.filter((build) => readStamp(build)[0] !== source);
  if (stale.length > 0) await compile(stale, source);
  if (!optimise) return;
  for (const build of builds.filter((build) => readStamp(build).length < 2)) {
    const { wasm, stamp } = files(build);
    await step(`Making ${build.name} smaller with wasm-opt (up to a minute)`, () => optimiseWasm(wasm));
    writeFileSync(stamp, `${source} optimised`);
  }
}

/**
 * Cargo cannot tell whether both builds are up to date: it leaves them in one place, and takes either for a change of
 * the other.
 * @returns {string} of all that the builds are made from
 */
function hashSource() {
  const folder = (/** @type {string} */ name) =>
    readdirSync(join(root, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)))
      .sort();
  const names = [
    "Cargo.toml",
    "Cargo.lock",
    "crate/Cargo.toml",
    "scripts/cargo.mjs",
    ...folder("crate/src"),
    ...folder("scripts/bindgen"),
  ];
  const hash = createHash("sha256").update(JSON.stringify(builds.map(({ cargo }) => cargo)));
  for (const name of names) hash.update(name).update(readFileSync(join(root, name)));
  return hash.digest("hex");
}

/**
 * @param {Build[]} stale
 * @param {string} source as hashed before: what changes meanwhile is for the next time
 */
async function compile(stale, source) {
  const toolchain = await wasmToolchain();
  await step("Compiling the bindgen program", () => cargo(native, "build", "-p", "bindgen"));
  for (const build of stale) {
    await step(`Compiling ${build.name} to WebAssembly with ${toolchain.name} (the first time takes minutes)`, () =>
      cargo(toolchain, "build", ...build.cargo),
    );
    await step(`Writing ${relative(root, build.folder)}/`, () => run(bindgenFile, [wasmFile, build.folder]));
    writeFileSync(files(build).stamp, source);
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
  for (const build of builds) {
    const { wasm } = files(build);
    const gzipped = gzipSync(readFileSync(wasm), { level: 9 }).length;
    console.log(`  WebAssembly of ${build.name}: ${megabytes(statSync(wasm).size)}, gzipped ${megabytes(gzipped)}`);
  }
}

if (import.meta.filename === process.argv[1]) await command(() => buildWasm({ optimise: false }));
