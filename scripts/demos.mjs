// The trained networks that come with the page, in the folder demos/ beside it, with a page of their own that lists them:
// on any host the folder can be looked at, and linked to, as it is. `npm run train-demos` makes the networks.
import { createReadStream, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./steps.mjs";

const folder = join(root, "www/demos");

/**
 * As www/demos.ts describes it.
 * @typedef {{ task: string, file: string, title: string, about: string, data: string, licence: string, score: string,
 *   parameters: number, bytes: number, seconds: number }} Demo
 */

/** @returns {Demo[]} */
export const readDemos = () => JSON.parse(readFileSync(join(folder, "demos.json"), "utf8"));

/**
 * The Vite plugin that puts the demos where the page looks for them.
 * @returns {import("vite").Plugin}
 */
export function demos() {
  return {
    name: "demos",
    generateBundle() {
      const list = readDemos();
      for (const { file } of list)
        this.emitFile({ type: "asset", fileName: `demos/${file}`, source: readFileSync(join(folder, file)) });
      this.emitFile({ type: "asset", fileName: "demos/index.html", source: listing(list) });
    },
    configureServer(server) {
      server.middlewares.use("/demos", (request, response, next) => {
        const path = request.url?.split("?")[0];
        const found = readDemos().find(({ file }) => path === `/${file}`);
        if (found) createReadStream(join(folder, found.file)).pipe(response);
        else if (path === "/" || path === "/index.html")
          response.setHeader("content-type", "text/html; charset=utf-8").end(listing(readDemos()));
        else next();
      });
    },
  };
}

/**
 * The page that lists the demos.
 * @param {Demo[]} list
 */
function listing(list) {
  const icon = readFileSync(join(root, "www/favicon.svg"), "utf8");
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Trained networks · Unrolled</title>
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="description" content="Recurrent networks that were trained already: open one, and it answers in your browser." />
    <meta name="color-scheme" content="light dark" />
    <link rel="icon" type="image/svg+xml" href="data:image/svg+xml,${encodeURIComponent(icon)}" />
    <style>${style}</style>
  </head>
  <body>
    <main>
      <h1>Trained networks</h1>
      <p>Open one, and it answers in your browser, with nothing to wait for. Look inside, or train it longer.
        <a href="../">Or train your own.</a></p>
      <ul>
${list.map(card).join("\n")}
      </ul>
      <p class="small">Made by <code>npm run train-demos</code>, which makes the same files again from the same seeds.
        Each file is safetensors: drop it on the page, or open it in Python.</p>
    </main>
  </body>
</html>
`;
}

/** @param {Demo} demo */
function card({ task, file, title, about, data, licence, score, parameters, bytes, seconds }) {
  const count = new Intl.NumberFormat("en");
  return `        <li>
          <h2><a href="../#demo=${escaped(task)}">${escaped(title)}</a></h2>
          <p>${escaped(about)}</p>
          <p><strong>${escaped(capital(score))}.</strong></p>
          <p class="small">Trained on: ${escaped(data)}. ${escaped(licence)}</p>
          <p class="small">${count.format(parameters)} weights, trained in ${count.format(seconds)} s.
            <a href="${escaped(file)}" download>The file</a>, ${(bytes / 2 ** 20).toFixed(2)}\u00a0MB</p>
        </li>`;
}

const capital = (/** @type {string} */ text) => text.charAt(0).toUpperCase() + text.slice(1);

const escaped = (/** @type {string} */ text) =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const style = `
      body { margin: 0; background: Canvas; color: CanvasText; font: 16px/1.5 system-ui, sans-serif; }
      main { max-width: 1000px; margin: 0 auto; padding: 24px 16px 48px; }
      h1, h2 { line-height: 1.2; }
      h2 { margin: 0; font-size: 18px; }
      a { color: light-dark(#0c6b64, #4cc7b8); }
      ul { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(280px, 100%), 1fr)); gap: 16px; padding: 0; list-style: none; }
      li { display: grid; gap: 8px; align-content: start; padding: 16px; border: 1px solid #8d877d66; border-radius: 14px; }
      li p { margin: 0; }
      .small { font-size: 13.5px; opacity: 0.85; }
    `;
