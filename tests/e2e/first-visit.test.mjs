// What a visitor gets without touching a setting: one click, and it learns.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { dist, openSite, press, ready, set, shows, stepOf, textOf, train, translate } from "./page.mjs";

describe("the first visit", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  it("trains on the phrase book after one click, to a stated score, and goes on when asked", (t) =>
    site.visit("", async (page) => {
      // Pressed at once, long before the program is there.
      const clicked = performance.now();
      await press(page, "Train");
      await shows(page, "train", "Starting");
      await ready(page);
      const started = performance.now();
      await shows(page, "number-loss", /\d/);
      const seconds = (performance.now() - started) / 1000;
      t.diagnostic(`first loss ${((performance.now() - clicked) / 1000).toFixed(1)} s after the click`);
      assert.ok(seconds < 5, `the first loss came ${seconds} s after everything was loaded`);

      await shows(page, "data-name", "English–Spanish phrase book");
      await shows(page, "data-facts", "4,001 pairs");
      await shows(page, "device-name", "CPU");
      await shows(page, "device-text", "On the CPU. WebGPU finds no graphics card here.");
      await shows(page, "stage-download", "done");
      await shows(page, "stage-device", "open");
      await shows(page, "stage-shaders", "not needed");
      await shows(page, "stage-training", /epoch 1 of 12, step \d+, .* left/);
      await page.waitForFunction("/^\\d+ % · loss \\d+\\.\\d\\d · Unrolled$/.test(document.title)");
      await set(page, "epochs", 4);
      await shows(page, "stage-training", "of 4");

      await shows(page, "train", "Train longer");
      await shows(page, "story", "All 4 epochs are done.");
      await shows(page, "stage-training", "done: epoch 4 of 4");
      await page.waitForFunction("/^finished · loss \\d+\\.\\d\\d · Unrolled$/.test(document.title)");
      assert.ok(await curveIsDrawn(page), "the curve has its colour on the canvas");
      const number = async (/** @type {string} */ name) =>
        Number.parseFloat((await textOf(page, `number-${name}`)).replace(",", ""));
      // The most frequent token, the full stop, is one in six. Without a look at the source half of the tokens can be guessed.
      assert.ok((await number("accuracy")) > 70, `token accuracy ${await number("accuracy")} %`);
      assert.ok((await number("bleu")) > 30, `BLEU ${await number("bleu")}`);
      assert.ok(Math.abs((await number("perplexity")) - Math.exp(await number("validation"))) < 0.01);
      assert.ok((await number("speed")) > 100);
      await shows(page, "test-score", /Final score on the test part.* loss \d\.\d+, accuracy \d+\.\d.%, BLEU \d+/);

      await shows(page, "samples", "After epoch 4");
      assert.ok((await page.locator('[data-testid="samples"] td.right').count()) > 0, "no held-out sentence is right");
      const samples = await page.getByTestId("samples").locator("tbody tr").all();
      for (const sample of samples.slice(0, 3)) {
        const [input = "", said] = await sample.locator("td").allInnerTexts();
        assert.equal(await translate(page, input), said, "typed, a held-out sentence is translated as in the table");
      }
      await page.locator("#samples-entry").fill("0");
      await shows(page, "samples", "After epoch 1");

      await press(page, "Train longer");
      await shows(page, "stage-training", "epoch 5 of 14");
      await press(page, "Pause");
    }));

  it("asks its host for nothing once it has loaded", () =>
    site.visit("device=cpu&pairs=400&hidden=16", async (page) => {
      await ready(page);
      await site.context.setOffline(true);
      await train(page);
      await translate(page, "Good morning.");
      await site.context.setOffline(false);
    }));

  it("keeps the page's own thread free while it trains", () =>
    site.visit("device=cpu", async (page) => {
      await ready(page);
      await train(page);
      await page.waitForTimeout(1000);
      const begun = await stepOf(page);
      // What the page does comes again with every epoch, every few seconds; what comes once, the machine did.
      const spans = [];
      while (spans.length < 3 && !spans.some((tasks) => tasks.length === 0)) spans.push(await longTasks(page, 5000));
      assert.ok((await stepOf(page)) > begun, "it trains meanwhile");
      assert.ok(
        spans.some((tasks) => tasks.length === 0),
        `tasks of more than 50 ms in each of three spans: ${JSON.stringify(spans)}`,
      );
    }));

  it("says which browsers work where there is no wasm SIMD", () =>
    site.visit(
      "",
      async (page) => {
        await page.getByRole("heading", { name: "This browser cannot run Unrolled" }).waitFor();
        await page.getByText("It works in Chrome and Edge 91, Firefox 114 and Safari 16.4").waitFor();
      },
      { before: (page) => page.addInitScript("WebAssembly.validate = () => false") },
    ));

  it("has relative links only", () => {
    const texts = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((name) => /\.(html|css)$/.test(name));
    assert.ok(texts.includes("index.html") && texts.includes("bench.html"));
    for (const name of texts) {
      const text = readFileSync(join(dist, name), "utf8");
      assert.doesNotMatch(text, /(src|href)="(\/|https?:)|url\(["']?(\/|https?:)/, name);
    }
  });
});

/**
 * The durations of the page's tasks of more than 50 ms within the next so many milliseconds.
 * @param {import("playwright-core").Page} page
 * @param {number} span
 * @returns {Promise<number[]>}
 */
function longTasks(page, span) {
  return page.evaluate(async (span) => {
    /** @type {number[]} */
    const tasks = [];
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    });
    observer.observe({ type: "longtask" });
    await new Promise((resolve) => setTimeout(resolve, span));
    observer.disconnect();
    return tasks;
  }, span);
}

/**
 * Whether the training curve's colour stands on the loss chart.
 * @param {import("playwright-core").Page} page
 */
function curveIsDrawn(page) {
  return page.evaluate(() => {
    const canvas = document.querySelector("canvas");
    const context = canvas?.getContext("2d");
    if (!canvas || !context) return false;
    const colour = getComputedStyle(document.documentElement).getPropertyValue("--curve-train");
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.trim().slice(at, at + 2), 16));
    for (let i = 0; i < data.length; i += 4) {
      if (data[i] === red && data[i + 1] === green && data[i + 2] === blue) return true;
    }
    return false;
  });
}
