// The crate without training, in a browser: it answers as the whole crate did that trained the networks.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { launch } from "../../scripts/browser.mjs";
import { serve } from "../../scripts/serve.mjs";
import { root } from "../../scripts/steps.mjs";
import { closeTo } from "./answers.mjs";

const TASKS = ["translation", "parity", "generation", "chat", "classification", "vectors"];

const file = (/** @type {string} */ name) => readFileSync(join(root, "tests/native/files", name));

describe("the crate without training", () => {
  /** @type {Awaited<ReturnType<typeof serve>>} */
  let server;
  /** @type {import("playwright-core").BrowserContext} */
  let context;
  /** @type {import("playwright-core").Page} */
  let page;

  before(async () => {
    server = await serve(root);
    context = await launch({ gpu: false });
    page = await context.newPage();
    await page.goto(`${server.url}tests/web/player.html`);
    await page.waitForFunction("window.ready");
  });

  after(async () => {
    await context?.close();
    await server?.close();
  });

  for (const task of TASKS) {
    it(`answers as the network of ${task} did when it was saved`, async () => {
      const { question, answer } = JSON.parse(file(`v1-${task}.json`).toString());
      const found = await page.evaluate(
        async ({ model, question }) => {
          const player = /** @type {any} */ (globalThis).Player.open(new Uint8Array(model));
          return { facts: player.facts(), info: player.info(), answer: await player.infer(question, () => {}) };
        },
        { model: [...file(`v1-${task}.safetensors`)], question },
      );
      closeTo(found.answer, answer, 1e-4);
      assert.equal(found.facts.config.task, task);
      assert.equal(found.info.step, found.facts.step);
    });
  }

  it("says in a sentence what is wrong with a file", async () => {
    const error = await page.evaluate(() => {
      try {
        return /** @type {any} */ (globalThis).Player.open(new Uint8Array(99));
      } catch (error) {
        return error;
      }
    });
    assert.equal(error.code, "checkpoint");
    assert.match(error.message, /no whole model/);
  });
});
