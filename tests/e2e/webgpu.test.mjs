// The page on WebGPU, on Chromium's software adapter: slow, so the steps are few.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { requireWebGPU } from "../../scripts/browser.mjs";
import { openSite, press, reaches, ready, shows, stepOf, textOf, train, translate } from "./page.mjs";

const PARITY = "device=webgpu&task=parity&hidden=32&bits=20&batch=32&strings=1000";
const TRANSLATOR =
  "device=webgpu&pairs=400&max_tokens=10&hidden=64&embedding=32&batch=32&epochs=1000&patience=0&max_output=5";

describe("the page on WebGPU", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite({ gpu: true });
  });
  after(() => site?.close());

  it("trains both tasks, and goes on on the CPU when the GPU is lost", (t) =>
    site.visit(
      PARITY,
      async (page) => {
        await requireWebGPU(page);
        const opened = performance.now();
        await ready(page);
        t.diagnostic(`self-test ${((performance.now() - opened) / 1000).toFixed(1)} s`);
        await shows(page, "device-name", "GPU");
        await shows(page, "device-text", /On the GPU through WebGPU: .*swiftshader/i);
        await shows(page, "stage-shaders", "tested");
        await train(page);
        await reaches(page, 3);
        await press(page, "Bit 1: 1");
        await shows(page, "parity-answer", /is [\d.]+.% sure/);

        await page.evaluate((hash) => {
          location.hash = hash;
        }, TRANSLATOR);
        await shows(page, "question", "Open the link?");
        await press(page, "Start new");
        await page.getByTestId("translate-card").waitFor();
        await train(page);
        await reaches(page, 3);
        assert.match(await translate(page, "Good morning."), /\S/);
        // A paused run is kept outside the worker.
        await press(page, "Pause");
        await translate(page, "Good night.");
        const paused = await stepOf(page);
        assert.ok(paused >= 3);
        await press(page, "Resume");
        await reaches(page, paused + 1);

        await page.workers()[0]?.evaluate(() => /** @type {any} */ (globalThis).gpuDevice.destroy());
        await shows(page, "notice", "Something failed, and the page is repairing it");
        await shows(page, "notice", /Training goes on from step \d+, on the CPU/);
        await shows(page, "device-text", "On the CPU. WebGPU failed, so training runs on the CPU.");
        const [step] = /(?<=from step )\d+/.exec((await page.getByTestId("notice").allInnerTexts()).join()) ?? [];
        assert.ok(Number(step) >= paused, `it went on from step ${step}, and was paused at ${paused}`);
        await reaches(page, paused + 20);
        assert.equal(await page.getByLabel("Your sentence").inputValue(), "Good night.");
        await translate(page, "Good night.");
      },
      { before: keepDevice, expected: /Device was destroyed|A valid external Instance reference no longer exists/ },
    ));

  it("takes the CPU by itself where the GPU is only software, and says so", () =>
    site.visit("", async (page) => {
      await requireWebGPU(page);
      await ready(page);
      await shows(page, "device-name", "CPU");
      await shows(page, "device-text", "WebGPU is only emulated in software here, and the CPU is faster than that.");
      assert.equal(await page.locator("#device").inputValue(), "auto");
      assert.equal(await textOf(page, "number-loss"), "–");
    }));
});

/**
 * Keeps the worker's GPU device where a test can lose it.
 * @param {import("playwright-core").Page} page
 */
async function keepDevice(page) {
  await page.route(/\/worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    const keep = `const request = GPUAdapter.prototype.requestDevice;
      GPUAdapter.prototype.requestDevice = async function (...options) {
        globalThis.gpuDevice = await request.apply(this, options);
        return globalThis.gpuDevice;
      };\n`;
    await route.fulfill({ response, body: keep + (await response.text()) });
  });
}
