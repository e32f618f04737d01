// A static file server as plain as any host's: what works here works there.
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, resolve, sep } from "node:path";

/** @type {Record<string, string>} */
const contentTypes = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
};

/**
 * Serves a folder on this machine only, on a free port.
 * @param {string} folder
 * @param {{ base?: string, headers?: Record<string, string> }} [options] `base`: the path under which the folder stands,
 *   such as "/some/sub/path"; `headers`: what goes with every answer
 * @returns {Promise<{ url: string, close: () => Promise<void> }>} `url` ends with a slash
 */
export async function serve(folder, { base = "", headers = {} } = {}) {
  const prefix = `${base}/`;
  const top = resolve(folder);

  /** The file that an address stands for, if it stands for one inside the folder. */
  const find = (/** @type {string} */ address) => {
    try {
      const path = decodeURIComponent(new URL(address, "http://localhost").pathname);
      const file = join(top, path.slice(prefix.length), path.endsWith("/") ? "index.html" : "");
      return path.startsWith(prefix) && file.startsWith(top + sep) && statSync(file).isFile() ? file : undefined;
    } catch {
      return undefined; // there is none, or the address is malformed
    }
  };

  const server = createServer((request, response) => {
    const file = find(request.url ?? "/");
    if (!file) {
      response.writeHead(404, { ...headers, "content-type": "text/plain" }).end("not found");
      return;
    }
    response.writeHead(200, { ...headers, "content-type": contentTypes[extname(file)] ?? "application/octet-stream" });
    createReadStream(file).pipe(response);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", () => listening(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}${prefix}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
