// The chat: trained on the small talk from the page, talked to, and given people's own conversations.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { strToU8, zipSync } from "fflate";
import { isAccessible, openSite, press, reaches, ready, set, shows, textOf, train } from "./page.mjs";

/** A chat network that takes milliseconds a step and does not end by itself. */
const SMALL = "device=cpu&task=chat&hidden=16&embedding=16&batch=16&patience=0&epochs=10000";

/** Different replies to a hundred held-out questions; one fixed reply to everything makes it 1. */
const LEAST_REPLIES = 60;
/** The loss of one who knows only how frequent each word of the replies is; see tests/native/chat.rs. */
const UNIGRAM_LOSS = 5.3;

/**
 * Messages as one types them, and the reply in the small talk.
 * @type {[message: string, reply: string][]}
 */
const everyday = [
  ["good morning!", "Good morning! Did you sleep well?"],
  ["what are you?", "A small recurrent network in your browser tab."],
  ["Do you like pizza", "Margherita. Simple networks like simple pizza."],
  ["who was Einstein?", "He bent time and never combed his hair."],
  ["tell me a joke", "Why did the tensor cry? It lost its shape."],
  ["I feel tired", "Then rest. The world can wait an hour."],
];

/**
 * @param {string} name
 * @param {string | Uint8Array} text
 */
const file = (name, text) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });

/**
 * A Messenger export as Facebook writes it: the newest first, each byte of UTF-8 a character.
 * @param {[sender: string, content?: string][]} messages the oldest first
 */
function messenger(messages) {
  const broken = (/** @type {string} */ text) => Buffer.from(text, "utf8").toString("latin1");
  const written = messages.map(([sender, content], i) => ({
    sender_name: broken(sender),
    timestamp_ms: 1_700_000_000_000 + i,
    ...(content === undefined ? { photos: [{ uri: "photo.jpg" }] } : { content: broken(content) }),
  }));
  const participants = [...new Set(messages.map(([sender]) => sender))].map((name) => ({ name: broken(name) }));
  return JSON.stringify({ participants, messages: written.reverse(), thread_path: "inbox/zoe_1" });
}

const talk = messenger([
  ["Zoë", "How are you?"],
  ["Ben", "Très bien,"],
  ["Ben", "and you?"],
  ["Zoë"],
  ["Zoë", "Fine 😀"],
  ["Ben", "Shall we meet?"],
  ["Zoë", "Où?"],
  ["Ben", "At the café"],
]);

describe("chat", () => {
  /** @type {import("./page.mjs").Site} */
  let site;
  before(async () => {
    site = await openSite();
  });
  after(() => site?.close());

  it("learns the small talk in the recommended settings, and does not say the same to everybody", (t) =>
    site.visit("device=cpu&task=chat&epochs=12", async (page) => {
      await ready(page);
      await shows(page, "data-name", "small_talk.tsv");
      const started = performance.now();
      await press(page, "Train");
      await page.getByTestId("train").filter({ hasText: "Train longer" }).waitFor({ timeout: 150_000 });
      const seconds = Math.round((performance.now() - started) / 1000);
      const loss = Number(await textOf(page, "number-validation"));
      assert.ok(loss < UNIGRAM_LOSS / 2, `validation loss ${loss}`);

      await press(page, "Ask 100 questions");
      await page.getByTestId("variety").waitFor();
      const found = await textOf(page, "variety");
      t.diagnostic(`after 12 epochs in ${seconds} s, validation loss ${loss}: ${found.replace(/\s+/g, " ")}`);
      const [distinct = 0, asked = 0, right = 0] = [...found.matchAll(/\d+/g)].map(Number);
      assert.equal(asked, 100);
      assert.ok(distinct >= LEAST_REPLIES, `${distinct} different replies`);
      assert.ok(right >= 15, `${right} right word for word, where one fixed reply would have one or two`);

      let fitting = 0;
      for (const [message, reply] of everyday) {
        await say(page, message);
        if ((await textOf(page, "reply")) === reply) fitting += 1;
      }
      t.diagnostic(`${fitting} of ${everyday.length} everyday messages get the reply that was written for them`);
      assert.ok(fitting >= 4, `${fitting} of ${everyday.length}`);
      await isAccessible(page, "after a chat");
    }));

  it("keeps the conversation, lets one choose among replies, and shows how sure it is", () =>
    site.visit(`${SMALL}&hidden=48&embedding=32&batch=32`, async (page) => {
      await ready(page);
      await say(page, "Hello");
      await train(page);
      await reaches(page, 150);
      await press(page, "Pause");
      await say(page, "What are you xyzzy?");
      await shows(page, "unknown-words", "xyzzy");
      const turns = page.getByTestId("conversation").locator(".turn");
      assert.equal(await turns.count(), 4);
      assert.equal(await turns.nth(0).innerText(), "Hello");

      await set(page, "temperature", 1.5);
      await set(page, "candidates", 20);
      await set(page, "first_top_k", 0);
      const candidates = page.getByTestId("candidates").getByRole("button");
      await page.waitForFunction(() => document.querySelectorAll('[data-testid="candidates"] button').length > 5);
      await replied(page);
      const second = await candidates.nth(1).locator("span").first().innerText();
      await candidates.nth(1).click();
      assert.equal(await textOf(page, "reply"), second);
      const rows = page.getByTestId("sureness").locator("tbody tr");
      const chances = (await rows.locator("td:nth-child(3)").allInnerTexts()).map(parseFloat);
      assert.ok(chances.length > 0 && chances.every((chance) => chance >= 0 && chance <= 100));

      await set(page, "temperature", 0);
      await page.waitForFunction(() => document.querySelectorAll('[data-testid="candidates"] button').length === 1);
      await shows(page, "candidates", "20 ×");
      await set(page, "max_output", 1);
      await page.waitForFunction(() => document.querySelectorAll('[data-testid="sureness"] tbody tr').length === 1);

      const mark = page.getByText("So far another network has replied.");
      assert.equal(await mark.count(), 0);
      await set(page, "hidden", 24);
      await press(page, "Start new");
      await reaches(page, 1);
      await mark.waitFor();
      await say(page, "Bye");
      assert.equal(await mark.count(), 1);
      await press(page, "Pause");

      await press(page, "Clear");
      await page.getByTestId("reply").waitFor({ state: "detached" });
      assert.equal(await turns.count(), 0);
    }));

  it("reads a Messenger export, and lets one choose who is the bot", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      for (const upload of [
        file("message_1.json", talk),
        file(
          "facebook.zip",
          zipSync({ "inbox/zoe_1/message_1.json": strToU8(talk), "inbox/zoe_1/a.jpg": strToU8("x") }),
        ),
      ]) {
        await page.getByTestId("file-input").setInputFiles(upload);
        await shows(page, "data-name", "message_1.json");
        await shows(page, "data-details", "Messenger export, 1 conversation, 1 of 8 messages without text passed over");
        await shows(page, "first-rows", "Très bien, and you?");
        assert.deepEqual(await rows(page), [
          ["How are you?", "Très bien, and you?"],
          ["Fine", "Shall we meet?"],
          ["Où?", "At the café"],
        ]);
        const bot = page.getByLabel("The bot is");
        assert.deepEqual(await bot.locator("option").allInnerTexts(), ["Ben (3 replies)", "Zoë (2 replies)"]);
        await bot.selectOption("2");
        await shows(page, "data-facts", "2 of 2 exchanges");
        assert.deepEqual((await rows(page))[0], ["Très bien, and you?", "Fine"]);
        await set(page, "drop_emoji", false);
        await shows(page, "first-rows", "Fine 😀");
        await set(page, "drop_emoji", true);
        await page.getByRole("button", { name: "Small talk" }).click();
        await shows(page, "data-name", "small_talk.tsv");
      }
    }));

  it("reads lines in turns", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      const lines = Array.from({ length: 20 }, (_, i) => `Question ${i}?\nReply ${i}.\n`).join("\n");
      await page.getByTestId("file-input").setInputFiles(file("talk.txt", lines));
      await shows(page, "data-name", "talk.txt");
      await shows(page, "data-facts", "20 of 20 exchanges");
      assert.deepEqual((await rows(page))[0], ["Question 0?", "Reply 0."]);
      await train(page);
      await reaches(page, 20);
      await press(page, "Pause");
      await say(page, "Question 3?");
      assert.ok((await textOf(page, "reply")).length > 0);
    }));

  it("says in words what it cannot use, and what is too little", () =>
    site.visit(SMALL, async (page) => {
      await ready(page);
      /** @type {[ReturnType<typeof file>, RegExp][]} */
      const refused = [
        [file("settings.json", '{"theme": "dark"}'), /settings\.json is JSON, but no Messenger export: .* sender_name/],
        [file("cut.json", talk.slice(0, 200)), /cut\.json stops being JSON in line 1: .* Export it once more/],
        [file("one.txt", "Only one line."), /In one\.txt nobody replies to anybody\. Drop/],
        [file("empty.txt", ""), /empty\.txt is empty\./],
      ];
      for (const [upload, says] of refused) {
        await page.getByTestId("file-input").setInputFiles(upload);
        await shows(page, "notice", says);
        await shows(page, "data-name", "small_talk.tsv");
        await press(page, /^Dismiss/);
        await page.getByTestId("notice").waitFor({ state: "detached" });
      }
      await page.getByTestId("file-input").setInputFiles(file("one.tsv", "Hi\tHello\n"));
      await shows(page, "data-card", "one.tsv holds 1 pair to train on.");
      const nine = Array.from({ length: 9 }, (_, i) => `Question ${i}?\tReply ${i}.`).join("\n");
      await page.getByTestId("file-input").setInputFiles(file("nine.tsv", nine));
      await shows(page, "data-facts", "9 of 9 exchanges");
      await train(page);
      await reaches(page, 5);
    }));

  it("says first what the lesson's network takes", () =>
    site.visit("device=cpu&task=chat", async (page) => {
      await ready(page);
      await page.getByLabel("Preset").selectOption("As in the lesson");
      await shows(page, "preset-about", /53 million weights take about 1\.8 GB of memory, and on a CPU a step takes/);
      await shows(page, "network-size", /53,6\d\d,\d\d\d parameters, about 1\.7\d GB/);
    }));
});

/**
 * Says something, and waits for the whole reply.
 * @param {import("playwright-core").Page} page
 * @param {string} text
 */
async function say(page, text) {
  await page.getByLabel("Your message").fill(text);
  await page.getByLabel("Your message").press("Enter");
  await page.getByTestId("conversation").locator(".turn.mine").last().filter({ hasText: text }).waitFor();
  await replied(page);
}

/** @param {import("playwright-core").Page} page */
const replied = (page) => page.locator('[data-testid="reply"][data-done="true"]').waitFor();

/**
 * The first exchanges as the page shows them.
 * @param {import("playwright-core").Page} page
 */
async function rows(page) {
  const cells = await page.getByTestId("first-rows").locator("tbody td").allInnerTexts();
  return Array.from({ length: cells.length / 2 }, (_, i) => cells.slice(2 * i, 2 * i + 2));
}
