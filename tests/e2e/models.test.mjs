// Models as files: opened without their data or with it, asked, trained on; and files that are none.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { root } from "../../scripts/steps.mjs";
import { openSite, openTask, press, reaches, ready, SMALL, shows, stepOf, textOf, train, translate } from "./page.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** Models in the middle of their second epoch, written by an earlier version of the project. */
const saved = (/** @type {string} */ task, version = 1) =>
  join(root, `tests/native/files/v${version}-${task}.safetensors`);

/** What each was trained on, and asked and answered when it was saved. */
const record = (/** @type {string} */ task) =>
  JSON.parse(readFileSync(join(root, `tests/native/files/v1-${task}.json`), "utf8"));

/**
 * @param {Page} page
 * @param {string | { name: string, mimeType: string, buffer: Buffer }} file
 */
const open = (page, file) => page.getByTestId("model-input").setInputFiles(file);

describe("models in files", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  for (const [task, tab] of [
    ["translation", "Translator"],
    ["generation", "Writer"],
    ["chat", "Chat"],
    ["classification", "Classifier"],
    ["vectors", "Word vectors"],
  ]) {
    it(`of ${task} open from any task, say what they are, and are trained on with other data or their own`, () =>
      site.visit("device=cpu&task=parity", async (page) => {
        await ready(page);
        await open(page, saved(task));
        await shows(page, "story", /A trained network is open: \d+ steps on data that is not here/);
        await page.getByRole("radio", { name: tab, checked: true }).waitFor();
        assert.equal(
          await page.locator("#setting-hidden").or(page.locator("#setting-embedding")).first().inputValue(),
          "4",
        );
        assert.equal(await page.getByTestId("notice").count(), 0);

        // Other data: a new run, with the weights and the words of the model.
        const { data } = record(task);
        const load = async (/** @type {string} */ name, /** @type {string} */ text) => {
          await page
            .getByTestId("file-input")
            .setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
          await shows(page, "data-name", name);
        };
        await load("other.txt", data.replaceAll("book", "brook"));
        await press(page, "Train on");
        await shows(page, "stage-training", "done: epoch 5 of 5");
        assert.equal(await page.getByTestId("question").count(), 0);

        // The very data: the run itself, where it was.
        await open(page, saved(task));
        await press(page, "Open it");
        await shows(page, "story", "A trained network is open");
        await load(`${task}.txt`, data);
        await shows(page, "story", /Paused at step \d+/);
        await press(page, "Resume");
        await shows(page, "stage-training", "done: epoch 5 of 5");
      }));
  }

  it("answer as they did when they were saved", () =>
    site.visit("device=cpu", async (page) => {
      await ready(page);
      await open(page, saved("translation"));
      await shows(page, "story", "A trained network is open");
      const { question, answer } = record("translation");
      const found = await translate(page, question.text);
      assert.ok(found.startsWith(answer.hypotheses[0].text.split(" ")[0]), found);
    }));

  it("go on where they were where their data comes with the page", () =>
    site.visit("device=cpu&task=parity", async (page) => {
      await ready(page);
      await open(page, saved("parity"));
      await shows(page, "story", "Paused at step 21");
      await press(page, "Resume");
      await shows(page, "stage-training", "done: epoch 5 of 5");
    }));

  it("are asked about where they would end a run", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      await train(page);
      await reaches(page, 5);
      await press(page, "Pause");
      await open(page, saved("chat", 2));
      await shows(page, "question", "Open v2-chat.safetensors?");
      await press(page, "Keep");
      assert.ok((await stepOf(page)) >= 5);
      await open(page, saved("chat", 2));
      await press(page, "Open it");
      await shows(page, "story", "A trained network is open: 9 steps on chat.txt");
      // Its file has all of it: there is nothing to lose.
      await openTask(page, "Translator");
      await ready(page);
      assert.equal(await page.getByTestId("question").count(), 0);
    }));

  it("survive a crash", () =>
    site.visit("device=cpu", async (page) => {
      await ready(page);
      await open(page, saved("translation"));
      await shows(page, "story", "A trained network is open");
      const before = await translate(page, "the red dog");
      await page.workers()[0]?.evaluate(() => {
        setTimeout(() => {
          throw new Error("broken on purpose");
        });
      });
      await shows(page, "notice", "Something failed");
      await shows(page, "stage-device", "open");
      assert.equal(await translate(page, "the red dog"), before);
      assert.match(await textOf(page, "story"), /A trained network is open/);
    }));

  it("are trained on with the columns that are chosen, and claim no licence for it", () =>
    site.visit("device=cpu", async (page) => {
      await ready(page);
      await open(page, saved("translation"));
      await shows(page, "story", "A trained network is open");
      const lines = record("translation").data.trim().split("\n");
      const text = lines
        .map((/** @type {string} */ line, /** @type {number} */ i) => `number ${i}\t${line}`)
        .join("\n");
      const file = { name: "numbered.tsv", mimeType: "text/plain", buffer: Buffer.from(text) };
      await page.getByTestId("file-input").setInputFiles(file);
      await shows(page, "data-name", "numbered.tsv");
      await page.getByLabel("into").selectOption("3");
      await page.getByLabel("Translate from").selectOption("2");
      await shows(page, "first-rows", lines[0].split("\t")[0]);
      assert.equal(await page.getByTestId("question").count(), 0);
      await press(page, "Train on");
      await shows(page, "stage-training", "done: epoch 5 of 5");
      assert.equal(await page.getByTestId("question").count(), 0);
      assert.equal(await page.getByLabel("Translate from").inputValue(), "2");
      assert.equal(await page.getByLabel("Licence of its data").inputValue(), "");
    }));

  it("stay when other data takes the place of the data that they came with", () =>
    site.visit("device=cpu&demo=translation", async (page) => {
      await shows(page, "story", "is open");
      const file = { name: "own.tsv", mimeType: "text/plain", buffer: Buffer.from(record("translation").data) };
      await page.getByTestId("file-input").setInputFiles(file);
      await shows(page, "data-name", "own.tsv");
      await shows(page, "story", "“Phrases from English to Spanish” is open");
      await press(page, "Train on");
      await shows(page, "number-loss", /\d/);
    }));

  it("are not lost to a question that is asked while they are opened", () =>
    site.visit("device=cpu", async (page) => {
      await ready(page);
      await page.getByLabel("Your sentence").fill("the red dog");
      const asking = page.evaluate(async () => {
        const box = /** @type {HTMLTextAreaElement} */ (document.querySelector("textarea"));
        for (let i = 0; i < 200; i++) {
          box.value = `the red dog${" ".repeat(i % 2)}`;
          box.dispatchEvent(new Event("input", { bubbles: true }));
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      });
      await open(page, saved("translation"));
      await shows(page, "story", "A trained network is open");
      await asking;
      await shows(page, "story", "A trained network is open");
      assert.equal(await translate(page, "the red dog"), await translate(page, "the red dog"));
    }));

  it("that are none, or damaged, or too new get a sentence, and what was there stays", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      await train(page);
      await press(page, "Pause");
      const whole = readFileSync(saved("translation", 2));
      const newer = Buffer.from(whole);
      newer[newer.indexOf('\\"version\\":2') + '\\"version\\":'.length] = "9".charCodeAt(0);
      const foreign = Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from("{}")]);
      const huge = Buffer.from(whole);
      huge.fill(0xff, 0, 8);
      // A weight that is no number, found only when the network is made.
      const poisoned = readFileSync(saved("parity", 2));
      poisoned.fill(0xff, 8 + Number(poisoned.readBigUInt64LE()));
      for (const [name, buffer, words] of /** @type {const} */ ([
        ["cut.safetensors", whole.subarray(0, whole.length / 2), "no whole model"],
        ["empty.safetensors", Buffer.alloc(0), "no whole model"],
        ["picture.safetensors", Buffer.from("GIF89a, but not really a picture"), "no whole model"],
        ["huge.safetensors", huge, "no whole model"],
        ["foreign.safetensors", foreign, "not written by Unrolled"],
        ["newer.safetensors", newer, "newer Unrolled"],
        ["poisoned.safetensors", poisoned, "no numbers"],
      ])) {
        await open(page, { name, mimeType: "application/octet-stream", buffer });
        await shows(page, "notice", `Not opened: ${name}`);
        await shows(page, "notice", words);
      }
      assert.equal(await page.getByTestId("question").count(), 0);
      await page.getByRole("radio", { name: "Translator", checked: true }).waitFor();
      await shows(page, "data-name", "phrase book");
      await press(page, "Resume");
      await reaches(page, (await stepOf(page)) + 5);
    }));
});
