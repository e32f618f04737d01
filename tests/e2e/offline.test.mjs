// Without a network, and with a newer version on the server: what the service worker is for.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import {
  crash,
  dist,
  isAccessible,
  openSite,
  openTask,
  press,
  reaches,
  ready,
  SMALL,
  shows,
  stepOf,
  textOf,
  train,
} from "./page.mjs";

const TASKS = ["Translator", "Parity", "Writer", "Chat", "Classifier", "Word vectors"];

/** Stands at the top of the page, and in the next version something else. */
const LINE = "Train a recurrent neural network right here, in this tab.";
const NEXT_LINE = "This is the next version.";

describe("the service worker", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  /** A copy of dist/, which a test may change. @type {string} */
  let folder;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "unrolled-"));
    cpSync(dist, folder, { recursive: true });
    site = await openSite({ folder, serviceWorker: true });
  });
  afterEach(async () => {
    await site?.close();
    rmSync(folder, { recursive: true });
  });

  /** The network is gone, and the host with it. */
  async function loseNetwork() {
    await site.context.setOffline(true);
    await site.endServer();
  }

  it("lets every task open and train without a network after the first visit", () =>
    site.visit("device=cpu", async (page) => {
      await keptFor(page);
      await loseNetwork();
      await page.reload();
      await keptFor(page);
      for (const task of TASKS) {
        await openTask(page, task);
        await page.getByRole("heading", { name: task, exact: true }).first().waitFor();
        await ready(page);
        await shows(page, "data-name", /\S/);
      }
      await page.goto(`${site.url}#${SMALL}`);
      await page.reload();
      await train(page);
      await reaches(page, 10);
      await press(page, "Pause");
    }));

  it("lets the very first visit go on without a network, after a crash and into other tasks", () =>
    site.visit(SMALL, async (page) => {
      await keptFor(page);
      await train(page);
      await loseNetwork();
      await crash(page);
      await shows(page, "notice", /Training goes on from/);
      await reaches(page, (await stepOf(page)) + 20);
      await openTask(page, "Writer");
      await press(page, "Start new");
      await ready(page);
      await shows(page, "data-name", /\S/);
    }));

  it("announces a newer version, which comes when the user wants it and spares the tabs of the older", () =>
    site.visit(SMALL, async (page) => {
      page.on("dialog", (dialog) => dialog.accept());
      await keptFor(page);
      await train(page);
      publishNext(folder);

      // A tab that is opened now is of the version that is kept, and finds the newer one.
      const other = await site.context.newPage();
      await other.goto(site.url);
      await other.getByText(LINE).waitFor();
      await shows(other, "update", "Reload to have it now");
      await shows(page, "update", "Training goes on, and the new version waits until you choose.");
      await reaches(page, (await stepOf(page)) + 20);
      assert.equal(await page.getByText(LINE).count(), 1);
      await other.reload();
      await other.getByText(LINE).waitFor();

      await press(other, "Reload now");
      await other.getByText(NEXT_LINE).waitFor();
      await keptFor(other);

      // The server has no such files any more, and another version is in charge of the kept ones.
      await reaches(page, (await stepOf(page)) + 20);
      await crash(page);
      await shows(page, "notice", /Training goes on from/);
      await openTask(page, "Parity");
      await press(page, "Start new");
      await page.getByTestId("parity-card").waitFor();
      assert.equal(await page.getByText(LINE).count(), 1);

      await other.close();
      await press(page, "Reload now");
      await page.getByText(NEXT_LINE).waitFor();
      await keptFor(page);
      await untilKept(page, (urls) => !urls.some((url) => isOf(dist, url)));
      await loseNetwork();
      await page.reload();
      await page.getByText(NEXT_LINE).waitFor();
      await train(page);
    }));

  it("brings a newer version by itself when the page is opened the next time", () =>
    site.visit(SMALL, async (page) => {
      await keptFor(page);
      publishNext(folder);
      await page.reload();
      await shows(page, "update", "A new version of Unrolled is ready");
      await isAccessible(page, "a newer version");
      await press(page, "Later");
      assert.equal(await page.getByTestId("update").count(), 0);
      await page.goto("about:blank");
      const later = await site.context.newPage();
      await later.goto(site.url);
      await later.getByText(NEXT_LINE).waitFor();
      assert.equal(await later.getByTestId("update").count(), 0);
    }));

  it("hears of a newer version in a page that stays open, and keeps the work before the reload", () =>
    site.visit(
      SMALL,
      async (page) => {
        const lookAgain = () => page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
        await keptFor(page);
        publishNext(folder);
        await lookAgain();
        await page.waitForTimeout(1000);
        assert.equal(await page.getByTestId("update").count(), 0, "it asks only now and then");
        await page.evaluate("pass(2 * 60 * 60 * 1000)");
        await lookAgain();
        await shows(page, "update", "A new version of Unrolled is ready");

        await train(page);
        await reaches(page, 20);
        const step = await stepOf(page);
        await press(page, "Reload now");
        await page.getByText(NEXT_LINE).waitFor();
        await shows(page, "offer", "Your last work is still here");
        const kept = Number(/step ([\d,]+)/.exec(await textOf(page, "offer"))?.[1]?.replaceAll(",", ""));
        assert.ok(kept >= step, `step ${kept} is kept, and ${step} was on show before the reload`);
      },
      {
        before: (page) =>
          page.addInitScript(() => {
            let passed = 0;
            const now = performance.now.bind(performance);
            performance.now = () => now() + passed;
            Object.assign(globalThis, { pass: (/** @type {number} */ milliseconds) => (passed += milliseconds) });
          }),
      },
    ));

  it("keeps a demo once it has been looked at, and does not fetch it before", () =>
    site.visit(SMALL, async (page) => {
      mkdirSync(join(folder, "demos"), { recursive: true });
      writeFileSync(join(folder, "demos/a.txt"), "a model");
      await keptFor(page);
      assert.ok(!(await keptUrls(page)).some((url) => url.includes("demos/") || url.includes("bench")));
      const look = () => page.evaluate("fetch('demos/a.txt').then((response) => response.text())");
      assert.equal(await look(), "a model");
      await untilKept(page, (urls) => urls.some((url) => url.endsWith("demos/a.txt")));
      await loseNetwork();
      assert.equal(await look(), "a model");
    }));

  for (const [name, script] of [
    [
      "forbidden",
      "ServiceWorkerContainer.prototype.register = () => Promise.reject(new DOMException('', 'SecurityError'))",
    ],
    [
      "out of reach",
      "Object.defineProperty(Navigator.prototype, 'serviceWorker', { get() { throw new DOMException('', 'SecurityError'); } })",
    ],
    ["missing", "delete Navigator.prototype.serviceWorker"],
  ]) {
    it(`is not needed where it is ${name}`, () =>
      site.visit(
        SMALL,
        async (page) => {
          await ready(page);
          await train(page);
          assert.equal(await page.getByTestId("offline").count(), 0);
        },
        { before: (page) => page.addInitScript(/** @type {string} */ (script)) },
      ));
  }

  it("promises nothing where a file is missing on the host", () => {
    rmSync(join(folder, "data/moby-dick.txt"));
    return site.visit(
      SMALL,
      async (page) => {
        await ready(page);
        // What could not be installed is forgotten.
        await page.waitForFunction(
          "globalThis.registered && navigator.serviceWorker.getRegistration().then((registration) => !registration)",
        );
        assert.equal(await page.getByTestId("offline").count(), 0);
        await train(page);
      },
      {
        before: (page) =>
          page.addInitScript(() => {
            const { register } = ServiceWorkerContainer.prototype;
            ServiceWorkerContainer.prototype.register = async function (url) {
              const registration = await register.call(this, url);
              Object.assign(globalThis, { registered: true });
              return registration;
            };
          }),
      },
    );
  });

  it("is missed where a part of the page is gone from the server: the page says what to do", () =>
    site.visit(
      SMALL,
      async (page) => {
        await ready(page);
        publishNext(folder);
        await openTask(page, "Parity");
        await shows(page, "notice", /could not be downloaded.*reload the page: a newer version/);
      },
      {
        before: (page) => page.addInitScript("delete Navigator.prototype.serviceWorker"),
        expected: /404|missing: |failed: .*parity/,
      },
    ));
});

/**
 * Waits until the page has all it needs, and the service worker, too.
 * @param {import("playwright-core").Page} page
 */
async function keptFor(page) {
  await ready(page);
  await shows(page, "offline", "works offline");
}

/**
 * The addresses of the kept files.
 * @param {import("playwright-core").Page} page
 * @returns {Promise<string[]>}
 */
function keptUrls(page) {
  return page.evaluate(async () => {
    const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
    const requests = await Promise.all(caches_.map((cache) => cache.keys()));
    return requests.flat().map(({ url }) => url);
  });
}

/**
 * Waits until the kept files are as they should be.
 * @param {import("playwright-core").Page} page
 * @param {(urls: string[]) => boolean} expected
 */
async function untilKept(page, expected) {
  const end = performance.now() + 10_000;
  for (;;) {
    const urls = await keptUrls(page);
    if (expected(urls)) return;
    assert.ok(performance.now() < end, `kept: ${urls.join(" ")}`);
    await page.waitForTimeout(100);
  }
}

/** The scripts of a version: those whose names carry the hash of their content. @param {string} folder */
const scripts = (folder) => readdirSync(join(folder, "assets")).filter((name) => /\.(js|css)$/.test(name));

/** Whether an address is that of a script of the version in the folder. @param {string} folder @param {string} url */
const isOf = (folder, url) => scripts(folder).some((name) => url.endsWith(`/${name}`));

/**
 * Puts the next version in the place of the one in the folder, as a build would: scripts have other names, the old ones
 * are gone, and the page shows another line.
 * @param {string} folder
 */
function publishNext(folder) {
  const names = scripts(folder);
  const renamed = (/** @type {string} */ name) => name.replace(/(\.\w+)$/, "2$1");
  const texts = ["index.html", "service-worker.js", ...names.map((name) => join("assets", name))];
  for (const path of texts) {
    let text = readFileSync(join(folder, path), "utf8").replace(LINE, NEXT_LINE);
    for (const name of names) text = text.replaceAll(name, renamed(name));
    text = text.replace(/(url:.index\.html.,revision:.)/, "$1next");
    writeFileSync(join(folder, path), text);
  }
  for (const name of names) renameSync(join(folder, "assets", name), join(folder, "assets", renamed(name)));
}
