// What can be done with a run: pause it, change it, take it up again.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openSite, openTask, press, reaches, ready, SMALL, set, shows, stepOf, textOf, train } from "./page.mjs";

/** A pause takes 300 ms or one training step, and here the clock is read through a busy machine's messages. */
const PAUSE_MS = 500;

describe("training", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  it("pauses, resumes, makes one step, and stops", (t) =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      await train(page);
      await reaches(page, 20);
      const pause = await lastChangeAfter(page, "Pause");
      t.diagnostic(`the last step came ${Math.round(pause)} ms after Pause`);
      assert.ok(pause < PAUSE_MS, `the last step came ${pause} ms after Pause`);
      const paused = await stepOf(page);
      await shows(page, "story", `Paused at step ${paused.toLocaleString("en")}`);

      await press(page, "Step");
      await reaches(page, paused + 1);
      await page.waitForTimeout(300);
      assert.equal(await stepOf(page), paused + 1);

      await press(page, "Resume");
      await reaches(page, paused + 20);
      const stop = await lastChangeAfter(page, "Stop");
      assert.ok(stop < PAUSE_MS, `the last step came ${stop} ms after Stop`);
      const stopped = await stepOf(page);
      await shows(page, "story", `Stopped at step ${stopped.toLocaleString("en")}`);

      await press(page, "Train longer");
      await reaches(page, stopped + 1);
      assert.equal(await page.getByTestId("notice").count(), 0);
    }));

  it("makes single steps from the first one on, over the end of an epoch too", () =>
    site.visit("device=cpu&pairs=40&hidden=16&batch=16", async (page) => {
      await ready(page);
      for (let step = 1; step <= 5; step++) {
        await press(page, "Step");
        await shows(page, "story", `Paused at step ${step}.`);
      }
      await shows(page, "stage-training", "epoch 2 of 12, step 5");
      await shows(page, "number-validation", /\d/);
    }));

  it("applies the learning rate as it runs, without a question", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      await train(page);
      // So high that the loss of the next steps shows it.
      await set(page, "clip_norm", 0);
      await set(page, "learning_rate", 1);
      const before = Number(await textOf(page, "number-loss"));
      await page.waitForFunction(
        (least) => Number(document.querySelector('[data-testid="number-loss"]')?.textContent) > least,
        before + 1,
      );
      assert.equal(await page.getByTestId("question").count(), 0);
      assert.equal(new URLSearchParams(new URL(page.url()).hash.slice(1)).get("learning_rate"), "1");
    }));

  it("asks before it throws a network away, and keeps the old curve", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      await set(page, "hidden", 20);
      assert.equal(await page.getByTestId("question").count(), 0, "nothing is lost yet");
      await train(page);
      await reaches(page, 30);

      await set(page, "hidden", 24);
      await shows(page, "question", "Hidden size 20 → 24");
      await press(page, "Keep");
      await page.getByTestId("question").waitFor({ state: "detached" });
      assert.equal(await page.locator("#setting-hidden").inputValue(), "20");
      const kept = await stepOf(page);
      assert.ok(kept >= 30, "the run went on");

      await set(page, "cell", "gru");
      await shows(page, "question", "Cell LSTM → GRU");
      await press(page, "Start new");
      await page.getByText("the run before").waitFor();
      await shows(page, "summary", "GRU");
      await reaches(page, 1);
      await press(page, "Pause");

      await press(page, "Start over");
      await shows(page, "question", "Begin again?");
      await press(page, "Start new");
      await page.getByText("2 runs before").waitFor();
    }));

  it("asks before another task or other data ends a run", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      await train(page);
      const file = {
        name: "own.tsv",
        mimeType: "text/plain",
        buffer: Buffer.from("one\tuno\ntwo\tdos\nthree\ttres\n"),
      };
      await page.getByTestId("file-input").setInputFiles(file);
      await shows(page, "question", "Load own.tsv?");
      await press(page, "Keep");
      await shows(page, "data-name", "phrase book");
      const step = await stepOf(page);
      await reaches(page, step + 1);

      await page.getByTestId("file-input").setInputFiles(file);
      await press(page, "Start new");
      await shows(page, "data-name", "own.tsv");
      await shows(page, "train", "Train");
      await train(page);

      await openTask(page, "Parity");
      await shows(page, "question", "Change the task?");
      await press(page, "Keep");
      await page.getByTestId("translate-card").waitFor();
      await openTask(page, "Parity");
      await press(page, "Start new");
      await page.getByTestId("parity-card").waitFor();
    }));

  it("refuses a network that will not fit, in words", () =>
    site.visit("device=cpu", async (page) => {
      await ready(page);
      await set(page, "hidden", 1024);
      await set(page, "batch", 2048);
      await set(page, "max_tokens", 200);
      await page.getByTestId("refusal").waitFor();
      const refusal = await textOf(page, "refusal");
      await press(page, "Train");
      await shows(page, "notice", refusal);
      await shows(page, "train", "Train");
      assert.equal(await stepOf(page), 0);
    }));

  it("stops when the loss runs away, and says what to change", () =>
    site.visit(
      "device=cpu&task=parity&cell=rnn&activation=relu&hidden=64&bits=200&lengths=fixed&strings=1000&learning_rate=1&clip_norm=0",
      async (page) => {
        await ready(page);
        await press(page, "Train");
        await shows(page, "notice", "Training has stopped");
        await shows(page, "notice", /Lower the learning rate \(it is 1\) and clip the gradients/);
        await shows(page, "train", "Train longer");
        await press(page, "Ask");
        await shows(page, "parity-answer", /is [\d.]+.% sure/);
      },
    ));
});

/**
 * Presses a button, and waits until the training step has stood still for a second.
 * @param {import("playwright-core").Page} page
 * @param {string} name
 * @returns {Promise<number>} milliseconds from the click to the last change
 */
async function lastChangeAfter(page, name) {
  await page.evaluate((name) => {
    const scope = /** @type {any} */ (globalThis);
    const number = () =>
      /step ([\d,]+)/.exec(document.querySelector('[data-testid="stage-training"]')?.textContent ?? "")?.[1];
    const button = [...document.querySelectorAll("button")].find((button) => button.textContent === name);
    scope.clicked = scope.changed = 0;
    button?.addEventListener("click", () => {
      scope.clicked = scope.changed = performance.now();
    });
    let last = number();
    new MutationObserver(() => {
      if (number() !== last) scope.changed = performance.now();
      last = number();
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  }, name);
  await press(page, name);
  await page.waitForFunction("clicked > 0 && performance.now() - changed > 1000");
  return page.evaluate("changed - clicked");
}
