// Parity: what it learns from the page, on strings of any length, step by step.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openSite, press, ready, set, shows, textOf, train } from "./page.mjs";

describe("parity", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  it("learns from strings of up to 50 bits, and is right on strings of up to 500", (t) =>
    site.visit("device=cpu&task=parity", async (page) => {
      await ready(page);
      await shows(page, "data-name", "Random strings of 1 to 50 bits");
      const before = await accuracy(page, 50);
      assert.ok(before > 40 && before < 60, `it is not trained, and gets ${before} % right`);

      const started = performance.now();
      await press(page, "Train");
      await shows(page, "story", "All 15 epochs are done.");
      const seconds = (performance.now() - started) / 1000;
      const short = await accuracy(page, 50);
      const long = await accuracy(page, 200);
      t.diagnostic(`${seconds.toFixed(1)} s to the end: ${short} % right at 50 bits, ${long} % at 200`);
      assert.ok(short >= 99, `${short} % at 50 bits`);
      assert.ok(long >= 95, `${long} % at 200 bits`);

      await press(page, "Draw the curve to 500 bits");
      const curve = page.locator('[data-testid="length-curve"][data-strings="2000"]');
      await curve.waitFor();
      const shares = [...(await curve.innerText()).matchAll(/([\d.]+).% at (\d+)/g)];
      assert.deepEqual(
        shares.map(([, , bits]) => bits),
        ["50", "100", "200", "500"],
      );
      for (const [said, share] of shares) assert.ok(Number(share) >= 90, said);
      assert.ok((await curve.locator("canvas").count()) > 0, "the curve is drawn");
      await set(page, "bits", 20);
      assert.match(await curve.innerText(), /up to the 50 bits that it trains on/);
    }));

  it("shows what it thinks after every bit that one flips", () =>
    site.visit("device=cpu&task=parity&bits=8&strings=2000&hidden=16&epochs=20", async (page) => {
      await ready(page);
      await train(page);
      await shows(page, "story", "All 20 epochs are done.");
      // Guessing gets half of the bits right.
      assert.ok(Number.parseFloat(await textOf(page, "number-accuracy")) > 95, await textOf(page, "number-accuracy"));
      await press(page, "Bit 1: 1");
      await page.getByRole("button", { name: "Bit 1: 0" }).waitFor();
      await length(page, 12);
      await page.getByRole("button", { name: /^Bit 12:/ }).waitFor();
      await page.waitForFunction("document.querySelectorAll('.mark').length === 12");
      assert.equal(await page.locator(".mark.wrong").count(), 0, "it is right after every bit");
      const [said, truth] = await page.getByTestId("parity-answer").locator("strong").allInnerTexts();
      assert.equal(said, truth);
      await length(page, 7);
      await page.getByRole("button", { name: /^Bit 8:/ }).waitFor({ state: "detached" });
      await length(page, 9_999);
      await page.getByRole("button", { name: /^Bit 500:/ }).waitFor();
      assert.equal(await page.getByTestId("parity-card").getByLabel("Bits", { exact: true }).inputValue(), "500");
      await page.waitForFunction("document.querySelectorAll('.mark').length === 500");
      await page.setViewportSize({ width: 360, height: 740 });
      const width = await page.evaluate("document.documentElement.scrollWidth");
      assert.equal(width, 360, `the page is ${width} pixels wide`);
    }));

  it("counts ones, and says even or odd from what it counted", () =>
    site.visit(
      "device=cpu&task=parity&framing=count&lengths=fixed&bits=8&strings=2000&epochs=40&batch=50",
      async (page) => {
        await ready(page);
        await train(page);
        await shows(page, "story", "All 40 epochs are done. It counts the ones right after");
        // Who always says the commonest count after each bit is right after 37 % of them.
        const accuracy = Number.parseFloat(await textOf(page, "number-accuracy"));
        assert.ok(accuracy > 90, `${accuracy} %`);
        const counted = (await page.locator(".counted").allInnerTexts()).map(Number);
        assert.deepEqual(counted, [1, 1, 2, 3, 3, 3, 4], "the ones of 1011001");
        await shows(page, "parity-answer", /It counts 4, which is even, .* In truth it is 4, even\./);
      },
    ));

  it("takes a preset's settings, the lesson's among them", () =>
    site.visit("device=cpu&task=parity&strings=200", async (page) => {
      await ready(page);
      await page.getByLabel("Preset").selectOption("As in the lesson");
      await shows(page, "network-size", "1,899 parameters");
      await shows(page, "data-name", "Random strings of 50 bits");
      assert.equal(await page.locator("#setting-growth").count(), 0, "nothing grows");
      await page.getByLabel("Preset").selectOption("Curriculum");
      await shows(page, "data-name", "Random strings of 1 to 200 bits");
      assert.equal(await page.locator("#setting-growth").inputValue(), "3");
      await set(page, "strings", 100);
      await press(page, "Step");
      await shows(page, "story", "Paused at step 1.");
    }));
});

/**
 * The share of 10,000 fresh strings of so many bits that it gets right, in per cent.
 * @param {import("playwright-core").Page} page
 * @param {number} bits
 */
async function accuracy(page, bits) {
  const box = page.getByLabel("of bits");
  await box.fill(String(bits));
  await box.press("Enter");
  await press(page, "Try 10,000 strings");
  const result = page.locator('[data-testid="fresh-accuracy"][data-strings="10000"]', {
    hasText: `strings of ${bits} bits`,
  });
  await result.waitFor();
  return Number.parseFloat(await result.innerText());
}

/**
 * Changes the number of bits to judge.
 * @param {import("playwright-core").Page} page
 * @param {number} bits
 */
async function length(page, bits) {
  const box = page.getByTestId("parity-card").getByLabel("Bits", { exact: true });
  await box.fill(String(bits));
  await box.press("Enter");
}
