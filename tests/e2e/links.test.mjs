// The part of the address behind `#`: it carries the settings, and is not to be trusted.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openSite, press, ready, set, shows, train } from "./page.mjs";

/** @param {import("playwright-core").Page} page */
const hashOf = (page) => decodeURIComponent(new URL(page.url()).hash.slice(1));

/**
 * The value in a setting's control.
 * @param {import("playwright-core").Page} page
 * @param {string} key
 */
const setting = (page, key) => page.locator(`#setting-${key}`).inputValue();

describe("links", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite();
    await site.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  });
  after(() => site?.close());

  it("carry settings, and only those that differ from the defaults", () =>
    site.visit("device=cpu&hidden=24&batch=32&attention=none&lowercase=true&learning_rate=0.002", async (page) => {
      await ready(page);
      assert.equal(await setting(page, "hidden"), "24");
      assert.equal(await setting(page, "attention"), "none");
      assert.equal(await setting(page, "learning_rate"), "0.002");
      assert.ok(await page.locator("#setting-lowercase").isChecked());
      assert.equal(await page.locator("#device").inputValue(), "cpu");
      assert.equal(await page.getByTestId("notice").count(), 0);
      assert.equal(hashOf(page), "device=cpu&lowercase=true&hidden=24&attention=none&learning_rate=0.002");

      await set(page, "layers", 2);
      await page.waitForFunction("location.hash.includes('layers=2')");
      await press(page, "Reset all");
      await page.waitForFunction("location.hash === '#device=cpu'");
      assert.equal(await setting(page, "hidden"), "128");
    }));

  it("are empty where nothing is set", () =>
    site.visit("", async (page) => {
      await ready(page);
      assert.equal(page.url(), site.url);
    }));

  it("are copied, and open the same settings elsewhere", async () => {
    let link = "";
    await site.visit("", async (page) => {
      await ready(page);
      await set(page, "cell", "gru");
      await set(page, "hidden", 48);
      await page.locator("#device").selectOption("cpu");
      await press(page, "Copy link");
      await page.getByText("Copied", { exact: true }).waitFor();
      link = await page.evaluate(() => navigator.clipboard.readText());
    });
    assert.ok(link.startsWith(`${site.url}#`), link);
    await site.visit(link.slice(site.url.length + 1), async (page) => {
      await ready(page);
      assert.equal(await setting(page, "cell"), "gru");
      assert.equal(await setting(page, "hidden"), "48");
      await shows(page, "device-name", "CPU");
    });
  });

  it("name what the page does not know", () =>
    site.visit("device=cpu&depth=3&cell=transformer&hidden=24", async (page) => {
      await ready(page);
      await shows(page, "notice", "settings that this page does not know and leaves out: depth=3, cell=transformer.");
      assert.equal(await setting(page, "hidden"), "24");
      assert.equal(await setting(page, "cell"), "lstm");
      assert.equal(hashOf(page), "device=cpu&hidden=24");
      await press(page, "Dismiss: About this link");
      await page.getByTestId("notice").waitFor({ state: "detached" });
    }));

  it("are cut to the range of each setting, and say so", () =>
    site.visit("device=cpu&hidden=5000&dropout=-1&layers=1.6", async (page) => {
      await ready(page);
      await shows(page, "notice", "Hidden size cannot be 5000; it was set to 1024.");
      await shows(page, "notice", "Dropout cannot be -1; it was set to 0.");
      await shows(page, "notice", "Layers cannot be 1.6; it was set to 2.");
      assert.equal(await setting(page, "hidden"), "1024");
    }));

  it("break nothing, whatever they say", () =>
    site.visit(
      "%%%&=&&hidden=abc&hidden&pairs=1e999&seed=NaN&<script>window.broken=1</script>=<img src=x onerror=broken=1>&task=chess&device=abacus&__proto__=1&constructor=2&pairs=200",
      async (page) => {
        await ready(page);
        await shows(page, "notice", "About this link");
        await shows(page, "device-name", "CPU");
        assert.equal(await setting(page, "hidden"), "128");
        assert.equal(await page.evaluate("window.broken"), undefined);
        await set(page, "hidden", 8);
        await train(page);
      },
    ));

  it("are followed while the page is open, and ask before they end a run", () =>
    site.visit("device=cpu&hidden=16&pairs=200", async (page) => {
      await ready(page);
      await page.evaluate(() => {
        location.hash = "#device=cpu&hidden=20&pairs=200";
      });
      await page.waitForFunction("document.querySelector('#setting-hidden').value === '20'");
      await train(page);
      await page.evaluate(() => {
        location.hash = "#device=cpu&hidden=24&pairs=200";
      });
      await shows(page, "question", "Hidden size 20 → 24");
      await press(page, "Keep");
      await page.waitForFunction("location.hash.includes('hidden=20')");
      await page.evaluate(() => {
        location.hash = "#device=cpu&task=parity&bits=5";
      });
      await shows(page, "question", "Change the task?");
      await press(page, "Start new");
      await page.getByTestId("parity-card").waitFor();
      assert.equal(hashOf(page), "device=cpu&task=parity&bits=5");
    }));
});
