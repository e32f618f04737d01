// npm run check: formatting, lints and types, of both languages.
import { cargo, native, wasmToolchain } from "./cargo.mjs";
import { npmPackages } from "./install.mjs";
import { command, run, steps } from "./steps.mjs";
import { buildWasm, pageBuild, playerBuild } from "./wasm.mjs";

await command(async () => {
  await npmPackages();
  // The page's types come from the crate.
  await buildWasm({ optimise: false });
  const wasm = await wasmToolchain();

  const node = (/** @type {string[]} */ ...args) => run(process.execPath, args);
  const clippy = (/** @type {import("./cargo.mjs").Toolchain} */ toolchain, /** @type {string[]} */ ...args) =>
    cargo(toolchain, "clippy", ...args, "--", "-D", "warnings");
  await steps([
    [
      "Biome",
      () => node("node_modules/@biomejs/biome/bin/biome", "ci", ...(process.stdout.isTTY ? [] : ["--colors=off"])),
    ],
    ["TypeScript, the page", () => node("node_modules/typescript/bin/tsc")],
    [
      "TypeScript, the service worker",
      () => node("node_modules/typescript/bin/tsc", "--project", "www/service-worker"),
    ],
    ["TypeScript, the scripts", () => node("node_modules/typescript/bin/tsc", "--project", "scripts")],
    ["rustfmt", () => run("cargo", ["fmt", "--all", "--check"])],
    ["clippy, native", () => clippy(native, "--workspace", "--all-targets")],
    ["clippy, without training", () => clippy(native, "-p", "unrolled", "--no-default-features")],
    ["clippy, the browser build", () => clippy(wasm, ...pageBuild.cargo)],
    ["clippy, the browser build without training", () => clippy(wasm, ...playerBuild.cargo)],
  ]);
});
