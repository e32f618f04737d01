import { fileURLToPath } from "node:url";
import preact from "@preact/preset-vite";
import { defineConfig, type Plugin } from "vite";
import { builtInData } from "./scripts/data.mjs";
import { demos } from "./scripts/demos.mjs";
import { offline } from "./scripts/offline.mjs";
import { player } from "./scripts/player.mjs";

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Puts www/bench.html at the top of dist/, beside index.html: there measuring programs look for it. */
const benchAtTop: Plugin = {
  name: "bench-at-top",
  enforce: "post",
  generateBundle(_, bundle) {
    const page = bundle["www/bench.html"];
    if (page?.type !== "asset") return;
    delete bundle[page.fileName];
    const source = String(page.source).replaceAll('"../', '"./');
    this.emitFile({ type: "asset", fileName: "bench.html", source });
  },
};

export default defineConfig({
  // Relative links only: the page works from any path of any host.
  base: "./",
  plugins: [preact(), benchAtTop, builtInData(), player(), demos(), offline()],
  worker: { format: "es" },
  // Only the worker imports it: found late, it would make the first page reload itself.
  optimizeDeps: { include: ["fflate"] },
  build: {
    target: "esnext",
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { index: file("index.html"), bench: file("www/bench.html") } },
  },
});
