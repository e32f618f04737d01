// Classification on the page: it learns the built-in reviews, shows how a verdict comes about, and takes labelled files.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { strToU8, zipSync } from "fflate";
import { isAccessible, openSite, press, ready, set, shows, textOf, train } from "./page.mjs";

const TASK = "device=cpu&task=classification";
/** Learns what follows within a second. */
const SMALL = `${TASK}&hidden=8&embedding=8&epochs=20&patience=0&learning_rate=0.02`;

/**
 * @param {string} name
 * @param {string | Uint8Array} content
 */
const file = (name, content) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(content) });

/**
 * @param {import("playwright-core").Page} page
 * @param {ReturnType<typeof file>[]} files
 */
const load = (page, files) => page.getByTestId("file-input").setInputFiles(files);

const moods = ["lovely", "awful", "strange"];
const names = ["good", "bad", "odd"];
/**
 * Reviews with their classes, one after the other.
 * @param {number} count
 * @param {number} [classes]
 */
const reviews = (count, classes = 2) =>
  Array.from({ length: count }, (_, i) => ({
    text: `Review ${i} of a ${moods[i % classes]} thing`,
    label: names[i % classes] ?? "",
  }));

/**
 * A number in a row of the report.
 * @param {import("playwright-core").Page} page
 * @param {string} name
 */
async function accuracy(page, name) {
  const row = page.getByTestId("accuracies").locator("li").filter({ hasText: name });
  return Number.parseFloat(await row.locator(".number").innerText());
}

/**
 * Waits until the report on show is about the network as it is, with training over.
 * @param {import("playwright-core").Page} page
 */
async function reported(page) {
  await shows(page, "train", "Train longer");
  await page.locator('[data-testid="report"][aria-busy="false"]').getByTestId("accuracies").waitFor();
}

describe("classification", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  it("learns the built-in reviews to a stated score, beside honest baselines", (t) =>
    site.visit(TASK, async (page) => {
      await ready(page);
      await shows(page, "data-name", "Reviews of phones");
      await shows(page, "data-facts", "1,000 of 1,000 texts");
      await shows(page, "classes", "negative");
      await shows(page, "classes", "500 texts");
      const started = performance.now();
      await train(page);
      await reported(page);
      t.diagnostic(`trained in ${((performance.now() - started) / 1000).toFixed(1)} s`);
      const [network, words, majority] = [
        await accuracy(page, "The network"),
        await accuracy(page, "Bag of words"),
        await accuracy(page, "Always"),
      ];
      t.diagnostic(`network ${network} %, bag of words ${words} %, majority ${majority} %`);
      // Half of the reviews have each class.
      assert.ok(majority < 55, `always the same class: ${majority} %`);
      assert.ok(network > 75, `the network: ${network} %`);
      assert.ok(words > 75 && words < 95, `the bag of words: ${words} %`);

      const cells = await page.getByTestId("confusion").locator("td.number").allInnerTexts();
      const counts = cells.map(Number);
      const texts = counts.reduce((sum, number) => sum + number, 0);
      const right = (counts[0] ?? 0) + (counts[3] ?? 0);
      assert.equal(cells.length, 4);
      assert.ok(Math.abs((100 * right) / texts - network) < 0.1, "matrix and accuracy agree");
      await shows(page, "class-scores", "positive");
      assert.equal(await page.getByTestId("mistakes").locator("tbody tr").count(), 10);

      await page.locator("#report-part").selectOption("test");
      await shows(page, "report", /Right answers out of (9\d|10\d)/);
      await isAccessible(page, "classification");
    }));

  it("shows the verdict move word by word", () =>
    site.visit(TASK, async (page) => {
      await ready(page);
      await train(page);
      await reported(page);
      const box = page.getByLabel("Your text");
      await box.fill("It works great. I love it!");
      await shows(page, "verdict", /It says positive, and is [\d.]+.% sure/);
      const words = page.getByTestId("read-words").getByRole("button");
      assert.deepEqual(await words.allInnerTexts(), ["It", "works", "great", ".", "I", "love", "it", "!"]);
      assert.equal((await page.getByTestId("read-words").innerText()).trim(), "It works great. I love it!");
      const shares = (await page.getByTestId("probabilities").locator(".number").allInnerTexts()).map(
        Number.parseFloat,
      );
      assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 100) < 0.2);

      await page.locator("#classify-step").fill("2");
      await shows(page, "verdict", "After 2 of 8 words it says");
      assert.equal(await words.nth(1).getAttribute("class"), "read-word  chosen ");
      await page.locator("#classify-step").press("End");
      await shows(page, "verdict", "It says positive");

      await box.fill("Terrible. It broke after a week, a waste of money and zyzzyva.");
      await shows(page, "verdict", "It says negative");
      assert.deepEqual(await page.getByTestId("read-words").locator(".unknown").allInnerTexts(), ["zyzzyva"]);

      await box.fill("<b>so</b> ".repeat(40));
      await shows(page, "classify-card", "words that are cut off");
      assert.equal(await page.locator("main b").count(), 0, "markup is text");
      await box.fill("  ");
      await page.getByRole("button", { name: "Ask", exact: true }).waitFor();

      const mistake = page.getByTestId("mistakes").getByRole("button").first();
      const wrong = await mistake.innerText();
      await mistake.click();
      await shows(page, "verdict", "It says");
      assert.equal(await box.inputValue(), wrong);
    }));

  it("finds text and class in a table, and lets the user choose others", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      const lines = reviews(60).map(({ text, label }, i) => `${i},${label},${i % 3},"${text}, it says"`);
      await load(page, [file("own.csv", ["id,sentiment,stars,review", ...lines].join("\n"))]);
      await shows(page, "data-name", "own.csv");
      await shows(page, "data-facts", "60 of 60 texts, 1 line left out");
      await shows(page, "classes", "good");
      assert.equal(await page.locator("#setting-text_column").inputValue(), "4");
      assert.equal(await page.locator("#setting-label_column").inputValue(), "2");
      await shows(page, "first-rows", "Review 0 of a lovely thing, it says");
      assert.equal(await page.getByLabel("Your text").inputValue(), "Review 0 of a lovely thing, it says");

      await page.locator("#setting-label_column").selectOption("3");
      await page.getByTestId("classes").locator("h3").nth(2).waitFor();
      assert.deepEqual(await page.getByTestId("classes").locator("h3").allInnerTexts(), ["0", "1", "2"]);
      await page.locator("#setting-label_column").selectOption("1");
      await shows(page, "data-card", "60 different classes are more than 50");
      await page.locator("#setting-label_column").selectOption("4");
      await shows(page, "data-card", /same column|different classes/);
      await page.locator("#setting-label_column").selectOption("2");
      await shows(page, "classes", "good");
      await train(page);
      await reported(page);
      assert.equal(await accuracy(page, "The network"), 100);
    }));

  it("takes a file or a folder for each class", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      const of = (/** @type {string} */ name) => reviews(60, 3).filter(({ label }) => label === name);
      const lines = (/** @type {string} */ name) =>
        of(name)
          .map(({ text }) => text)
          .join("\n");
      await load(
        page,
        names.map((name) => file(`${name}.txt`, lines(name))),
      );
      await shows(page, "data-name", "good + bad + odd");
      await shows(page, "data-facts", "60 of 60 texts");
      assert.deepEqual(await page.getByTestId("classes").locator("h3").allInnerTexts(), ["bad", "good", "odd"]);
      assert.equal(await page.locator("#setting-text_column").count(), 0, "there are no columns to choose");

      const entries = names.flatMap((name) =>
        of(name).map(({ text }, i) => [`set/${name}/${i}.txt`, strToU8(`${text},\n<br />a\tlong one.`)]),
      );
      await load(page, [file("set.zip", zipSync(Object.fromEntries(entries)))]);
      await shows(page, "data-name", "bad + good + odd");
      await shows(page, "data-facts", "60 of 60 texts");
      await shows(page, "encodings", "set (60 files): read as UTF-8");

      const folder = mkdtempSync(join(tmpdir(), "classes-"));
      for (const name of names) {
        mkdirSync(join(folder, name));
        for (const [i, { text }] of of(name).entries()) writeFileSync(join(folder, name, `${i}.txt`), text);
      }
      await page.getByTestId("folder-input").setInputFiles(folder);
      await shows(page, "encodings", /classes-\w+ \(60 files\): read as UTF-8/);
      rmSync(folder, { recursive: true });
      await train(page);
      await reported(page);
      assert.equal(await accuracy(page, "The network"), 100);
      assert.equal(await page.getByTestId("confusion").locator("td.number").count(), 9);
    }));

  it("says in a sentence what is wrong with data of no use", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      const table = (/** @type {number} */ count, /** @type {number} */ classes) =>
        reviews(count, classes)
          .map(({ text, label }) => `${text}\t${label}`)
          .join("\n");
      await load(page, [file("empty.tsv", "")]);
      await shows(page, "notice", "empty.tsv is empty. Use a table with a column of texts and one of classes");
      await press(page, /^Dismiss/);
      await load(page, [file("prose.txt", "Just a line.\nAnd one more.\n")]);
      await shows(page, "notice", "prose.txt has one column only. Each line needs a text, a tab and its class");
      await press(page, /^Dismiss/);
      for (const [name, text, says] of [
        ["one.tsv", table(1, 1), "No column of one.tsv looks like a label"],
        ["nine.tsv", table(9, 2), "nine.tsv holds 9 texts with a class; have 10 at least"],
        ["same.tsv", table(30, 1), "All texts of same.tsv have one class, “good” in column 2."],
      ]) {
        await load(page, [file(name ?? "", text ?? "")]);
        await shows(page, "notice", says ?? "");
        await shows(page, "data-name", "Reviews of phones");
        await press(page, /^Dismiss/);
      }
      await load(page, [file("ten.tsv", table(10, 2))]);
      await shows(page, "data-name", "ten.tsv");
      await train(page);
      await reported(page);
      await set(page, "validation_share", 0);
      await press(page, "Start new");
      await shows(page, "train", "Train longer");
      await shows(page, "report", "No text is held out: raise the share of this part.");
      assert.notEqual(await textOf(page, "number-loss"), "–");
    }));
});
