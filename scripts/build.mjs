// npm run build: writes dist/, which any static host can serve from any path.
import { npmPackages } from "./install.mjs";
import { command, root, step } from "./steps.mjs";
import { buildWasm, printSize } from "./wasm.mjs";

/**
 * Builds dist/.
 * @param {{ optimise: boolean }} options whether to spend a minute on a smaller WebAssembly
 */
export async function buildSite(options) {
  await npmPackages();
  await buildWasm(options);
  // Only now is it sure that Vite is installed.
  const { build } = await import("vite");
  await step("Building dist/", () => build({ root, logLevel: "warn" }));
}

if (import.meta.filename === process.argv[1]) {
  await command(async () => {
    await buildSite({ optimise: true });
    printSize();
  });
}
