// The networks that come with the page: opened with one click or by a link, asked at once, trained longer.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { readDemos } from "../../scripts/demos.mjs";
import {
  dist,
  isAccessible,
  openSite,
  openTask,
  press,
  ready,
  SMALL,
  shows,
  stepOf,
  textOf,
  train,
  translate,
  translation,
} from "./page.mjs";

/** @typedef {import("playwright-core").Page} Page */

const demos = readDemos();

/** @param {string} task */
const demoOf = (task) => demos.find((demo) => demo.task === task) ?? assert.fail(`no demo of ${task}`);

/** @param {Page} page */
const hashOf = (page) => new URL(page.url()).hash.slice(1);

/** How each answers, without a step of training. */
const answers = /** @type {Record<string, (page: Page) => Promise<void>>} */ ({
  async translation(page) {
    const held_out = await page.getByTestId("samples").locator("tbody tr").all();
    assert.equal(await page.getByLabel("Your sentence").inputValue(), await cell(held_out[0], 0));
    assert.notEqual(await translation(page), "");
    let right = 0;
    for (const row of held_out) {
      const expected = (await cell(row, 2)).split(" / ");
      if (expected.includes(await translate(page, await cell(row, 0)))) right += 1;
    }
    assert.ok(right >= 4, `${right} of ${held_out.length} held-out phrases are right`);
  },

  async parity(page) {
    assert.equal(await page.locator(".mark.wrong").count(), 0);
    const bits = page.getByTestId("parity-card").getByLabel("Bits", { exact: true });
    await bits.fill("200");
    await bits.press("Enter");
    await page.waitForFunction("document.querySelectorAll('.mark').length === 200");
    assert.equal(await page.locator(".mark.wrong").count(), 0, "right after each of 200 bits");
  },

  async generation(page) {
    const text = page.getByTestId("written");
    await page.waitForFunction("document.querySelector('[data-testid=written]')?.textContent.length > 600");
    const words = (await text.innerText()).toLowerCase().match(/[a-z]+/g) ?? [];
    const book =
      readFileSync(join(dist, "data/moby-dick.txt"), "utf8")
        .toLowerCase()
        .match(/[a-z]+/g) ?? [];
    const known = new Set(book);
    const share = words.filter((word) => known.has(word)).length / words.length;
    assert.ok(share > 0.75, `${share} of its words are words`);
    await press(page, "Stop writing");
  },

  async chat(page) {
    // It has been told something to begin with.
    const turns = page.getByTestId("conversation").locator(".turn");
    await page.locator('[data-testid="reply"][data-done="true"]').waitFor();
    assert.equal(await turns.count(), 2);
    await page.getByLabel("Your message").fill("What is your name?");
    await page.getByLabel("Your message").press("Enter");
    await turns.nth(3).waitFor();
    await page.locator('[data-testid="reply"][data-done="true"]').waitFor();
    const said = await turns.nth(3).innerText();
    assert.match(said, /\w+ \w+/);
    assert.notEqual(said, await turns.nth(1).innerText());
  },

  async classification(page) {
    for (const [text, verdict] of [
      ["Great phone, it works very well and I love it.", "positive"],
      ["Very disappointed, it stopped working and is a waste of money.", "negative"],
    ]) {
      await page.getByLabel("Your text").fill(text ?? "");
      await page.waitForFunction(
        (text) => document.querySelector('[data-testid="read-words"]')?.textContent?.trim() === text,
        text,
      );
      await shows(page, "verdict", verdict ?? "");
    }
  },

  async vectors(page) {
    await page.getByLabel("Nearest words of").fill("ship");
    const nearest = page.getByTestId("nearest").getByRole("button");
    await page.waitForFunction(
      "/vessel|boat|captain|deck|voyage|port|sea/.test(document.querySelector('[data-testid=nearest]')?.textContent)",
    );
    assert.equal(await nearest.count(), 10);
  },
});

/**
 * @param {import("playwright-core").Locator | undefined} row
 * @param {number} index
 */
const cell = async (row, index) => ((await row?.locator("td").nth(index).innerText()) ?? "").trim();

describe("demos", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite();
    await site.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  });
  after(() => site?.close());

  for (const { task, file, score, title } of demos) {
    it(`open the one of ${task} with one click, which answers at once and can be trained longer`, (t) =>
      site.visit(`device=cpu&task=${task}`, async (page) => {
        /** @type {string[]} */
        const fetched = [];
        page.on("request", (request) => fetched.push(request.url()));
        await ready(page);
        await shows(page, "demo-offer", `${title}, ${score}`);
        assert.deepEqual(
          fetched.filter((url) => url.includes("/demos/")),
          [],
          "before it is opened",
        );

        const clicked = performance.now();
        await press(page, /^Try it/);
        await shows(page, "story", `“${title}” is open`);
        t.diagnostic(`open after ${((performance.now() - clicked) / 1000).toFixed(1)} s`);
        assert.deepEqual(
          fetched.filter((url) => url.includes("/demos/")),
          [`${site.url}demos/${file}`],
        );
        assert.match(hashOf(page), new RegExp(`(^|&)demo=${task}(&|$)`), "the address opens it again");
        await shows(page, "train", "Train longer");
        assert.equal(await page.getByTestId("demo-offer").count(), 0);
        const step = await stepOf(page);
        await answers[task]?.(page);
        assert.equal(await stepOf(page), step, "no step of training");
        assert.equal(await page.getByTestId("notice").count(), 0);

        await press(page, "Train longer");
        await page.waitForFunction(
          (step) => Number(/step ([\d,]+)/.exec(document.body.innerText)?.[1]?.replaceAll(",", "")) > step,
          step,
        );
        await press(page, "Pause");
        assert.ok(Number.isFinite(Number(await textOf(page, "number-loss"))));
        await page.waitForFunction("!location.hash.includes('demo=')");
      }));

    it(`open the one of ${task} by its link`, () =>
      site.visit(`demo=${task}&device=cpu`, async (page) => {
        await shows(page, "story", `“${title}” is open`);
        await page.locator(`input[name="task"][value="${task}"]:checked`).waitFor();
        await answers[task]?.(page);
        assert.equal(await page.getByTestId("notice").count(), 0);
        assert.equal(await page.getByTestId("question").count(), 0);
      }));
  }

  it("have links that say so where the page has no such network", () =>
    site.visit("demo=chess&device=cpu", async (page) => {
      await ready(page);
      await shows(page, "notice", /no trained network with the name chess. It has translation, parity,/);
      assert.equal(hashOf(page), "v=1&device=cpu");
    }));

  it("are all in a gallery, one after the other, and ask only where a run would end", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      await press(page, "Demos");
      const dialog = page.getByRole("dialog", { name: "Trained demos" });
      await dialog.waitFor();
      assert.equal(await dialog.getByRole("listitem").count(), demos.length);
      for (const { task, about, licence, data } of demos) {
        const card = await page.getByTestId(`demo-${task}`).innerText();
        for (const words of [about, licence, data]) assert.ok(card.includes(words), `${words}: ${card}`);
      }
      await isAccessible(page, "the gallery");
      await press(page, `Copy link: ${demoOf("chat").title}`);
      await page.getByText("Copied", { exact: true }).waitFor();
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `${site.url}#demo=chat`);

      await press(page, `Open: ${demoOf("parity").title}`);
      await dialog.waitFor({ state: "detached" });
      await shows(page, "story", `“${demoOf("parity").title}” is open`);
      // As it came it can be opened again: nothing is lost.
      await press(page, "Demos");
      await press(page, `Open: ${demoOf("translation").title}`);
      await page.waitForFunction("location.hash.includes('demo=translation')");
      await shows(page, "story", `“${demoOf("translation").title}” is open`);
      assert.equal(await page.getByTestId("question").count(), 0);
      await openTask(page, "Parity");
      await page.getByTestId("parity-card").waitFor();
      await ready(page);

      await train(page);
      await press(page, "Pause");
      await press(page, "Demos");
      await press(page, `Open: ${demoOf("translation").title}`);
      await shows(page, "question", `Open ${demoOf("translation").title}?`);
      await press(page, "Keep");
      assert.ok((await stepOf(page)) > 0);
      await press(page, "Demos");
      await press(page, `Open: ${demoOf("translation").title}`);
      await press(page, "Open it");
      await page.waitForFunction("location.hash.includes('demo=translation')");
      await shows(page, "story", `“${demoOf("translation").title}” is open`);
    }));

  it("that cannot be downloaded get a sentence, and can be tried again", () =>
    site.visit(
      "device=cpu&task=parity",
      async (page) => {
        await ready(page);
        await page.route("**/demos/*", (route) => route.fulfill({ status: 404, body: "not found" }));
        await press(page, /^Try it/);
        await shows(page, "offer", /The file is not on the host of this page \(404\)/);
        await page.unroute("**/demos/*");
        await press(page, "Try again");
        await shows(page, "story", `“${demoOf("parity").title}” is open`);
        assert.match(hashOf(page), /demo=parity/);
      },
      { expected: /404|missing: / },
    ));

  it("that are no models get a sentence, and the page stays as it was", () =>
    site.visit("device=cpu&task=parity", async (page) => {
      await ready(page);
      await page.route("**/demos/*", (route) => route.fulfill({ status: 200, body: "these are not the bytes" }));
      await press(page, /^Try it/);
      await shows(page, "notice", "This is no whole model of Unrolled");
      await page.unroute("**/demos/*");
      assert.ok(!hashOf(page).includes("demo="));
      await train(page);
    }));

  it("answer where other data is loaded, with a question that they know", () =>
    site.visit("device=cpu", async (page) => {
      await ready(page);
      const pairs = Array.from({ length: 60 }, (_, i) => `flurb ${i} zonk\tgrix ${i} plam`).join("\n");
      await page
        .getByTestId("file-input")
        .setInputFiles({ name: "own.tsv", mimeType: "text/plain", buffer: Buffer.from(pairs) });
      await shows(page, "data-name", "own.tsv");
      assert.match(await page.getByLabel("Your sentence").inputValue(), /^flurb/);
      await press(page, /^Try it/);
      await shows(page, "story", `“${demoOf("translation").title}” is open`);
      const first = await cell(page.getByTestId("samples").locator("tbody tr").first(), 0);
      assert.equal(await page.getByLabel("Your sentence").inputValue(), first);
      assert.notEqual(await translation(page), "");
      assert.equal(await page.getByTestId("unknown-words").count(), 0);
    }));

  it("have a page of their own in the folder, with a link and a file for each", async () => {
    const page = await site.context.newPage();
    try {
      await page.goto(`${site.url}demos/`);
      const cards = page.getByRole("listitem");
      assert.equal(await cards.count(), demos.length);
      for (const [i, { task, title, file, about, licence }] of demos.entries()) {
        const text = await cards.nth(i).innerText();
        for (const words of [title, about, licence]) assert.ok(text.includes(words), `${words}: ${text}`);
        const [open, download] = await cards.nth(i).getByRole("link").all();
        assert.equal(await open?.evaluate((link) => /** @type {any} */ (link).href), `${site.url}#demo=${task}`);
        const address = await download?.evaluate((link) => /** @type {any} */ (link).href);
        const response = await page.request.get(address ?? "");
        assert.equal(response.status(), 200);
        assert.ok((await response.body()).equals(readFileSync(join(dist, "demos", file))));
      }
      await isAccessible(page, "the folder's page");
      for (const width of [1280, 360]) {
        await page.setViewportSize({ width, height: 740 });
        assert.ok(Number(await page.evaluate("document.documentElement.scrollWidth")) <= width);
      }
      await page.getByRole("link", { name: demoOf("parity").title }).click();
      await shows(page, "story", `“${demoOf("parity").title}” is open`);
    } finally {
      await page.close();
    }
  });

  it("stand in a folder that no host leaves anything out of", () => {
    // GitHub Pages leaves out what begins with an underscore or a dot.
    const hidden = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((name) =>
      /(^|[\\/])[_.]/.test(name),
    );
    assert.deepEqual(hidden, []);
    for (const { file, bytes } of demos) assert.equal(statSync(join(dist, "demos", file)).size, bytes, file);
    const bytes = demos.reduce((sum, demo) => sum + demo.bytes, 0);
    assert.ok(bytes < 3.5e6, `${bytes} bytes`);
  });
});
