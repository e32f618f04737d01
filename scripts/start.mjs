// npm start: gets what is missing, builds, and serves the page for development.
import { npmPackages } from "./install.mjs";
import { command, root } from "./steps.mjs";
import { buildWasm } from "./wasm.mjs";

await command(async () => {
  await npmPackages();
  await buildWasm({ optimise: false });
  // Only now is it sure that Vite is installed.
  const { createServer } = await import("vite");
  const server = await createServer({ root });
  await server.listen();
  console.log("\nOpen this address in a browser; Ctrl+C stops the server.");
  server.printUrls();
});
