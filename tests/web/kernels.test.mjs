// The kernels on WebGPU against plain operations on the CPU, on random input.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { launch, requireWebGPU } from "../../scripts/browser.mjs";
import { counted, countGpuCalls } from "../../scripts/gpu-calls.mjs";
import { serve } from "../../scripts/serve.mjs";
import { root } from "../../scripts/steps.mjs";

/** The largest relative difference that counts as rounding. */
const TOLERANCE = 1e-4;

/** Mulberry32, seeded: a whole number from 1 to `most`. */
function dice(/** @type {number} */ seed) {
  let state = seed;
  return (/** @type {number} */ most) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return 1 + (((t ^ (t >>> 14)) >>> 0) % most);
  };
}

describe("the kernels on WebGPU", () => {
  /** @type {Awaited<ReturnType<typeof serve>>} */
  let server;
  /** @type {import("playwright-core").BrowserContext} */
  let context;
  /** @type {import("playwright-core").Page} */
  let page;

  before(async () => {
    server = await serve(root);
    context = await launch({ gpu: true });
    page = await context.newPage();
    await page.addInitScript(countGpuCalls);
    await page.goto(`${server.url}tests/web/session.html`);
    await page.waitForFunction("window.ready");
    await requireWebGPU(page);
    await page.evaluate(async () => {
      const scope = /** @type {any} */ (globalThis);
      scope.bench = await scope.Bench.open("webgpu");
    });
  });

  after(async () => {
    await context?.close();
    await server?.close();
  });

  /**
   * @param {string} kernel
   * @param {number[]} shape time, batch, hidden
   * @param {object} options
   */
  async function check(kernel, [time, batch, hidden], options = {}) {
    const everything = { ragged: true, dropout: true, initial: true, outputs: true, seed: 1 };
    const testCase = { kernel, time, batch, hidden, ...everything, ...options };
    const difference = await page.evaluate(
      (testCase) => /** @type {any} */ (globalThis).bench.compare(testCase),
      testCase,
    );
    assert.ok(difference <= TOLERANCE, `${JSON.stringify(testCase)} differs by ${difference}`);
  }

  for (const kernel of ["lstm", "gru", "rnn_tanh", "rnn_relu", "lstm_stack"]) {
    it(`walk through time: ${kernel}`, async () => {
      const roll = dice(kernel.length);
      const coin = () => roll(2) === 1;
      for (let seed = 0; seed < 4; seed++) {
        const options = { ragged: coin(), dropout: coin(), initial: coin(), outputs: coin(), seed };
        await check(kernel, [roll(12), roll(30), roll(70)], options);
      }
      for (const shape of [
        [1, 1, 1],
        [40, 2, 3],
        [2, 200, 5],
        [2, 3, 257],
        [2, 9, 700],
        [2, 2, 1024],
      ])
        await check(kernel, shape);
    });
  }

  for (const kernel of ["linear", "one_hot", "product", "cross_entropy", "sgd", "rms_prop", "adam_w", "clip_scale"]) {
    it(`the rest of a training step: ${kernel}`, async () => {
      for (const shape of [
        [1, 1, 1],
        [1, 3, 7],
        [13, 5, 33],
        [40, 20, 64],
        [41, 200, 5],
      ])
        await check(kernel, shape);
    });
  }

  for (const cell of ["lstm", "gru", "rnn"]) {
    it(`asks for as few dispatches a step for long sequences as for short ones: ${cell}`, async () => {
      const [batch, vocabulary] = [4, 12];
      const dispatches = [];
      for (const time of [5, 50]) {
        const token = (/** @type {unknown} */ _, /** @type {number} */ index) => index % vocabulary;
        const workload = {
          model: "language_model",
          cell,
          hidden: 16,
          layers: 1,
          batch,
          vocabulary,
          target_vocabulary: 0,
          embedding: 0,
          classes: vocabulary,
          loss_at_last: true,
          optimizer: "adam",
          learning_rate: 0.01,
          x: Array.from({ length: batch * time }, token),
          decoder_x: [],
          y: Array.from({ length: batch }, token),
        };
        const steps = (/** @type {number} */ count) =>
          page.evaluate(
            async ([workload, count]) => {
              const { bench } = /** @type {any} */ (globalThis);
              bench.load(workload);
              for (let step = 0; step < count; step++) await bench.step();
            },
            /** @type {const} */ ([workload, count]),
          );
        const short = await counted(page, () => steps(2));
        const long = await counted(page, () => steps(4));
        dispatches.push((long.dispatches - short.dispatches) / 2);
        assert.equal(long.readbacks - short.readbacks, 2, "readbacks: the loss alone");
      }
      assert.equal(dispatches[0], dispatches[1]);
      assert.ok(dispatches[0] <= 60, `${dispatches[0]} dispatches`);
    });
  }
});
