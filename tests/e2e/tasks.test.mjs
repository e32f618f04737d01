// What all tasks have in common: they open, with their own data and presets, and load nothing before.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openSite, openTask, press, ready, set, shows, textOf, train } from "./page.mjs";

/** The tasks of the page: the name on their tab, and the file that holds their part of the page. */
const TASKS = [
  ["Translator", "translate"],
  ["Parity", "parity"],
  ["Writer", "generation"],
  ["Chat", "chat"],
  ["Classifier", "classification"],
  ["Word vectors", "vectors"],
];

describe("the tasks", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  it("open one after the other, each with its data and its words, and load nothing before", () =>
    site.visit("device=cpu", async (page) => {
      /** @type {string[]} */
      const loaded = [];
      page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
      await ready(page);
      const tabs = await page.getByTestId("task-switch").locator("label").allInnerTexts();
      assert.deepEqual(
        tabs.map((tab) => tab.trim()),
        TASKS.map(([name]) => name),
      );
      for (const [name, view] of TASKS.slice(1)) {
        assert.ok(!loaded.some((path) => path.includes(`/${view}-`)), `${view} is loaded before it is opened`);
        await page
          .getByText(/** @type {string} */ (name), { exact: true })
          .first()
          .click();
        await page.getByRole("heading", { name, exact: true }).first().waitFor();
        await ready(page);
        assert.ok(
          loaded.some((path) => path.includes(`/${view}-`)),
          `${view} is loaded when it is opened: ${loaded}`,
        );
        await shows(page, "data-name", /\S/);
        await shows(page, "story", /\w+ \w+/);
        assert.equal(await page.getByTestId("notice").count(), 0, `${name} complains`);
      }
    }));

  it("train when Train is pressed before their data is there", () =>
    site.visit("device=cpu", async (page) => {
      await ready(page);
      await openTask(page, "Chat");
      await train(page);
      await shows(page, "number-different replies", /–|\d/);
    }));

  it("keep a file of the user's while another one is looked at", () =>
    site.visit("device=cpu", async (page) => {
      await ready(page);
      const lines = Array.from({ length: 20 }, (_, i) => `one ${i}\tuno ${i}`).join("\n");
      await page.getByTestId("file-input").setInputFiles({
        name: "own.tsv",
        mimeType: "text/plain",
        buffer: Buffer.from(lines),
      });
      await shows(page, "data-name", "own.tsv");
      await set(page, "hidden", 19);
      await openTask(page, "Parity");
      await page.getByTestId("parity-card").waitFor();
      await openTask(page, "Translator");
      await shows(page, "data-name", "own.tsv");
      assert.equal(await page.locator("#setting-hidden").inputValue(), "19", "settings stay as well");
    }));

  it("take all settings of a preset, and say when they are one's own", () =>
    site.visit("device=cpu&task=parity", async (page) => {
      await ready(page);
      const presets = await page.locator("#preset option").allInnerTexts();
      assert.ok(presets.length >= 2, `presets: ${presets}`);
      assert.equal(presets[0], "Recommended");
      await set(page, "hidden", 19);
      assert.equal(await page.locator("#preset").inputValue(), "");
      const before = await textOf(page, "preset-about");
      await page.locator("#preset").selectOption({ label: /** @type {string} */ (presets[1]) });
      await page.waitForFunction(
        (text) => document.querySelector('[data-testid="preset-about"]')?.textContent !== text,
        before,
      );
      assert.notEqual(await page.locator("#setting-hidden").inputValue(), "19");
      await page.locator("#preset").selectOption("Recommended");
      assert.equal(new URL(page.url()).hash, "#v=1&device=cpu&task=parity");
    }));

  it("ask before a preset ends a run", () =>
    site.visit("device=cpu&task=parity&bits=8&strings=1000", async (page) => {
      await ready(page);
      await train(page);
      await page.locator("#preset").selectOption("Recommended");
      await shows(page, "question", /Bits 8 → \d+/);
      await press(page, "Keep");
      assert.equal(await page.locator("#setting-bits").inputValue(), "8");
    }));
});
