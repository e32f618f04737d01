// Text generation on the page: it learns a small text, writes, stops and goes on, keeps a diary, and mixes styles.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { isAccessible, openSite, press, reaches, ready, set, shows, textOf, train } from "./page.mjs";

/** @typedef {import("playwright-core").Page} Page */

const TASK = "device=cpu&task=generation";
/** Learns what follows within seconds. */
const SMALL = `${TASK}&hidden=32&batch=8&window=32&learning_rate=0.01&sample_every=20&sample_length=60`;

/**
 * Sentences of a few words in no simple order.
 * @param {string[]} nouns
 */
const book = (nouns) =>
  Array.from({ length: 300 }, (_, i) => {
    const pick = (/** @type {string[]} */ words, /** @type {number} */ by) =>
      words[(i * i * by + (i >> 2)) % words.length];
    return `The ${pick(nouns, 1)} ${pick(["sees", "finds", "takes"], 5)} a ${pick(["red", "green", "blue"], 7)} ${pick(nouns, 11)}.\n`;
  }).join("");
const ANIMALS = book(["cat", "dog", "mouse"]);
const TOOLS = book(["SAW", "NAIL", "AXE"]);

/**
 * @param {Page} page
 * @param {Record<string, string>} files by name
 */
const load = (page, files) =>
  page
    .getByTestId("file-input")
    .setInputFiles(
      Object.entries(files).map(([name, text]) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) })),
    );

/**
 * Loads texts, and waits until they are there.
 * @param {Page} page
 * @param {Record<string, string>} files by name
 */
async function open(page, files) {
  await ready(page);
  await load(page, files);
  await shows(page, "data-name", Object.keys(files).join(" and "));
}

/**
 * What it has written so far, with what it began with.
 * @param {Page} page
 */
const written = (page) => page.getByTestId("written").evaluate((element) => element.textContent ?? "");

/**
 * Stops it as soon as it has written so many characters: in the page itself, for it is quick.
 * @param {Page} page
 * @param {number} length
 */
const stopAt = (page, length) =>
  page.waitForFunction((length) => {
    const stop = [...document.querySelectorAll("button")].find((button) => button.textContent === "Stop writing");
    const text = document.querySelector('[data-testid="written"]')?.textContent ?? "";
    if (!stop || text.length < length) return false;
    stop.click();
    return true;
  }, length);

/**
 * Writes so much, and stops.
 * @param {Page} page
 * @param {string} seed
 * @param {number} length
 */
async function write(page, seed, length) {
  await page.getByLabel("Begin with").fill(seed);
  await press(page, "Write");
  await stopAt(page, length);
  return written(page);
}

/**
 * The figure of a row in the table of bits.
 * @param {Page} page
 * @param {string | RegExp} name
 */
async function bits(page, name) {
  const row = page.getByTestId("bits").locator("tr").filter({ hasText: name });
  return Number.parseFloat(await row.locator("td").first().innerText());
}

describe("text generation", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  it("learns a text, writes like it, stops, goes on, and shows how it came about", () =>
    site.visit(`${SMALL}&epochs=8`, async (page) => {
      await open(page, { "animals.txt": ANIMALS });
      const scribble = await write(page, "The cat", 200);
      assert.match(scribble, /^The cat/);
      assert.ok(!scribble.includes("finds a"), "it knows nothing yet");

      await train(page);
      await shows(page, "train", "Train longer");
      // What each character is, and how often it comes, costs four bits; the network must know the words.
      const network = await bits(page, "The network");
      const [single, counted] = [await bits(page, "single characters"), await bits(page, "in a row")];
      assert.ok(single > 3.5 && counted < single, `${single} ${counted}`);
      assert.ok(network < 1, `${network} bits per character`);
      await isAccessible(page, "trained");

      const text = await write(page, "The cat ", 400);
      assert.match(text, /(sees|finds|takes) a (red|green|blue) (cat|dog|mouse)\.\nThe/);
      await shows(page, "by-heart", /word for word: \d+ characters/);
      const marked = await page.locator("mark.verbatim").allTextContents();
      assert.ok(marked.length > 0 && marked.every((stretch) => stretch.length >= 20), JSON.stringify(marked));

      await press(page, "Go on");
      await stopAt(page, text.length + 100);
      const longer = await written(page);
      assert.ok(longer.startsWith(text), "what was written stays");
      await page.waitForTimeout(300);
      assert.equal(await written(page), longer, "stopped is stopped");

      const saving = page.waitForEvent("download");
      await press(page, "Save");
      assert.equal(readFileSync(await (await saving).path(), "utf8"), longer);

      await page.evaluate(
        "navigator.clipboard.writeText = () => Promise.reject(new DOMException('', 'NotAllowedError'))",
      );
      await press(page, "Copy");
      await shows(page, "notice", "The browser does not let the page copy.");

      await page.getByLabel("Colour by surprise").check();
      assert.equal(await written(page), longer);
      await isAccessible(page, "coloured");

      const slider = page.getByLabel(/^After step/);
      const last = await textOf(page, "diary-text");
      await slider.fill("0");
      const first = await textOf(page, "diary-text");
      assert.notEqual(first, last);
      const [seed] = await page.locator('[data-testid="diary-text"] .seed').allTextContents();
      assert.ok(seed && last.startsWith(seed), "all entries begin alike");
    }));

  it("marks a text whose network is gone", () =>
    site.visit(`${SMALL}&epochs=1`, async (page) => {
      await open(page, { "animals.txt": ANIMALS });
      await write(page, "The cat", 30);
      assert.equal(await page.getByTestId("not-its-own").count(), 0);
      await set(page, "hidden", 16);
      await shows(page, "not-its-own", "The network that wrote this is gone.");
      assert.ok(await page.getByRole("button", { name: "Go on" }).isDisabled());
      await write(page, "The dog", 30);
      assert.equal(await page.getByTestId("not-its-own").count(), 0);
    }));

  it("names what it does not know of the beginning", () =>
    site.visit(`${SMALL}&epochs=1`, async (page) => {
      await open(page, { "animals.txt": ANIMALS });
      await write(page, "The Ωmega", 50);
      await shows(page, "unknown-tokens", /^Ω m? ?– .*characters? that it does not know, left out/);
    }));

  it("learns two files as two styles, and writes in the one that is asked for", () =>
    site.visit(`${SMALL}&epochs=8`, async (page) => {
      await open(page, { "animals.txt": ANIMALS, "tools.txt": TOOLS });
      await train(page);
      await shows(page, "train", "Train longer");
      assert.equal(await page.getByTestId("diary-text").count(), 2, "a sample in each style");
      const styles = page.getByTestId("styles").getByRole("slider");
      assert.match(await write(page, "The ", 400), /cat|dog|mouse/);
      await styles.nth(0).fill("0");
      await styles.nth(1).fill("100");
      const tools = await write(page, "The ", 400);
      assert.match(tools, /SAW|NAIL|AXE/);
      assert.doesNotMatch(tools, /mouse/);
      await isAccessible(page, "two styles");
    }));

  it("says in a sentence what is wrong with a text", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      await load(page, { "short.txt": "Too short." });
      await page.getByText("short.txt holds 10 characters; a text to learn from needs 40 at least.").first().waitFor();
      await set(page, "window", 64);
      await load(page, { "line.txt": "Nine and forty characters are barely a text, yet." });
      const sentence = /The text to train on has \d+ tokens, too few for a sequence of 64/;
      await page.getByText(sentence).first().waitFor();
      await set(page, "window", 5);
      await ready(page);
      await set(page, "presentation", "windows");
      await ready(page);
      await train(page);
      await reaches(page, 2);
    }));

  it("has its book and the presets of the lesson", () =>
    site.visit(TASK, async (page) => {
      await ready(page);
      await shows(page, "data-name", "moby-dick.txt");
      await page.getByLabel("Preset").selectOption("As in the lesson: 20 words");
      await shows(page, "preset-about", /hours an epoch/);
      await page.getByLabel("Preset").selectOption("As in the lesson: 40 characters");
      await page.waitForFunction(() => /window=40|presentation=windows/.test(location.hash));
      await ready(page);
      await train(page);
      await press(page, "Pause");
    }));
});
