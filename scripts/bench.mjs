// npm run bench [-- W1 W2 …]: what one training step takes, through bench.html in Chromium, as Markdown.
// On the CPU it is the time. On WebGPU, which here is a software adapter, it is what a step asks of the GPU: counts that
// hold for any GPU.
import { browser, launch, requireWebGPU } from "./browser.mjs";
import { buildSite } from "./build.mjs";
import { counted, countGpuCalls } from "./gpu-calls.mjs";
import { serve } from "./serve.mjs";
import { command, Failure, root } from "./steps.mjs";

const workloads = ["W1", "W2", "W2b", "W3", "W4", "W5"];
/** Characters generated for their speed. */
const characters = 500;

/**
 * What window.bench of bench.html gives back; see there.
 * @typedef {{ ms_per_step: number, first_step_ms: number, gflops: number, memory_mb: number, loss_first: number, loss_last: number }} Result
 */

/**
 * Opens bench.html in a browser of its own and gives the page to `work`.
 * @template T
 * @param {string} url
 * @param {boolean} gpu
 * @param {(page: import("playwright-core").Page) => Promise<T>} work
 */
async function withPage(url, gpu, work) {
  const context = await launch({ gpu });
  try {
    const page = await context.newPage();
    if (gpu) await page.addInitScript(countGpuCalls);
    await page.goto(`${url}bench.html?backend=${gpu ? "webgpu" : "cpu"}`);
    await page.waitForFunction("window.bench");
    if (gpu) await requireWebGPU(page);
    return await work(page);
  } finally {
    await context.close();
  }
}

/**
 * @param {import("playwright-core").Page} page
 * @param {string} workload
 * @param {number} steps
 * @param {{ warmup: number, budget_ms: number }} options
 * @returns {Promise<Result>}
 */
function bench(page, workload, steps, options) {
  return page.evaluate(
    ([...args]) => /** @type {any} */ (globalThis).bench(...args),
    /** @type {const} */ ([workload, steps, options]),
  );
}

/** @param {...(string | number)} cells */
const row = (...cells) => console.log(`| ${cells.join(" | ")} |`);

await command(async () => {
  const wanted = process.argv.slice(2);
  const unknown = wanted.find((name) => !workloads.includes(name));
  if (unknown) throw new Failure(`There is no workload '${unknown}'; there are ${workloads.join(", ")}.`);
  const chosen = (/** @type {string[]} */ names) =>
    names.filter((name) => wanted.length === 0 || wanted.includes(name));

  await browser();
  await buildSite({ optimise: true });
  const { url, close } = await serve(`${root}/dist`);
  try {
    console.log("\nCPU\n");
    row("workload", "ms per step", "GFLOP/s in products", "first step after ms", "MB of memory", "loss");
    row("---", "---", "---", "---", "---", "---");
    for (const workload of chosen(workloads)) {
      const options = { warmup: 2, budget_ms: 20_000 };
      const result = await withPage(url, false, (page) => bench(page, workload, 20, options));
      const loss = `${result.loss_first.toFixed(3)} → ${result.loss_last.toFixed(3)}`;
      row(
        workload,
        result.ms_per_step.toFixed(1),
        result.gflops.toFixed(1),
        result.first_step_ms.toFixed(0),
        result.memory_mb.toFixed(0),
        loss,
      );
    }
    for (const gpu of [false, true]) {
      const perSecond = await withPage(url, gpu, (page) =>
        page.evaluate(`generate(${gpu ? characters / 10 : characters})`),
      );
      console.log(`\n${gpu ? "WebGPU" : "CPU"}: ${perSecond.toFixed(0)} characters a second from LSTM(256)`);
    }

    console.log("\nWebGPU, per step\n");
    row("workload", "dispatches", "MB bound by them", "uploads", "KB uploaded", "readbacks");
    row("---", "---", "---", "---", "---", "---");
    for (const workload of chosen(workloads)) {
      const options = { warmup: 1, budget_ms: Number.MAX_SAFE_INTEGER };
      await withPage(url, true, async (page) => {
        // Only the first run opens the device and fills its pool of buffers.
        await bench(page, workload, 1, options);
        // The difference of two runs of different length: what setting up takes cancels out.
        const short = await counted(page, () => bench(page, workload, 1, options));
        const long = await counted(page, () => bench(page, workload, 3, options));
        const perStep = (/** @type {keyof import("./gpu-calls.mjs").Counts} */ name, unit = 1) =>
          ((long[name] - short[name]) / 2 / unit).toFixed(1);
        row(
          workload,
          perStep("dispatches"),
          perStep("bound", 1e6),
          perStep("uploads"),
          perStep("uploaded", 1e3),
          perStep("readbacks"),
        );
      });
    }
  } finally {
    await close();
  }
});
