// Chromium for the tests, the benchmark and the pictures: found, or got, and started the same way everywhere.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { debianPackages } from "./install.mjs";
import { Failure } from "./steps.mjs";

const quiet = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-quic",
  "--disable-sync",
  "--no-first-run",
  "--no-sandbox",
];

/** WebGPU on the software adapter that Chromium carries: slow, and the same on every machine. */
const softwareWebGPU = [
  "--enable-unsafe-swiftshader",
  "--enable-unsafe-webgpu",
  "--ignore-gpu-blocklist",
  "--use-angle=swiftshader",
  "--use-webgpu-adapter=swiftshader",
];

/** @returns {string | undefined} the program of a Chromium or Chrome on this machine */
function findBrowser() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = (process.env.PATH ?? "").split(delimiter);
  const places = [
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    join(process.env.PROGRAMFILES ?? "", "Google/Chrome/Application/chrome.exe"),
  ];
  return places.find((file) => existsSync(file));
}

/**
 * Finds a browser, or installs one.
 * @returns {Promise<string>} its program
 * @throws {Failure} where there is none and none can be got
 */
export async function browser() {
  const found = findBrowser() ?? ((await debianPackages(["chromium"])) ? findBrowser() : undefined);
  if (found) return found;
  throw new Failure(
    "There is no Chromium or Chrome here. Install one, or set the CHROMIUM environment variable to its program.",
  );
}

/**
 * Starts a browser with a fresh profile, which goes when the browser is closed.
 * @param {{ gpu: boolean }} options `gpu`: with WebGPU, through SwiftShader; otherwise without any WebGPU
 * @returns {Promise<import("playwright-core").BrowserContext>}
 */
export async function launch({ gpu }) {
  // Loaded here: looking for a browser needs no npm package, and may come before they are installed.
  const { chromium } = await import("playwright-core");
  // No folder named: Playwright makes one for the profile, and removes it.
  return chromium.launchPersistentContext("", {
    executablePath: await browser(),
    args: [...quiet, ...(gpu ? softwareWebGPU : ["--disable-gpu"])],
  });
}

/**
 * Makes sure that the page has WebGPU, so that no test of it passes on the CPU unnoticed.
 * @param {import("playwright-core").Page} page on a page of a server: about:blank has no WebGPU
 * @throws {Error} where there is no adapter
 */
export async function requireWebGPU(page) {
  const found = await page.evaluate("navigator.gpu?.requestAdapter().then((adapter) => adapter !== null)");
  if (!found)
    throw new Error("This browser gives the page no WebGPU adapter; is it a full Chromium, not its headless shell?");
}
