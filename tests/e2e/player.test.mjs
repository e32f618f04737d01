// Demos: exported by the page, opened from disk in another browser without a network.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { inflateSync } from "node:zlib";
import { launch } from "../../scripts/browser.mjs";
import { root } from "../../scripts/steps.mjs";
import { isAccessible, openSite, press, ready, set, shows, textOf, translate, watch } from "./page.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** No demo of the small networks here is larger: program, page and network. */
const MOST_BYTES = 1.2e6;

/** The window tells megabytes with one digit behind the point. */
const ROUNDING = 0.05 * 2 ** 20;

/** Models that were trained for some steps, on texts of a few words. */
const saved = (/** @type {string} */ task) => join(root, `tests/native/files/v2-${task}.safetensors`);

/**
 * How each task's network is asked, and all that can be read of its answer; the same on the page and in the demo.
 * @type {Record<string, (page: Page) => Promise<string>>}
 */
const ask = {
  async translation(page) {
    const text = await translate(page, "the red dog");
    await page.getByTestId("translation").getByRole("button").first().hover();
    return `${text} ${await textOf(page, "alternatives")}`;
  },
  async chat(page) {
    await page.getByLabel("Your message").fill("the red dog");
    await press(page, "Send");
    await page.locator('[data-testid="reply"][data-done="true"]').waitFor();
    return `${await textOf(page, "candidates")} ${await textOf(page, "sureness")}`;
  },
  async generation(page) {
    await page.getByLabel("Begin with").fill("the");
    // The seed of what is drawn.
    await page.evaluate(() => {
      Math.random = () => 0.5;
    });
    await press(page, "Write");
    await page.waitForFunction(
      () => (document.querySelector('[data-testid="written"]')?.textContent ?? "").length > 200,
    );
    await press(page, "Stop writing");
    return (await page.getByTestId("written").evaluate((element) => element.textContent ?? "")).slice(0, 200);
  },
  async classification(page) {
    await page.getByLabel("Your text").fill("the dog is bad");
    await shows(page, "read-words", "bad");
    return `${await textOf(page, "verdict")} ${await textOf(page, "probabilities")}`;
  },
  async parity(page) {
    await page.getByLabel("Bit 3: 1").click();
    await shows(page, "parity-answer", "In truth it is odd");
    return `${await textOf(page, "parity-answer")} ${await textOf(page, "bits")}`;
  },
  async vectors(page) {
    await page.getByLabel("Nearest words of").fill("dog");
    await page.getByTestId("nearest").getByText("dog", { exact: true }).waitFor({ state: "detached" });
    await page.getByTestId("nearest").getByRole("button").nth(9).waitFor();
    return textOf(page, "nearest");
  },
};

describe("a demo", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  /** A browser that has never been anywhere, and cannot go anywhere. @type {import("playwright-core").BrowserContext} */
  let elsewhere;
  const folder = mkdtempSync(join(tmpdir(), "unrolled-demo-"));
  before(async () => {
    site = await openSite();
    elsewhere = await launch({ gpu: false });
    elsewhere.setDefaultTimeout(30_000);
    await elsewhere.setOffline(true);
  });
  after(async () => {
    await elsewhere?.close();
    await site?.close();
    rmSync(folder, { recursive: true });
  });

  /**
   * Opens a saved model on the page.
   * @param {Page} page
   * @param {string} task
   */
  async function openModel(page, task) {
    await ready(page);
    await page.getByTestId("model-input").setInputFiles(saved(task));
    await shows(page, "story", /is open: \d+ steps|Paused at step 21/);
  }

  /**
   * Presses through the export, and saves the file.
   * @param {Page} page
   * @param {(window: import("playwright-core").Locator) => Promise<unknown>} [fill] fills in its window
   * @returns {Promise<{ path: string, name: string, bytes: number }>} `bytes`: what the window said of its size
   */
  async function exportDemo(page, fill) {
    await press(page, "Export demo …");
    const window = page.getByRole("dialog", { name: "Export a demo" });
    await shows(page, "demo-size", "the network");
    await fill?.(window);
    await shows(page, "demo-size", "the network");
    const [, number = "", unit] = /^([\d.,]+) (KB|MB)/.exec(await textOf(page, "demo-size")) ?? [];
    const [file] = await Promise.all([page.waitForEvent("download"), press(page, "Save the demo")]);
    await window.waitFor({ state: "detached" });
    const name = file.suggestedFilename();
    const path = join(folder, name);
    await file.saveAs(path);
    return { path, name, bytes: Number(number.replaceAll(",", "")) * (unit === "MB" ? 2 ** 20 : 2 ** 10) };
  }

  /**
   * Opens a file from disk, does something with it, and closes it. Fails where it asks for anything, or complains.
   * @param {string} path
   * @param {(page: Page) => Promise<void>} work
   * @param {{ before?: (page: Page) => Promise<void>, expected?: RegExp }} [options] as those of `visit`
   */
  async function open(path, work, { before, expected } = {}) {
    const page = await elsewhere.newPage();
    const { complaints } = watch(page, "null");
    /** @type {string[]} */
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    const address = pathToFileURL(path).href;
    try {
      await before?.(page);
      await page.goto(address);
      await work(page);
    } finally {
      await page.close();
    }
    assert.deepEqual(
      complaints.filter((complaint) => !expected?.test(complaint)),
      [],
    );
    assert.deepEqual(
      asked.filter((url) => url !== address && !url.startsWith("blob:")),
      [],
    );
  }

  /** The network in a demo, as text: header and numbers. */
  const contentOf = (/** @type {string} */ path) => {
    const packed = /id="model">([^<]*)</.exec(readFileSync(path, "utf8"))?.[1] ?? "";
    return inflateSync(Buffer.from(packed, "base64")).toString("latin1");
  };

  for (const task of Object.keys(ask)) {
    it(`of ${task} answers from disk as the page does`, () =>
      site.visit(`device=cpu&task=${task === "parity" ? "chat" : "parity"}`, async (page) => {
        await openModel(page, task);
        const said = await ask[/** @type {keyof typeof ask} */ (task)]?.(page);
        assert.ok(said);
        const demo = await exportDemo(page);
        const { size } = statSync(demo.path);
        assert.ok(size < MOST_BYTES && Math.abs(size - demo.bytes) <= ROUNDING, `${size}, ${demo.bytes}`);
        await open(demo.path, async (page) => {
          await page.getByTestId("model-card").waitFor();
          assert.equal(await ask[/** @type {keyof typeof ask} */ (task)]?.(page), said);
          assert.equal(page.workers().length, 1);
          await isAccessible(page, task);
          await page.setViewportSize({ width: 360, height: 640 });
          assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
        });
      }));
  }

  it("has the title, licence and texts that the user gives it, whatever is in them", () =>
    site.visit("device=cpu&task=parity", async (page) => {
      const title = `"Ana's" </title></script><script>alert(1)</script> & $& <!-- 日本語 ¡sí!`;
      const text = "</script><img src=x onerror=alert(1)> <!-- el perro";
      await openModel(page, "translation");
      const demo = await exportDemo(page, async (window) => {
        await window.getByLabel("Title").fill(title);
        await window.getByLabel("Licence").fill("<b>CC0</b> & more");
        await window.getByLabel("Texts to try").fill(`${text}\n\nthe blue tree`);
      });
      assert.match(demo.name, /日本語 ¡sí!\.html$/);
      await open(demo.path, async (page) => {
        await shows(page, "model-card", "<b>CC0</b> & more");
        assert.equal(await page.getByRole("heading", { level: 1 }).innerText(), title);
        assert.equal(await page.title(), title);
        assert.equal(await page.getByLabel("Your sentence").inputValue(), text);
        await press(page, "the blue tree");
        assert.equal(await page.getByLabel("Your sentence").inputValue(), "the blue tree");
        assert.equal(await page.locator("img[src=x]").count(), 0);
      });
    }));

  it("quotes the data only where the user wants it", () =>
    site.visit("device=cpu&task=parity", async (page) => {
      await openModel(page, "translation");
      const without = await exportDemo(page, (window) => window.getByLabel("Title").fill("without"));
      assert.ok(!contentOf(without.path).includes("expected"));
      await open(without.path, async (page) => {
        await page.getByTestId("model-card").waitFor();
        assert.equal(await page.getByTestId("samples").count(), 0);
      });
      const quoted = await exportDemo(page, async (window) => {
        await window.getByLabel("Title").fill("quoted");
        await window.getByLabel("With the samples").check();
      });
      assert.ok(contentOf(quoted.path).includes("expected"));
      await open(quoted.path, async (page) => {
        await shows(page, "samples", "After epoch 1");
      });
    }));

  it("suggests no text of data that the user has loaded", () =>
    site.visit("device=cpu&hidden=8&embedding=8&batch=4", async (page) => {
      await ready(page);
      const secret = Array.from({ length: 40 }, (_, i) => `my secret ${i}\tmi secreto ${i}`).join("\n");
      await page
        .getByTestId("file-input")
        .setInputFiles({ name: "mine.tsv", mimeType: "text/plain", buffer: Buffer.from(secret) });
      await shows(page, "data-name", "mine.tsv");
      await press(page, "Step");
      await shows(page, "story", "Paused at step 1");
      await press(page, "Export demo …");
      const window = page.getByRole("dialog", { name: "Export a demo" });
      assert.equal(await window.getByLabel("Texts to try").inputValue(), "");
      await isAccessible(page, "Export a demo");
      await page.keyboard.press("Escape");
      await window.waitFor({ state: "detached" });
    }));

  it("is half as large with weights of 16 bits, and gives the network back as a file", () =>
    site.visit("device=cpu&task=parity", async (page) => {
      await ready(page);
      await set(page, "hidden", 200);
      await press(page, "Step");
      await shows(page, "story", "Paused at step 1");
      const [exact, half] = [
        await exportDemo(page),
        await exportDemo(page, async (window) => {
          await window.getByLabel("Weights").selectOption("f16");
          await shows(page, "demo-size", "Weighing it");
        }),
      ];
      assert.ok(exact.bytes - half.bytes > 0.3 * (exact.bytes - 1e6), `${exact.bytes}, ${half.bytes}`);
      await open(half.path, async (demo) => {
        await shows(demo, "model-card", "rounded to 16 bits");
        const [file] = await Promise.all([demo.waitForEvent("download"), press(demo, /Save the network/)]);
        const path = join(folder, file.suggestedFilename());
        await file.saveAs(path);
        await press(page, "Step");
        await shows(page, "story", "Paused at step 2");
        await page.getByTestId("model-input").setInputFiles(path);
        await press(page, "Open it");
        await shows(page, "story", "Paused at step 1");
      });
    }));

  it("runs on its own page where the browser gives it no worker", () =>
    site.visit("device=cpu&task=parity", async (page) => {
      await openModel(page, "chat");
      const said = await ask.chat?.(page);
      const demo = await exportDemo(page);
      const refusals = {
        "there are none": () => {
          // @ts-expect-error: no browser is without it
          delete window.Worker;
        },
        "they fail to start": () => {
          URL.createObjectURL = () => "blob:null/none";
        },
      };
      for (const [why, refuse] of Object.entries(refusals)) {
        await open(
          demo.path,
          async (page) => {
            assert.equal(await ask.chat?.(page), said, why);
            assert.equal(page.workers().length, 0, why);
          },
          { before: (page) => page.addInitScript(refuse), expected: /blob:null\/none|Creating a worker/ },
        );
      }
    }));

  it("can connect to nothing", () =>
    site.visit("device=cpu&task=parity", async (page) => {
      await openModel(page, "vectors");
      const demo = await exportDemo(page);
      await open(
        demo.path,
        async (page) => {
          await page.getByTestId("model-card").waitFor();
          // Were it allowed, it would do: such an address needs no network.
          const refused = await page.evaluate(() =>
            fetch("data:,x").then(
              () => false,
              () => true,
            ),
          );
          assert.ok(refused);
        },
        { expected: /Content Security Policy|data:,x/ },
      );
    }));

  it("says so where there is no network in it, or no program to be had", () =>
    site.visit(
      "device=cpu&task=parity",
      async (page) => {
        await openModel(page, "chat");
        await page.route("**/demos/template.html", (route) => route.abort());
        await press(page, "Export demo …");
        await shows(page, "demo-size", "could not be downloaded");
        assert.ok(await page.getByRole("button", { name: "Save the demo" }).isDisabled());
        await open(join(root, "dist/demos/template.html"), async (page) => {
          await page.getByText("There is no network in this file").waitFor();
          await isAccessible(page, "a template");
        });
      },
      { expected: /template\.html|Failed to load resource/ },
    ));
});
