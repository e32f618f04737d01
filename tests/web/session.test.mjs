// The crate in a real browser: the GPU computes what the CPU computes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { launch, requireWebGPU } from "../../scripts/browser.mjs";
import { serve } from "../../scripts/serve.mjs";
import { root } from "../../scripts/steps.mjs";
import { closeTo } from "./answers.mjs";

/** Half the size of the defaults, which a software GPU takes some tenths of a second a step for. */
const SMALL = {
  hidden: 64,
  embedding: 32,
  batch: 32,
  max_tokens: 12,
  bits: 32,
  lengths: "fixed",
  strings: 400,
  pairs: 800,
  dropout: 0.1,
};
const STEPS = 10;
/** Texts of different lengths, the class at their end. */
const REVIEWS = Array.from({ length: 120 }, (_, i) => {
  const label = ["good", "bad"][i % 2];
  return `${"so ".repeat(i % 7)}${label} a thing\t${label}`;
}).join("\n");
/** Running text, and a second one in another style. */
const BOOK = "The old man looked out over the sea, and the sea looked back at him.\n".repeat(40);
const SONGS = "O sea, O sky, O wind!\n".repeat(60);
const SMALL_TALK = readFileSync(join(root, "www/data/small_talk.tsv"), "utf8");

describe("the crate on the CPU and on WebGPU", () => {
  /** @type {Awaited<ReturnType<typeof serve>>} */
  let server;
  /** @type {import("playwright-core").BrowserContext} */
  let context;
  /** @type {import("playwright-core").Page} */
  let page;
  /** @type {string[]} */
  const complaints = [];

  before(async () => {
    server = await serve(root);
    context = await launch({ gpu: true });
    page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(`${server.url}tests/web/session.html`);
    await page.waitForFunction("window.ready");
    await requireWebGPU(page);
    await page.evaluate(async () => {
      const scope = /** @type {any} */ (globalThis);
      scope.sessions = { cpu: await scope.Session.open("cpu"), webgpu: await scope.Session.open("webgpu") };
    });
  });

  after(async () => {
    await context?.close();
    await server?.close();
  });

  it("passes its self-test", async () => {
    const report = await page.evaluate("sessions.webgpu.device()");
    assert.equal(report.kind, "webgpu");
    assert.ok(report.self_test < 1e-3, `differs by ${report.self_test}`);
  });

  /** @type {[name: string, task: string, changes: object, ...texts: string[]][]} */
  const networks = [
    ["a translator with LSTM and attention", "translation", {}],
    [
      "a translator with two GRU layers and additive attention",
      "translation",
      { cell: "gru", layers: 2, attention: "additive" },
    ],
    [
      "a one-hot translator with a simple RNN and RMSprop",
      "translation",
      { cell: "rnn", input: "one_hot", attention: "none", optimizer: "rmsprop" },
    ],
    ["the parity network", "parity", { bits: 6 }],
    [
      "a network that counts ones, asked after the last bit only",
      "parity",
      { bits: 6, framing: "count", parity_loss: "last", cell: "rnn", activation: "relu" },
    ],
    ["a classifier with recurrent dropout", "classification", { recurrent_dropout: 0.2 }, REVIEWS],
    [
      "a classifier of the mean of two layers of GRU",
      "classification",
      { cell: "gru", layers: 2, pooling: "mean", recurrent_dropout: 0.2 },
      REVIEWS,
    ],
    ["a writer of one-hot characters in streams", "generation", { batch: 8, window: 20 }, BOOK],
    [
      "a writer of words in two styles, in windows",
      "generation",
      { cell: "gru", level: "word", input: "embedding", presentation: "windows", window: 8, layers: 2 },
      BOOK,
      SONGS,
    ],
    ["a writer of one-hot characters in two styles", "generation", { batch: 8, window: 20 }, BOOK, SONGS],
    [
      "a chat network with three layers and one embedding for both sides",
      "chat",
      { cell: "lstm", layers: 3 },
      SMALL_TALK,
    ],
  ];
  for (const [name, task, changes, ...texts] of networks) {
    it(`trains ${name} to the same losses`, async () => {
      const [cpu, gpu] = await page.evaluate(
        async ([task, changes, steps, files]) => {
          const { sessions, config, losses } = /** @type {any} */ (globalThis);
          const results = [];
          for (const session of [sessions.cpu, sessions.webgpu]) {
            session.load(task, files);
            session.create(config(task, changes), { vectors: false, model: false });
            results.push(await losses(session, steps));
          }
          return results;
        },
        /** @type {const} */ ([
          task,
          { ...SMALL, ...changes },
          STEPS,
          texts.map((text, i) => ({ name: `own${i}.tsv`, text })),
        ]),
      );
      assert.equal(cpu.length, STEPS);
      assert.ok(cpu.at(-1) < cpu[0], `it learns nothing: ${cpu}`);
      for (const [step, loss] of cpu.entries()) {
        assert.ok(
          Math.abs(gpu[step] - loss) <= 1e-3 * loss,
          `step ${step + 1}: ${gpu[step]} on the GPU, ${loss} on the CPU`,
        );
      }
    });
  }

  it("trains word vectors to the same losses, and finds the same words near each other", async () => {
    const [cpu, gpu] = await page.evaluate(async (steps) => {
      const { sessions, config, losses } = /** @type {any} */ (globalThis);
      const words = "the old whale swims far out at sea while our white ship sails under wind and stars".split(" ");
      let text = "";
      for (let i = 0; i < 400; i++) text += `${[0, 1, 2, 3].map((j) => words[(i * 7 + i * i * j) % 17]).join(" ")}. `;
      const changes = { embedding: 16, batch: 128, min_count: 1, thinning: 1, learning_rate: 0.01 };
      const results = [];
      for (const session of [sessions.cpu, sessions.webgpu]) {
        session.load("vectors", [{ name: "sea.txt", text }]);
        session.create(config("vectors", changes), { vectors: false, model: false });
        const trained = await losses(session, steps);
        const question = { task: "vectors", kind: "nearest", table: 0, word: "whale", count: 3 };
        results.push({ losses: trained, near: (await session.infer(question, () => {})).words });
      }
      return results;
    }, STEPS);
    assert.ok(cpu.losses.at(-1) < cpu.losses[0], `it learns nothing: ${cpu.losses}`);
    for (const [step, loss] of cpu.losses.entries()) {
      assert.ok(Math.abs(gpu.losses[step] - loss) <= 1e-3 * loss, `step ${step + 1}: ${gpu.losses[step]}, ${loss}`);
    }
    assert.equal(gpu.near.length, 3);
    for (const [place, near] of cpu.near.entries()) {
      assert.equal(gpu.near[place].word, near.word);
      assert.ok(Math.abs(gpu.near[place].cosine - near.cosine) < 1e-3);
    }
  });

  it("moves a run from the CPU to the GPU in a checkpoint, and answers the same", async () => {
    const [cpu, gpu] = await page.evaluate(async (changes) => {
      const { sessions, config, losses } = /** @type {any} */ (globalThis);
      for (const session of [sessions.cpu, sessions.webgpu]) session.load("translation", []);
      sessions.cpu.create(config("translation", changes), { vectors: false, model: false });
      await losses(sessions.cpu, 5);
      sessions.webgpu.restore(await sessions.cpu.checkpoint());
      const request = { task: "translation", text: "Good morning!", beam: 2, length_penalty: 1, max_output: 6 };
      const results = [];
      for (const session of [sessions.cpu, sessions.webgpu]) {
        const answer = await session.infer(request, () => {});
        results.push({ answer: answer.hypotheses[0], losses: await losses(session, 2) });
      }
      return results;
    }, SMALL);
    assert.equal(gpu.answer.text, cpu.answer.text);
    assert.ok(Math.abs(gpu.answer.score - cpu.answer.score) < 1e-3);
    for (const step of [0, 1]) assert.ok(Math.abs(gpu.losses[step] - cpu.losses[step]) <= 1e-3 * cpu.losses[step]);
  });

  for (const task of ["translation", "parity", "generation", "chat", "classification", "vectors"]) {
    const folder = join(root, "tests/native/files");
    const record = JSON.parse(readFileSync(join(folder, `v1-${task}.json`), "utf8"));
    const model = readFileSync(join(folder, `v2-${task}.safetensors`));

    it(`opens a model of ${task} from a file on both, asks it, goes on with it, and saves it for the other`, async () => {
      const { losses, answers } = await page.evaluate(
        async ({ task, record, model }) => {
          const { sessions, losses: train } = /** @type {any} */ (globalThis);
          const { cpu, webgpu } = sessions;
          const files = record.data ? [{ name: `${task}.txt`, text: record.data }] : [];
          const bytes = Uint8Array.from(model);
          const [losses, answers] = [[], []];
          for (const [session, other] of [
            [cpu, webgpu],
            [webgpu, cpu],
          ]) {
            session.load(task, files);
            session.open_model(bytes);
            answers.push(await session.infer(record.question, () => {}));
            session.restore(bytes);
            answers.push(await session.infer(record.question, () => {}));
            losses.push(await train(session, 3));
            const trained = await session.checkpoint();
            const answer = await session.infer(record.question, () => {});
            other.load(task, files);
            other.open_model(trained);
            answers.push([answer, await other.infer(record.question, () => {})]);
          }
          return { losses, answers };
        },
        { task, record, model: [...model] },
      );
      for (const step of [0, 1, 2]) assert.ok(Math.abs(losses[0][step] - losses[1][step]) <= 1e-3 * losses[0][step]);
      for (const answer of answers) {
        if (Array.isArray(answer)) closeTo(answer[1], answer[0]);
        else closeTo(answer, record.answer);
      }
    });
  }

  it("leaves nothing in the console", () => {
    assert.deepEqual(complaints, []);
  });
});
