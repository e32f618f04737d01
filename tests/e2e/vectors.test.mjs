// Word vectors: learnt from a text whose structure is known, looked at, and given to other networks.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { isAccessible, openSite, openTask, press, reaches, ready, SMALL, set, shows, textOf, train } from "./page.mjs";

/** Words that can stand in each other's place, and sentences that they stand in. */
const KINDS = [
  {
    words: ["cat", "dog", "cow", "horse", "sheep", "goat"],
    places: ["the _ sleeps inside our warm barn", "a hungry _ runs over green meadows", "every _ drinks before sunset"],
  },
  {
    words: ["bread", "rice", "cheese", "soup", "cake", "fruit"],
    places: ["we eat _ for dinner tonight", "fresh _ tastes good at noon", "please bring some _ from market"],
  },
  {
    words: ["hammer", "saw", "drill", "wrench", "chisel", "plane"],
    places: ["he repairs it using his _ again", "put that _ back on its shelf", "this _ broke during heavy work"],
  },
];

/** A text of so many sentences, the same every time. */
function text(sentences = 2_500) {
  let state = 7;
  const draw = (/** @type {number} */ count) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % count;
  };
  const lines = [];
  for (let i = 0; i < sentences; i++) {
    const { words, places } = /** @type {typeof KINDS[0]} */ (KINDS[draw(3)]);
    lines.push(places[draw(3)]?.replace("_", words[draw(6)] ?? ""));
  }
  return `${lines.join(".\n")}.`;
}

/** @param {string} name @param {string} content */
const file = (name, content) => ({ name, mimeType: "text/plain", buffer: Buffer.from(content) });

const FARM = "device=cpu&task=vectors&embedding=16&batch=256&learning_rate=0.01&thinning=1&window=3&epochs=10";

/** Vectors in GloVe's format, without a first line: greetings point one way, all else another. */
const GLOVE = ["Hello", "good", "morning", "thank", "you", "house"]
  .map((word, i) => `${word} ${i < 3 ? `1 ${i / 100} 0 0 0 0` : `0 0 1 0 ${i} 1`}`)
  .join("\n");

describe("word vectors", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  it("find the words that can stand for each other, and beat guessing", (t) =>
    site.visit(FARM, async (page) => {
      await learnFarm(page);
      const score = await textOf(page, "vectors-score");
      const [accuracy, baseline] = [...score.matchAll(/([\d.]+)\s%/g)].map(([, share]) => Number(share));
      t.diagnostic(score);
      assert.ok(accuracy && baseline && accuracy > 60 && accuracy > baseline + 30, score);

      for (const { words } of KINDS) {
        for (const word of words.slice(0, 2)) {
          const found = await nearest(page, word);
          // Words that it often stands beside may come as near, but none of another kind.
          const alike = found.filter((near) => KINDS.some((kind) => kind.words.includes(near)));
          assert.ok(alike.length >= 4 && alike.every((near) => words.includes(near)), `${word}: ${found}`);
        }
      }
      // Pressing a word asks about it.
      const [first] = await nearest(page, "cat");
      await page.getByTestId("nearest").getByRole("button").first().click();
      assert.equal(await page.getByLabel("Nearest words of").inputValue(), first);

      await page.getByText("The words as a list").click();
      assert.equal(await page.getByTestId("picture-words").getByRole("button").count(), 66);
      await page.getByTestId("picture-words").getByRole("button", { name: "soup", exact: true }).click();
      assert.equal(await page.getByLabel("Nearest words of").inputValue(), "soup");

      await page.getByLabel("Begin with").fill("dog");
      await page.getByLabel("Take away").fill("cat");
      await page.getByLabel("Add").fill("unicorn");
      await shows(page, "analogy", "“unicorn” has no vector");
      await page.getByLabel("Add").fill("rice");
      await page.getByTestId("analogy").getByRole("button").first().waitFor();
      assert.equal(await page.getByTestId("analogy").getByRole("button").count(), 5);
      await isAccessible(page, "word vectors after training");
    }));

  it("are saved as text, and start another task's network", () =>
    site.visit(FARM, async (page) => {
      await learnFarm(page);
      const [saved] = await Promise.all([page.waitForEvent("download"), press(page, "Save as text")]);
      assert.equal(saved.suggestedFilename(), "farm vectors.txt");
      const lines = (await readFile(await saved.path(), "utf8")).trimEnd().split("\n");
      assert.equal(lines[0], "66 16");
      assert.equal(lines.length, 67);
      assert.ok(lines.slice(1).every((line) => line.split(" ").length === 17));

      await press(page, "Start other tasks from them");
      await shows(page, "kept-vectors", "new networks of the other tasks start from them");
      assert.equal(await page.getByTestId("question").count(), 0, "its own run goes on");
      await openTask(page, "Translator");
      await press(page, "Start new");
      await shows(page, "start-vectors", "farm vectors.txt, 16 numbers, 66 words; among them");
      await shows(page, "start-vectors", /\d+ of [\d,]+ source words and \d+ of [\d,]+ target words/);
      assert.equal(await page.locator("#setting-embedding").inputValue(), "16");
    }));

  it("of a dropped GloVe file are what a translator starts from, after a crash too", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      await page.getByTestId("file-input").setInputFiles(file("glove.txt", GLOVE));
      await shows(page, "notice", "6 words with 6 numbers each");
      await shows(page, "notice", "Embedding size 6");
      await shows(page, "data-name", "phrase book");
      await shows(page, "start-vectors", /glove\.txt, 6 numbers, 6 words; among them 8 of [\d,]+ source words/);

      await press(page, "Look at its word vectors");
      const asked = async () => {
        const found = await nearest(page, "good");
        const cosines = await page.getByTestId("nearest").locator(".number").allInnerTexts();
        return found.slice(0, 2).map((word, i) => `${word} ${cosines[i]}`);
      };
      const found = await asked();
      assert.ok(found.includes("morning 1.00"), `the file's vectors are in the network: ${found}`);
      const replaced = page.waitForEvent("worker");
      await page.workers()[0]?.evaluate(() => {
        setTimeout(() => {
          throw new WebAssembly.RuntimeError("unreachable");
        });
      });
      await replaced;
      await shows(page, "notice", "The network is back");
      assert.deepEqual(await asked(), found);

      await train(page);
      await reaches(page, 20);
      await page.getByLabel("Start from word vectors").uncheck();
      await shows(page, "question", "Start without word vectors?");
      await press(page, "Keep");
      assert.ok(await page.getByLabel("Start from word vectors").isChecked());
      await page.getByLabel("Start from word vectors").uncheck();
      await press(page, "Start new");
      await reaches(page, 1);
      assert.ok(!(await page.getByLabel("Start from word vectors").isChecked()));
      await page.getByText("target words", { exact: true }).click();
      await page.getByTestId("nearest").getByRole("button").first().waitFor();
    }));

  it("of every task with words can be looked at", async () => {
    const small = "device=cpu&hidden=16&input=embedding&embedding=16";
    for (const task of ["translation", "generation", "chat", "classification"]) {
      await site.visit(`${small}&task=${task}`, async (page) => {
        await ready(page);
        await press(page, "Look at its word vectors");
        const nearest = page.getByTestId("nearest").getByRole("button");
        await nearest.first().waitFor();
        assert.equal(await nearest.count(), 10, task);
        assert.equal(await page.getByTestId("notice").count(), 0, task);
      });
    }
  });

  it("of another length than the network's are refused in words", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      await page.getByTestId("file-input").setInputFiles(file("glove.txt", GLOVE));
      await shows(page, "notice", "Embedding size 6");
      await set(page, "embedding", 8);
      await shows(page, "start-vectors", "Set the embedding size to 6");
      await press(page, "Train");
      await shows(page, "notice", "The word vectors of glove.txt have 6 numbers, and those of this network 8.");
      await set(page, "embedding", 6);
      await train(page);
    }));

  it("that cannot be read or learnt get a sentence", () =>
    site.visit(FARM, async (page) => {
      await ready(page);
      const give = (/** @type {string} */ name, /** @type {string} */ content) =>
        page.getByTestId("file-input").setInputFiles(file(name, content));
      await give("cut.txt", `${GLOVE}\nbroken 1 2 3\n`);
      await shows(page, "notice", "cut.txt, line 7: it has 3 numbers, and the vectors here have 6.");
      await give("short.txt", "Nine lines\n".repeat(1));
      await shows(page, "notice", "short.txt holds 10 characters");
      await shows(page, "data-name", "moby-dick.txt");
      await give("few.txt", "One two three four five six seven eight nine ten eleven twelve.");
      await shows(page, "data-card", "Only 0 of 12 different words come 10 times or more");
      await press(page, "Train");
      await shows(page, "notice", "Lower the minimum count, or load a longer text.");
      await set(page, "min_count", 1);
      await train(page);
      await page.getByTestId("nearest").getByRole("button").first().waitFor();
    }));
});

/**
 * Trains on the text of this test to the end.
 * @param {import("playwright-core").Page} page
 */
async function learnFarm(page) {
  await ready(page);
  await page.getByTestId("file-input").setInputFiles(file("farm.txt", text()));
  await shows(page, "data-name", "farm.txt");
  await press(page, "Train");
  await shows(page, "stage-training", "done: epoch 10 of 10");
}

/**
 * The nearest words of a word, nearest first, once they are on show.
 * @param {import("playwright-core").Page} page
 * @param {string} word
 */
async function nearest(page, word) {
  const box = page.getByLabel("Nearest words of");
  // An unknown word first, so that what comes next is the answer to this one.
  await box.fill("zyzzyva");
  await shows(page, "nearest", "“zyzzyva” has no vector");
  await box.fill(word);
  const buttons = page.getByTestId("nearest").getByRole("button");
  await buttons.first().waitFor();
  return buttons.allInnerTexts();
}
