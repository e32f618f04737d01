// The template of demos: one HTML file with the page of a single network and the crate without training in it. The page's
// "Export demo" puts a network into it.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import preact from "@preact/preset-vite";
import { build } from "vite";
import { root } from "./steps.mjs";

/** Where the page looks for it: among the demos, which the service worker keeps only once they are asked for. */
const name = "demos/template.html";
const source = join(root, "www/player");
const program = join(root, "pkg/player/unrolled_bg.wasm");

/**
 * The Vite plugin that puts the template where the page looks for it.
 * @returns {import("vite").Plugin}
 */
export function player() {
  return {
    name: "player",
    async generateBundle() {
      this.emitFile({ type: "asset", fileName: name, source: await template() });
    },
    configureServer(server) {
      server.middlewares.use(`/${name}`, async (_request, response) => {
        response.setHeader("content-type", "text/html; charset=utf-8");
        response.end(await template());
      });
    },
  };
}

/** @returns {Promise<string>} the template, built anew */
async function template() {
  if (!existsSync(program)) throw new Error("pkg/player/ is missing; 'node scripts/wasm.mjs' writes it.");
  const { script, style } = await bundle();
  const icon = readFileSync(join(source, "../favicon.svg"));
  // Data in HTML stands in base64, which makes it a third larger; compressed before, it is about a third of the WebAssembly.
  const packed = deflateSync(readFileSync(program), { level: 9 }).toString("base64");
  // Nothing is fetched and nothing is sent, and no script runs but the one that is here.
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)} 'wasm-unsafe-eval'`,
    `style-src ${hash(style)}`,
    "worker-src blob:",
    "img-src data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  /** @type {[place: string, content: string][]} */
  const contents = [
    ['"POLICY"', `"${policy.join("; ")}"`],
    ['"ICON"', `"data:image/svg+xml;base64,${icon.toString("base64")}"`],
    ["<!--STYLE-->", `<style>${style}</style>`],
    ["<!--PROGRAM-->", `<script type="application/octet-stream" id="program">${packed}</script>`],
    ["<!--SCRIPT-->", `<script type="module">${script}</script>`],
  ];
  return contents.reduce(
    (html, [place, content]) => html.replace(place, () => content),
    readFileSync(join(source, "template.html"), "utf8"),
  );
}

/** @param {string} text of an inline script or style sheet, which the policy then allows */
const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/**
 * The page of a single network as one script and one style sheet: a file on disk can load no others.
 * @returns {Promise<{ script: string, style: string }>}
 */
async function bundle() {
  const built = await build({
    root,
    configFile: false,
    logLevel: "warn",
    mode: "production",
    plugins: [preact()],
    worker: { format: "iife" },
    build: {
      write: false,
      target: "esnext",
      cssCodeSplit: false,
      assetsInlineLimit: () => true,
      modulePreload: false,
      rolldownOptions: {
        input: join(source, "main.tsx"),
        output: { codeSplitting: false },
      },
    },
  });
  const outputs = [built].flat().flatMap((bundle) => ("output" in bundle ? bundle.output : []));
  const script = outputs.find((file) => file.type === "chunk")?.code;
  const style = outputs.find((file) => file.fileName.endsWith(".css"));
  if (outputs.length !== 2 || !script || style?.type !== "asset") {
    throw new Error(
      `A demo is one script and one style sheet, not ${outputs.map((file) => file.fileName).join(", ")}.`,
    );
  }
  // A script must not end the element that it stands in, and begin no comment there.
  const safe = script.replaceAll("</script", "<\\/script").replaceAll("<!--", "<\\!--");
  return { script: safe, style: String(style.source) };
}
