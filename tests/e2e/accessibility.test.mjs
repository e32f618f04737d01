// The page for everybody: by keyboard, on a phone, in the dark, read aloud.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isAccessible, openSite, openTask, press, reaches, ready, SMALL, set, shows, translate } from "./page.mjs";

describe("accessibility", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  it("has nothing for axe to complain of, light and dark, in every state", () =>
    site.visit(`${SMALL}&beam=3`, async (page) => {
      await isAccessible(page, "starting");
      await ready(page);
      for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
        await page.emulateMedia({ colorScheme });
        await isAccessible(page, `first view, ${colorScheme}`);
      }
      await press(page, "Train");
      await page.getByTestId("samples").waitFor();
      await isAccessible(page, "training, dark");
      await reaches(page, 100);
      await press(page, "Pause");
      await translate(page, "How are zyzzyva?");
      await page.getByTestId("translation").getByRole("button").first().focus();
      await page.getByRole("button", { name: "Paste …" }).click();
      for (const details of await page.locator("details").all()) {
        await details.evaluate((element) => element.setAttribute("open", ""));
      }
      await page.getByTestId("file-input").setInputFiles({ name: "a.tsv", mimeType: "", buffer: Buffer.from("") });
      await page.getByTestId("notice").waitFor();
      await set(page, "hidden", 20);
      await page.getByTestId("question").waitFor();
      for (const colorScheme of /** @type {const} */ (["dark", "light"])) {
        await page.emulateMedia({ colorScheme });
        await isAccessible(page, `all opened, ${colorScheme}`);
      }
    }));

  it("has nothing for axe to complain of in parity", () =>
    site.visit("device=cpu&task=parity&strings=100", async (page) => {
      await ready(page);
      await isAccessible(page, "first view");
      await press(page, "Train");
      await shows(page, "number-validation", /\d/);
      await press(page, "Ask");
      await page.getByTestId("parity-answer").waitFor();
      for (const colorScheme of /** @type {const} */ (["dark", "light"])) {
        await page.emulateMedia({ colorScheme });
        await isAccessible(page, `answered, ${colorScheme}`);
      }
    }));

  it("fits a phone", () =>
    site.visit(`${SMALL}&beam=3`, async (page) => {
      await page.setViewportSize({ width: 360, height: 740 });
      await ready(page);
      const fits = async (/** @type {string} */ state) => {
        const width = await page.evaluate("document.documentElement.scrollWidth");
        assert.ok(width <= 360, `${state}: the page is ${width} pixels wide`);
      };
      await fits("first view");
      await press(page, "Train");
      await page.getByTestId("samples").waitFor();
      await translate(page, "Pneumonoultramicroscopicsilicovolcanoconiosis ".repeat(4));
      for (const details of await page.locator("details").all()) {
        await details.evaluate((element) => element.setAttribute("open", ""));
      }
      await fits("after training, all opened");
      await isAccessible(page, "after training, all opened");
      await openTask(page, "Parity");
      await press(page, "Start new");
      await page.getByTestId("parity-card").waitFor();
      await press(page, "Ask");
      await page.getByTestId("parity-answer").waitFor();
      await fits("parity");
    }));

  it("needs no mouse", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim());
      await page.locator("body").press("Tab");
      for (let tabs = 0; tabs < 10 && (await focused()) !== "Train"; tabs++) await page.keyboard.press("Tab");
      assert.equal(await focused(), "Train");
      const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
      assert.notEqual(outline, "none", "one sees where the focus is");
      await page.keyboard.press("Enter");
      await shows(page, "train", "Pause");
      await reaches(page, 20);
      await page.keyboard.press("Enter");
      await shows(page, "story", /Paused at step/);

      await page.getByRole("button", { name: "Help: Hidden size" }).focus();
      const help = page.locator("#setting-hidden-help");
      await help.waitFor();
      assert.ok(await help.evaluate((element) => getComputedStyle(element).visibility !== "hidden"));
      await page.locator('[data-testid="setting-hidden-slider"]').press("PageUp");
      await shows(page, "question", "Hidden size 16");
      await page.getByRole("button", { name: "Keep" }).press("Enter");
      await page.getByTestId("question").waitFor({ state: "detached" });
    }));

  it("explains every control", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      for (const task of ["Translator", "Parity", "Writer", "Chat", "Classifier", "Word vectors"]) {
        await openTask(page, task);
        await ready(page);
        for (const details of await page.locator("details").all()) {
          await details.evaluate((element) => element.setAttribute("open", ""));
        }
        const bare = await page.evaluate(() => {
          const controls = [...document.querySelectorAll("main :is(input, select, textarea)")];
          return controls
            .filter((control) => {
              const ids = (control.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean);
              const described = ids.length > 0 && ids.every((id) => document.getElementById(id)?.textContent);
              return !described && !control.closest("[title]") && !control.closest("[tabindex='-1']");
            })
            .map((control) => control.outerHTML.slice(0, 120));
        });
        assert.deepEqual(bare, [], `${task}: controls without a help text`);
      }
    }));
});
