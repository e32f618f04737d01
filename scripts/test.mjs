// npm test [-- native | web | e2e …]: all tests, or some parts of them.
// The browser tests run on dist/, built here. Its WebAssembly goes through wasm-opt only where `npm run build` has done so
// since the last change to the crate: that takes a minute, and changes nothing that a test could see.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { browser } from "./browser.mjs";
import { buildSite } from "./build.mjs";
import { cargo, native } from "./cargo.mjs";
import { command, Failure, root, run, steps } from "./steps.mjs";

const parts = ["native", "web", "e2e"];

const testNative = () => cargo(native, "test", "-p", "unrolled");

/** @param {string} part a folder of browser tests */
async function testInBrowser(part) {
  const folder = join("tests", part);
  const files = readdirSync(join(root, folder)).filter((name) => name.endsWith(".test.mjs"));
  if (files.length === 0) throw new Failure(`There are no tests in ${folder}.`);
  // One file at a time: a training in the browser wants the whole machine, and tests look at the clock. Twenty minutes a
  // file at most, so that a test that hangs says so.
  const runner = ["--test", "--test-concurrency=1", "--test-timeout=1200000", "--test-reporter=spec"];
  await run(process.execPath, [...runner, ...files.map((name) => join(folder, name))]);
}

await command(async () => {
  const wanted = process.argv.slice(2);
  const unknown = wanted.find((part) => !parts.includes(part));
  if (unknown) throw new Failure(`There is no part '${unknown}' of the tests; there are ${parts.join(", ")}.`);
  const chosen = parts.filter((part) => wanted.length === 0 || wanted.includes(part));

  const inBrowser = chosen.filter((part) => part !== "native");
  if (inBrowser.length > 0) {
    await browser();
    await buildSite({ optimise: false });
  }
  await steps(
    chosen.map((part) => [`Tests in tests/${part}`, () => (part === "native" ? testNative() : testInBrowser(part))]),
  );
});
