// The scripts that the page makes of the models in tests/export, made by the page's own code.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./steps.mjs";

/** Models with what they must answer, and the scripts made of them. */
export const folder = join(root, "tests/export");

/** The models' names, without extension. */
export const models = () =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".safetensors"))
    .map((name) => name.replace(".safetensors", ""));

/**
 * Makes the scripts of all models.
 * @returns {Promise<Map<string, string>>} their texts by the names of their files
 */
export async function exportScripts() {
  // Only now is it sure that Vite is installed.
  const { createServer } = await import("vite");
  const vite = await createServer({
    root,
    configFile: false,
    logLevel: "error",
    appType: "custom",
    server: { middlewareMode: true, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
  });
  try {
    const load = (/** @type {string} */ name) => vite.ssrLoadModule(`/www/export/${name}.ts`);
    const { readHeader } = await load("header");
    const { scriptName } = await load("python");
    const { pytorch, PYTORCH } = await load("pytorch");
    const { keras, KERAS } = await load("keras");
    const scripts = new Map();
    for (const model of models()) {
      const file = `${model}.safetensors`;
      const header = readHeader(readFileSync(join(folder, file)));
      scripts.set(scriptName(file, PYTORCH), pytorch(header, file));
      scripts.set(scriptName(file, KERAS), keras(header, file));
    }
    return scripts;
  } finally {
    await vite.close();
  }
}
