// The page as a visitor gets it: dist/ under a sub-path of a plain static host, in a real browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { launch } from "../../scripts/browser.mjs";
import { serve } from "../../scripts/serve.mjs";
import { root } from "../../scripts/steps.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** The folder that is served. */
export const dist = join(root, "dist");

/** Settings of a small translator that takes milliseconds a step and does not end by itself. */
export const SMALL = "device=cpu&pairs=400&hidden=16&embedding=16&batch=16&patience=0&epochs=10000";

/** What takes longer than this has failed: far more than anything needs on two cores. */
const TIMEOUT_MS = 30_000;
/** The same on a GPU that is only software: its shaders are compiled and run on those two cores. */
const SOFTWARE_GPU_TIMEOUT_MS = 180_000;

/**
 * Serves the page and starts a browser.
 * @param {{ gpu?: boolean, folder?: string, serviceWorker?: boolean }} [options] `gpu`: with WebGPU, on a software adapter;
 *   `folder`: what is served in the place of dist/; `serviceWorker`: the browser has them
 */
export async function openSite({ gpu = false, folder = dist, serviceWorker = false } = {}) {
  const server = await serve(folder, { base: "/some/sub/path" });
  const context = await launch({ gpu });
  // What a service worker answers, no test can watch or break.
  if (!serviceWorker) await context.addInitScript("delete Navigator.prototype.serviceWorker");
  context.setDefaultTimeout(gpu ? SOFTWARE_GPU_TIMEOUT_MS : TIMEOUT_MS);

  return {
    context,
    url: server.url,
    /** Ends the server; the browser stays. */
    endServer: server.close,

    /**
     * Opens the page, does something with it, and closes it. Fails where the console has errors or warnings, something is
     * thrown, or anything is asked of another host.
     * @param {string} hash the part of the address behind `#`
     * @param {(page: Page) => Promise<void>} work
     * @param {{ before?: (page: Page) => Promise<void>, expected?: RegExp, allowed?: string[] }} [options] `before`: done
     *   before the page is loaded; `expected`: complaints that the test provokes; `allowed`: addresses on other hosts that
     *   the page is to ask for, all of them
     */
    async visit(hash, work, { before, expected, allowed = [] } = {}) {
      const page = await context.newPage();
      const watched = watch(page, new URL(server.url).origin);
      try {
        await before?.(page);
        await page.goto(server.url + (hash && `#${hash}`));
        await work(page);
      } catch (error) {
        if (error instanceof Error && watched.complaints.length > 0) {
          error.message += `\nThe page complained: ${watched.complaints.join("\n")}`;
        }
        throw error;
      } finally {
        await page.close();
      }
      const unexpected = watched.complaints.filter((complaint) => !expected?.test(complaint));
      assert.deepEqual(unexpected, [], "console, errors and failed requests");
      assert.deepEqual([...new Set(watched.foreign)], allowed, "requests to other hosts");
    },

    async close() {
      await context.close();
      await server.close();
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof openSite>>} Site */

/**
 * Collects what must not be. Playwright passes on what workers say and ask for, too.
 * @param {Page} page
 * @param {string} origin
 */
export function watch(page, origin) {
  /** @type {string[]} */
  const complaints = [];
  /** @type {string[]} */
  const foreign = [];
  page.on("console", (message) => {
    // A shader that fails is a warning.
    if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`thrown: ${error}`));
  page.on("crash", () => complaints.push("the tab crashed"));
  page.on("requestfailed", (request) => complaints.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on("response", (response) => response.status() >= 400 && complaints.push(`missing: ${response.url()}`));
  page.on("request", (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (asked !== origin && protocol !== "data:" && protocol !== "blob:") foreign.push(request.url());
  });
  return { complaints, foreign };
}

/**
 * Waits until an element has a text.
 * @param {Page} page
 * @param {string} id its data-testid
 * @param {RegExp | string} text
 */
export async function shows(page, id, text) {
  try {
    await page.getByTestId(id).filter({ hasText: text }).first().waitFor();
  } catch (cause) {
    const found = await page.getByTestId(id).allInnerTexts();
    throw new Error(`${id} should show ${text}, but shows ${JSON.stringify(found)}`, { cause });
  }
}

/**
 * The text of an element, once it is there.
 * @param {Page} page
 * @param {string} id its data-testid
 */
export const textOf = (page, id) => page.getByTestId(id).innerText();

/**
 * Waits until the data is loaded and the network is known, so that training can begin.
 * @param {Page} page
 */
export const ready = (page) => page.getByTestId("parameters").waitFor();

/**
 * Presses the button with the name.
 * @param {Page} page
 * @param {string | RegExp} name
 */
export const press = (page, name) => page.getByRole("button", { name, exact: typeof name === "string" }).click();

/**
 * Opens a task by the name on its tab.
 * @param {Page} page
 * @param {string} name
 */
export const openTask = (page, name) => page.getByTestId("task-switch").getByText(name, { exact: true }).click();

/**
 * Starts training, and waits for the first steps.
 * @param {Page} page
 */
export async function train(page) {
  await press(page, "Train");
  await shows(page, "number-loss", /\d/);
}

/**
 * The training step that the page shows.
 * @param {Page} page
 */
export async function stepOf(page) {
  const text = await textOf(page, "stage-training");
  return Number(/step ([\d,]+)/.exec(text)?.[1]?.replaceAll(",", "") ?? 0);
}

/**
 * Waits for a training step.
 * @param {Page} page
 * @param {number} step
 */
export async function reaches(page, step) {
  const end = performance.now() + TIMEOUT_MS;
  while ((await stepOf(page)) < step) {
    if (performance.now() > end) {
      throw new Error(`training should reach step ${step}, but is at: ${await textOf(page, "training-card")}`);
    }
    await page.waitForTimeout(50);
  }
}

/**
 * Types a sentence, and waits for its whole translation.
 * @param {Page} page
 * @param {string} text
 */
export async function translate(page, text) {
  // Until the new translation comes the former one is on show, unless there is no text.
  await page.getByLabel("Your sentence").fill("");
  await page.locator('[data-testid="translation"][data-done="false"]').waitFor();
  await page.getByLabel("Your sentence").fill(text);
  return translation(page);
}

/**
 * The translation on show, once it is whole.
 * @param {Page} page
 */
export async function translation(page) {
  const done = page.locator('[data-testid="translation"][data-done="true"]');
  await done.waitFor();
  return (await done.innerText()).replace(/\s+/g, " ").trim();
}

/**
 * Changes a setting's number, choice or switch, also where it stands behind "Advanced".
 * @param {Page} page
 * @param {string} key
 * @param {string | number | boolean} value
 */
export async function set(page, key, value) {
  const control = page.locator(`#setting-${key}`);
  await control.evaluate((element) => {
    const details = element.closest("details");
    if (details) details.open = true;
  });
  if (typeof value === "boolean") await control.setChecked(value);
  else if ((await control.evaluate((element) => element.tagName)) === "SELECT")
    await control.selectOption(String(value));
  else {
    await control.fill(String(value));
    await control.press("Enter");
  }
}

/**
 * Throws in the worker what a panic of the crate throws.
 * @param {import("playwright-core").Page} page
 */
export async function crash(page) {
  await page.workers()[0]?.evaluate(() => {
    setTimeout(() => {
      throw new WebAssembly.RuntimeError("unreachable");
    });
  });
}

const axe = readFileSync(join(root, "node_modules/axe-core/axe.min.js"), "utf8");

/**
 * Fails where axe finds something that keeps people from using the page.
 * @param {Page} page
 * @param {string} state what the page is doing
 */
export async function isAccessible(page, state) {
  const violations = await page.evaluate(async (source) => {
    const scope = /** @type {any} */ (globalThis);
    if (!scope.axe) scope.eval(source);
    const report = await scope.axe.run();
    return report.violations.flatMap((/** @type {any} */ { id, help, nodes }) =>
      nodes.map((/** @type {any} */ node) => `${id}: ${help} (${node.target}) ${node.failureSummary}`),
    );
  }, axe);
  assert.deepEqual(violations, [], state);
}
