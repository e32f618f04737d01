// Lessons: made in the page, opened from their link, and held to.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { zlibSync } from "fflate";
import { isAccessible, openSite, openTask, press, ready, set, shows, textOf, train } from "./page.mjs";

/**
 * The part of a link that holds a lesson.
 * @param {object} lesson
 */
const packed = (lesson) =>
  `lesson=${Buffer.from(zlibSync(new TextEncoder().encode(JSON.stringify(lesson)))).toString("base64url")}`;

/** @param {import("playwright-core").Page} page */
const hashOf = (page) => new URLSearchParams(new URL(page.url()).hash.slice(1));

/** @param {import("playwright-core").Page} page */
const lessonOf = async (page) => (await page.getByTestId("lesson").count()) > 0;

const PARITY = "v=1&device=cpu&task=parity&bits=8&strings=1000&hidden=12";

describe("lessons", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite();
    await site.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  });
  after(() => site?.close());

  it("are made in the page, and open as they were made", async () => {
    let link = "";
    await site.visit(PARITY, async (page) => {
      await ready(page);
      await press(page, "Share");
      await page.getByLabel("For a class: as a lesson").check();
      await page.getByTestId("teach").getByLabel("Title").fill("How long does it remember?");
      await page.getByTestId("teach").getByLabel("Text, with").fill("First.\n\n<img src=x onerror=window.broken=1>");
      const teach = page.getByTestId("teach");
      for (const task of ["Translator", "Writer", "Chat", "Classifier", "Word vectors"]) {
        await teach.getByLabel(task, { exact: true }).uncheck();
      }
      assert.ok(await teach.getByLabel("Parity", { exact: true }).isDisabled());
      await teach.getByText("Network", { exact: true }).click();
      await teach.getByLabel("Hidden size").selectOption("fixed");
      await teach.getByLabel("Cell", { exact: true }).selectOption("hidden");
      await teach.getByText("How it trains", { exact: true }).click();
      await teach.getByLabel("All of “How it trains”").selectOption("hidden");
      await teach.getByText("Parts of the page", { exact: true }).click();
      await teach.getByLabel("Choice of the device").selectOption("fixed");
      await teach.getByLabel("The network, layer by layer").selectOption("hidden");
      await shows(page, "teach", "1 fixed, 1 hidden");
      await shows(page, "teach", "all hidden");
      await shows(page, "link-holds", "The lesson: its title and text");
      await isAccessible(page, "the dialog");
      await press(page, "Copy link");
      await page.getByText("Copied.", { exact: true }).waitFor();
      link = await page.evaluate(() => navigator.clipboard.readText());
      // The lesson is in the link only: the page of the teacher stays as it is.
      await press(page, "Close: Share");
      assert.equal(await lessonOf(page), false);
      assert.equal(hashOf(page).get("lesson"), null);
      // What was written is still there.
      await press(page, "Share");
      await page.getByLabel("For a class: as a lesson").check();
      assert.equal(await page.getByTestId("teach").getByLabel("Title").inputValue(), "How long does it remember?");
    });
    assert.ok(link.length < 600, `${link.length} characters: ${link}`);
    await site.visit(link.slice(site.url.length + 1), async (page) => {
      await page.getByTestId("parity-card").waitFor();
      await shows(page, "lesson", "How long does it remember?");
      assert.deepEqual(await page.getByTestId("lesson").locator("p").allInnerTexts(), [
        "First.",
        "<img src=x onerror=window.broken=1>",
      ]);
      assert.equal(await page.evaluate("window.broken"), undefined);
      assert.equal(await page.locator("#setting-hidden").inputValue(), "12");
      assert.ok(await page.locator("#setting-hidden").isDisabled());
      assert.ok(await page.getByTestId("setting-hidden-slider").isDisabled());
      assert.ok(await page.locator("#device").isDisabled());
      assert.equal(await page.locator("#setting-cell").count(), 0);
      assert.ok(await page.locator("#setting-layers").isEnabled());
      assert.equal(await page.getByTestId("settings-training").count(), 0);
      assert.equal(await page.getByTestId("summary").count(), 0);
      assert.equal(await page.getByTestId("task-switch").count(), 0);
      assert.equal(await page.getByTestId("notice").count(), 0);
      await isAccessible(page, "the lesson");

      await page.reload();
      await shows(page, "lesson", "How long does it remember?");
      await press(page, "Show all controls");
      await shows(page, "lesson", "All controls are shown.");
      assert.ok(await page.locator("#setting-hidden").isEnabled());
      assert.equal(await page.locator("#setting-cell").count(), 1);
      assert.equal(await page.getByTestId("task-switch").locator("label").count(), 6);
      await ready(page);
      assert.ok(hashOf(page).get("lesson"), "a reload returns to the lesson");
      await press(page, "Close the lesson");
      await page.getByTestId("lesson").waitFor({ state: "detached" });
      await page.waitForFunction("!location.hash.includes('lesson=')");
      assert.equal(hashOf(page).get("hidden"), "12", "the settings stay");
    });
  });

  it("hold what they fix against presets, and go back to their own start", () =>
    site.visit(`${PARITY}&layers=2&${packed({ fixed: ["hidden"], hidden: ["seed"] })}`, async (page) => {
      await ready(page);
      const presets = await page.locator("#preset option").allInnerTexts();
      const other = /** @type {string} */ (
        presets.find((name) => !["Recommended", "Your own settings"].includes(name))
      );
      await page.locator("#preset").selectOption({ label: other });
      await shows(page, "notice", "They stay as they are: Hidden size.");
      assert.equal(await page.locator("#setting-hidden").inputValue(), "12");
      assert.equal(hashOf(page).get("hidden"), "12");
      await press(page, "Reset all");
      await page.waitForFunction("document.querySelector('#setting-layers').value === '2'");
      assert.equal(await page.locator("#setting-strings").inputValue(), "1000", "the lesson's, not the page's");
      await press(page, "Show all controls");
      await press(page, "Reset all");
      await page.waitForFunction("document.querySelector('#setting-hidden').value !== '12'");
    }));

  it("offer some tasks only, and settings stay fixed in each", () =>
    site.visit(`${PARITY}&${packed({ tasks: ["parity", "chat"], fixed: ["hidden"] })}`, async (page) => {
      await ready(page);
      const tabs = await page.getByTestId("task-switch").locator("label").allInnerTexts();
      assert.deepEqual(
        tabs.map((tab) => tab.trim()),
        ["Parity", "Chat"],
      );
      await openTask(page, "Chat");
      await page.getByTestId("chat-card").waitFor();
      assert.ok(await page.locator("#setting-hidden").isDisabled());
      assert.ok(await lessonOf(page));
    }));

  it("keep their data, whatever is dropped", () =>
    site.visit(`device=cpu&pairs=200&${packed({ fixed: ["panel:data"] })}`, async (page) => {
      await ready(page);
      assert.ok(await page.getByRole("button", { name: "Open files …" }).isDisabled());
      assert.ok(await page.locator("#setting-source_column").isDisabled());
      const before = await textOf(page, "data-name");
      await page.evaluate(() => {
        const data = new DataTransfer();
        data.items.add(new File(["one\tuno\ntwo\tdos\n"], "own.tsv"));
        dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
      });
      await shows(page, "notice", "The lesson has its own data");
      assert.equal(await textOf(page, "data-name"), before);
    }));

  it("hold the number of epochs against “Train longer”", () =>
    site.visit(`${PARITY}&strings=100&epochs=1&patience=0&${packed({ fixed: ["epochs"] })}`, async (page) => {
      await ready(page);
      await press(page, "Train");
      await page.getByRole("button", { name: "Train longer" }).waitFor();
      assert.ok(await page.getByRole("button", { name: "Train longer" }).isDisabled());
      await press(page, "Show all controls");
      await press(page, "Train longer");
      await page.waitForFunction("document.querySelector('#setting-epochs').value === '11'");
    }));

  it("ask before they end a run, and make way for a link without one", () =>
    site.visit(PARITY, async (page) => {
      await ready(page);
      await train(page);
      const follow = (/** @type {string} */ hash) =>
        page.evaluate((value) => {
          location.hash = value;
        }, hash);
      const lesson = `${PARITY}&layers=2&${packed({ title: "Two layers", fixed: ["layers"] })}`;
      await follow(lesson);
      await shows(page, "question", "Open the link?");
      await press(page, "Keep");
      assert.equal(await lessonOf(page), false);
      await page.waitForFunction("!location.hash.includes('lesson=')");
      await follow(lesson);
      await press(page, "Start new");
      await shows(page, "lesson", "Two layers");
      assert.equal(await page.locator("#setting-layers").inputValue(), "2");
      await follow(`${PARITY}&layers=3`);
      await shows(page, "notice", "The link that you opened has none.");
      assert.equal(await lessonOf(page), false);
      assert.equal(await page.locator("#setting-layers").inputValue(), "3");
      await page.goBack();
      await shows(page, "lesson", "Two layers");
      assert.equal(await page.locator("#setting-layers").inputValue(), "2");
      assert.ok(await page.locator("#setting-layers").isDisabled());
    }));

  it("that are damaged, or of another page, are left out or said", async () => {
    await site.visit(`${PARITY}&${packed({ title: "Cut" }).slice(0, -6)}`, async (page) => {
      await ready(page);
      await shows(page, "notice", "The lesson in the link is cut off");
      assert.equal(await lessonOf(page), false);
      assert.equal(await page.locator("#setting-hidden").inputValue(), "12");
      assert.equal(hashOf(page).get("lesson"), null);
    });
    await site.visit(`${PARITY}&${packed({ title: "New", fixed: ["hidden", "warp"], music: 1 })}`, async (page) => {
      await ready(page);
      await shows(page, "notice", "leaves out: warp, music.");
      await shows(page, "lesson", "New");
      assert.ok(await page.locator("#setting-hidden").isDisabled());
    });
  });

  it("can be changed and passed on", () =>
    site.visit(`${PARITY}&${packed({ title: "Old", text: "Text.", hidden: ["cell"] })}`, async (page) => {
      await ready(page);
      await press(page, "Share");
      assert.ok(await page.getByLabel("For a class: as a lesson").isChecked());
      assert.equal(await page.getByTestId("teach").getByLabel("Title").inputValue(), "Old");
      await page.getByTestId("teach").getByLabel("Title").fill("New");
      const opened = page.waitForEvent("popup");
      await page.getByRole("link", { name: "Try it in a new tab" }).click();
      const tab = await opened;
      await shows(tab, "lesson", "New");
      await shows(tab, "lesson", "Text.");
      await set(tab, "hidden", 9);
      assert.equal(await tab.locator("#setting-cell").count(), 0);
      await tab.close();
    }));
});
