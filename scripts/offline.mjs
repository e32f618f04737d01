// The service worker of the page: built by itself, with the list of the files that it keeps.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { build } from "vite";
import { root } from "./steps.mjs";

/** Measuring is no part of the page, and a demo is kept when it has been looked at. */
const isKept = (/** @type {string} */ name) => !/(^|\/)bench\b|^demos\//.test(name);

/**
 * The Vite plugin that puts service-worker.js at the top of dist/. It keeps all that is built but
 * for demos: a visitor has fetched most of it by then, and the rest, the other tasks and their data, is small beside it.
 * @returns {import("vite").Plugin}
 */
export function offline() {
  return {
    name: "offline",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      async handler(_, bundle) {
        const files = Object.values(bundle)
          .filter(({ fileName }) => isKept(fileName))
          .map((file) => ({ url: file.fileName, revision: revision(file) }));
        const source = await serviceWorker(files);
        this.emitFile({ type: "asset", fileName: "service-worker.js", source });
      },
    },
  };
}

/**
 * What tells versions of a file apart where its name does not. Without one the browser may take the copy that it has, and
 * nothing is fetched twice.
 * @param {import("vite").Rolldown.OutputAsset | import("vite").Rolldown.OutputChunk} file
 */
function revision(file) {
  if (file.fileName.startsWith("assets/")) return null;
  const content = file.type === "chunk" ? file.code : file.source;
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}

/**
 * Builds the service worker. A single classic script: not all browsers take modules here.
 * @param {{ url: string, revision: string | null }[]} files
 * @returns {Promise<string>}
 */
async function serviceWorker(files) {
  const built = await build({
    root,
    configFile: false,
    logLevel: "warn",
    define: { FILES: JSON.stringify(files), "process.env.NODE_ENV": JSON.stringify("production") },
    build: {
      write: false,
      target: "esnext",
      lib: { entry: join(root, "www/service-worker/worker.ts"), formats: ["iife"], name: "worker" },
    },
  });
  const [bundle] = [built].flat();
  const [script] = bundle && "output" in bundle ? bundle.output : [];
  if (script?.type !== "chunk") throw new Error("The service worker was not built.");
  return script.code;
}
