// What goes wrong on its own: the worker, the device, the download. The page says it, and goes on.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { crash, openSite, openTask, press, reaches, ready, SMALL, shows, stepOf, train, translate } from "./page.mjs";

describe("failures", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  it("of the worker cost the steps since the last checkpoint, and nothing else", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      const lines = ["one\tuno", "two\tdos", "three\ttres", "four\tcuatro"].join("\n");
      const file = { name: "own.tsv", mimeType: "text/plain", buffer: Buffer.from(lines) };
      await page.getByTestId("file-input").setInputFiles(file);
      await shows(page, "data-name", "own.tsv");
      await train(page);
      await reaches(page, 10);
      // A paused run is kept outside the worker.
      await press(page, "Pause");
      await translate(page, "three");
      const paused = await stepOf(page);
      await press(page, "Resume");
      await reaches(page, paused + 1);

      await crash(page);
      await shows(page, "notice", "Something failed, and the page is repairing it");
      await shows(page, "notice", /Training goes on from step \d+, on the CPU/);
      const [step] = /(?<=from step )\d+/.exec((await page.getByTestId("notice").allInnerTexts()).join()) ?? [];
      assert.ok(Number(step) >= paused, `it went on from step ${step}, and was paused at ${paused}`);
      await reaches(page, Number(step) + 50);
      assert.equal(page.workers().length, 1);
      assert.equal(await page.getByLabel("Your sentence").inputValue(), "three");
      await shows(page, "data-name", "own.tsv");
      await shows(page, "translation", /\S/);
      await press(page, "Pause");
      await translate(page, "two");
    }));

  it("of the worker before anything is trained are repaired, too", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      await page.getByLabel("Your sentence").fill("Good night.");
      await crash(page);
      await shows(page, "notice", "Something failed");
      await train(page);
      assert.equal(await page.getByLabel("Your sentence").inputValue(), "Good night.");
    }));

  it("again and again end in a sentence that says what to do", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      for (let time = 1; time < 4; time++) {
        const replaced = page.waitForEvent("worker");
        await crash(page);
        await replaced;
        await shows(page, "stage-shaders", "not needed");
      }
      await crash(page);
      await shows(page, "notice", "It failed again and again. Reload the page, and try a smaller network.");
    }));

  it("of the download are told", () =>
    site.visit(
      "",
      (page) => shows(page, "notice", "The program could not be downloaded. Check the connection and reload the page."),
      { before: (page) => page.route("**/*.wasm", (route) => route.abort()), expected: /\.wasm|ERR_FAILED/ },
    ));

  it("of the download of a part of the page can be made good", () =>
    site.visit(
      SMALL,
      async (page) => {
        await ready(page);
        await openTask(page, "Parity");
        await shows(page, "notice", "This part of the page could not be downloaded.");
        await press(page, "Try again");
        await shows(page, "notice", "This part of the page could not be downloaded.");
        await page.unroute("**/parity-*.js");
        await press(page, "Try again");
        await page.getByTestId("parity-card").waitFor();
        assert.equal(await page.getByTestId("notice").count(), 0);
        await train(page);

        await page.route("**/share-*.js", (route) => route.abort());
        await press(page, "Share");
        await shows(page, "notice", "A part of the page is missing");
        await page.unroute("**/share-*.js");
        await press(page, "Try again");
        await page.getByRole("dialog", { name: "Share" }).waitFor();
      },
      {
        before: (page) => page.route("**/parity-*.js", (route) => route.abort()),
        expected: /parity|share|ERR_FAILED/,
      },
    ));

  it("to find WebGPU where a link wants it leave the CPU, with the reason", () =>
    site.visit("device=webgpu&hidden=16&pairs=200", async (page) => {
      await ready(page);
      await shows(page, "device-name", "CPU");
      await shows(page, "device-text", /On the CPU\. (This browser has no WebGPU|WebGPU finds no graphics card here)/);
      assert.equal(await page.locator("#device").inputValue(), "webgpu");
      await train(page);
    }));

  it("are none when the device is changed during a run", () =>
    site.visit("hidden=16&pairs=200&epochs=10000&patience=0", async (page) => {
      await ready(page);
      await train(page);
      await reaches(page, 20);
      const before = await stepOf(page);
      await page.locator("#device").selectOption("cpu");
      await shows(page, "notice", /Training goes on from step \d+, on the CPU/);
      await reaches(page, before + 20);
    }));
});
