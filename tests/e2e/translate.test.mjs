// Asking the network: before, during and after training, and a look into how an answer came about.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  openSite,
  press,
  reaches,
  ready,
  SMALL,
  set,
  shows,
  stepOf,
  textOf,
  train,
  translate,
  translation,
} from "./page.mjs";

describe("translating", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  it("works before, during and after training, and follows it", () =>
    // The whole phrase book: an epoch long enough to be seen.
    site.visit("epochs=1000&patience=0", async (page) => {
      await ready(page);
      assert.equal(await page.getByLabel("Your sentence").inputValue(), "Hello.", "the first sentence stands ready");
      await shows(page, "translate-state", "not trained yet: it can only guess");
      const untrained = await translate(page, "Good morning.");
      assert.ok(untrained.length > 0);
      await shows(page, "train", "Train");

      await train(page);
      await shows(page, "translate-state", "in its first epoch");
      const before = await stepOf(page);
      await translate(page, "Thank you.");
      await shows(page, "translate-state", /after \d+ epochs/);
      await reaches(page, before + 1);
      await page.waitForFunction(
        (text) => document.querySelector('[data-testid="translation"]')?.textContent !== text,
        untrained,
      );

      await press(page, "Pause");
      const answer = await translate(page, "Good morning.");
      const paused = await stepOf(page);
      assert.equal(await translate(page, "Good morning."), answer, "the same network says the same");
      assert.equal(await stepOf(page), paused);

      await page.getByLabel("Your sentence").fill("");
      await page.getByRole("button", { name: "Translate", exact: true }).waitFor();
      assert.equal(await page.getByTestId("attention").count(), 0);
    }));

  it("shows candidates, probabilities and attention", () =>
    site.visit(`${SMALL}&beam=4`, async (page) => {
      await ready(page);
      await train(page);
      await reaches(page, 200);
      await press(page, "Pause");
      await translate(page, "How are you?");

      const candidates = page.getByTestId("candidates").getByRole("button");
      assert.equal(await candidates.count(), 4);
      const scores = (await candidates.locator(".muted").allInnerTexts()).map(Number);
      assert.ok(scores.every((score) => score < 0));
      assert.deepEqual(
        scores,
        scores.toSorted((a, b) => b - a),
        "the best first",
      );
      const second = await candidates.nth(1).locator("span").first().innerText();
      await candidates.nth(1).click();
      assert.equal(await translation(page), second);

      const words = page.getByTestId("translation").getByRole("button");
      await words.first().focus();
      const alternatives = page.getByTestId("alternatives").locator("li");
      assert.equal(await alternatives.count(), 5);
      const shares = (await alternatives.locator(".number").allInnerTexts()).map(Number.parseFloat);
      assert.ok(shares.reduce((sum, share) => sum + share, 0) <= 100.3);
      const [word] = await words.allInnerTexts();
      await shows(page, "alternatives", `In the place of “${word}”`);

      const attention = page.getByTestId("attention");
      const source = await attention.locator("thead th").allInnerTexts();
      assert.deepEqual(source, ["How", "are", "you", "?"]);
      const rows = await attention.locator("tbody tr").all();
      assert.equal(rows.length, await words.count());
      for (const row of rows) {
        const weights = (await row.locator("td .hidden").allTextContents()).map(Number.parseFloat);
        assert.equal(weights.length, source.length);
        const sum = weights.reduce((total, weight) => total + weight, 0);
        assert.ok(Math.abs(sum - 100) <= source.length, `the weights of a row sum to ${sum} %`);
      }
      await words.last().hover();
      assert.match((await rows.at(-1)?.getAttribute("class")) ?? "", /chosen/);

      await set(page, "beam", 1);
      await page.getByTestId("candidates").waitFor({ state: "detached" });
      await page.locator('[data-testid="translation"][data-done="true"]').waitFor();
    }));

  it("has no heat map without attention", () =>
    site.visit(`${SMALL}&attention=none`, async (page) => {
      await ready(page);
      await translate(page, "Good morning.");
      await page.getByTestId("alternatives").waitFor();
      assert.equal(await page.getByTestId("attention").count(), 0);
    }));

  it("marks words that it does not know", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      await translate(page, "How are zyzzyva?");
      await shows(page, "unknown-words", "the marked word is not in the vocabulary");
      assert.deepEqual(await page.getByTestId("unknown-words").locator(".unknown").allInnerTexts(), ["zyzzyva"]);
      await translate(page, "How are you?");
      assert.equal(await page.getByTestId("unknown-words").count(), 0);
    }));

  it("shows markup as the text that it is", () =>
    site.visit(SMALL, async (page) => {
      const markup = '<img src="x" onerror="window.broken=1">';
      await ready(page);
      const lines = ["one\tuno", "two\tdos", "three\ttres", "four\tcuatro"];
      await page.getByTestId("file-input").setInputFiles({
        name: "<b>markup</b>.tsv",
        mimeType: "text/plain",
        buffer: Buffer.from([`${markup}\t${markup}`, ...lines, markup].join("\n")),
      });
      await shows(page, "data-name", "<b>markup</b>.tsv");
      await shows(page, "first-rows", markup);
      await page.getByTestId("rejected").locator("summary").click();
      await shows(page, "rejected", markup);
      await train(page);
      await page.getByTestId("samples").waitFor();
      await translate(page, markup);
      await shows(page, "attention", "onerror");
      assert.equal(await page.locator("main img, main b").count(), 0);
      assert.equal(await page.evaluate("window.broken"), undefined);
    }));

  it("takes text of any direction and any length", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      await page.getByTestId("file-input").setInputFiles({
        name: "hebrew.tsv",
        mimeType: "text/plain",
        buffer: Buffer.from("good morning\tבוקר טוב\ngood night\tלילה טוב\nthank you\tתודה רבה\nhello\tשלום\n"),
      });
      await shows(page, "data-name", "hebrew.tsv");
      await train(page);
      await reaches(page, 150);
      await press(page, "Pause");
      await translate(page, "good night");
      const direction = (/** @type {string} */ selector) =>
        page.locator(selector).evaluate((element) => getComputedStyle(element).direction);
      assert.equal(await direction('[data-testid="translation"]'), "rtl");
      assert.equal(await direction("#source-text"), "ltr");
      await press(page, "Swap direction");
      await press(page, "Start new");
      await reaches(page, 1);
      await translate(page, "שלום");
      assert.equal(await direction("#source-text"), "rtl");

      await translate(page, "word ".repeat(150));
      await shows(page, "unknown-words", "150 marked words");
      await translate(page, "\u{1F600} \u200d \u0301");
      await page.getByLabel("Your sentence").fill("   ");
      await page.getByRole("button", { name: "Translate", exact: true }).waitFor();
      assert.equal(await page.getByTestId("notice").count(), 0);
      assert.notEqual(await textOf(page, "number-loss"), "–");
    }));
});
