// One training step of fixed workloads, timed. The data and the clock are those of the peers that we measure ourselves
// against: the same generator, the loss read back after every step.
import init, { Bench, type DeviceKind, type Workload } from "../pkg/unrolled.js";
import wasmUrl from "../pkg/unrolled_bg.wasm?url";

/** The shape of a workload; the data follows from it. */
type Shape = Omit<Workload, "x" | "decoder_x" | "y"> & { time: number; targetTime: number };

const base = {
  layers: 1,
  vocabulary: 0,
  target_vocabulary: 0,
  embedding: 0,
  targetTime: 0,
  loss_at_last: false,
  optimizer: "adam",
} as const;

const WORKLOADS: Record<string, Shape> = {
  // Counting ones: a number a step, the class after the last.
  W1: {
    ...base,
    model: "classifier",
    cell: "rnn",
    hidden: 24,
    batch: 1000,
    time: 50,
    classes: 50,
    loss_at_last: true,
    learning_rate: 1e-3,
  },
  // Characters, the next one after a window.
  W2: {
    ...base,
    model: "language_model",
    cell: "lstm",
    hidden: 128,
    batch: 128,
    time: 40,
    vocabulary: 64,
    classes: 64,
    loss_at_last: true,
    learning_rate: 1e-2,
  },
  W2b: {
    ...base,
    model: "language_model",
    cell: "gru",
    hidden: 128,
    batch: 128,
    time: 40,
    vocabulary: 64,
    classes: 64,
    loss_at_last: true,
    learning_rate: 1e-2,
  },
  // Character-level translation, one-hot.
  W3: {
    ...base,
    model: "seq2seq",
    cell: "lstm",
    hidden: 256,
    batch: 64,
    time: 16,
    targetTime: 60,
    vocabulary: 70,
    target_vocabulary: 90,
    classes: 90,
    optimizer: "rmsprop",
    learning_rate: 1e-3,
  },
  // Word-level translation.
  W4: {
    ...base,
    model: "seq2seq",
    cell: "lstm",
    hidden: 512,
    batch: 64,
    time: 15,
    targetTime: 16,
    vocabulary: 5000,
    target_vocabulary: 5000,
    embedding: 100,
    classes: 5000,
    learning_rate: 5e-3,
  },
  // Characters, the next one at every step.
  W5: {
    ...base,
    model: "language_model",
    cell: "lstm",
    hidden: 128,
    layers: 2,
    batch: 50,
    time: 50,
    vocabulary: 65,
    classes: 65,
    learning_rate: 2e-3,
  },
};

/** What writes one character after the other: LSTM(256), one-hot. */
const GENERATOR: Shape = {
  ...base,
  model: "language_model",
  cell: "lstm",
  hidden: 256,
  batch: 1,
  time: 1,
  vocabulary: 64,
  classes: 64,
  learning_rate: 1e-3,
};

/** Multiplications and additions of one step's matrix products: forward once, backward twice. */
function productFlops(shape: Shape): number {
  const gates = { lstm: 4, gru: 3, rnn: 1 }[shape.cell] * shape.hidden;
  const scan = (time: number, input: number) => {
    // Token ids that stand for one-hot vectors take no product.
    const first = input * gates;
    const rest = (shape.layers - 1) * shape.hidden * gates + shape.layers * shape.hidden * gates;
    return 6 * time * shape.batch * (first + rest);
  };
  const input = shape.model === "classifier" ? 1 : shape.embedding;
  const rows = shape.batch * (shape.loss_at_last ? 1 : shape.targetTime || shape.time);
  const output = 6 * rows * shape.hidden * shape.classes;
  return scan(shape.time, input) + (shape.targetTime > 0 ? scan(shape.targetTime, input) : 0) + output;
}

/** Mulberry32, seeded: uniform in [0, 1). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Token chains that follow a rule nine times in ten, so that a loss must fall: a row of tokens per sequence. */
function chains(random: () => number, batch: number, time: number, tokens: number): number[][] {
  return Array.from({ length: batch }, () => {
    let token = Math.floor(random() * tokens);
    return Array.from({ length: time }, () => {
      const current = token;
      token = random() < 0.1 ? Math.floor(random() * tokens) : (token * 3 + 1) % tokens;
      return current;
    });
  });
}

function workload(shape: Shape): Workload {
  const random = generator(1234);
  const { time, targetTime, ...network } = shape;
  const inputs = (rows: number[][]) => rows.flatMap((row) => row.slice(0, -1));
  const next = (rows: number[][]) => rows.flatMap((row) => row.slice(1));
  if (shape.model === "classifier") {
    const bits = Array.from({ length: shape.batch }, () =>
      Array.from({ length: time }, () => (random() < 0.5 ? 0 : 1) as number),
    );
    const ones = bits.map((row) => Math.min(row.filter((bit) => bit === 1).length, shape.classes - 1));
    return { ...network, x: bits.flat(), decoder_x: [], y: ones };
  }
  if (shape.model === "language_model") {
    const rows = chains(random, shape.batch, time + 1, shape.vocabulary);
    const y = shape.loss_at_last ? rows.map((row) => row[time] ?? 0) : next(rows);
    return { ...network, x: inputs(rows), decoder_x: [], y };
  }
  const source = chains(random, shape.batch, time, shape.vocabulary);
  const target = chains(random, shape.batch, targetTime + 1, shape.target_vocabulary);
  return { ...network, x: source.flat(), decoder_x: inputs(target), y: next(target) };
}

interface Options {
  /** Steps before timing, the first included. */
  warmup?: number;
  budget_ms?: number;
}

declare global {
  interface Window {
    bench: (name: string, steps: number, options?: Options) => Promise<Record<string, number>>;
    /** Characters a second when so many are generated, one after the other, their state kept on the device. */
    generate: (count: number) => Promise<number>;
  }
}

const backend: DeviceKind = new URLSearchParams(location.search).get("backend") === "cpu" ? "cpu" : "webgpu";

let device: Promise<Bench> | undefined;
let memory: WebAssembly.Memory | undefined;

/** The device, opened at the first call: a page can open WebGPU only once. */
function opened(): Promise<Bench> {
  device ??= init({ module_or_path: wasmUrl }).then((wasm) => {
    memory = wasm.memory;
    return Bench.open(backend);
  });
  return device;
}

window.bench = async (name, steps, { warmup = 2, budget_ms = 20_000 } = {}) => {
  const shape = WORKLOADS[name];
  if (shape === undefined) throw new Error(`There is no workload ${name}.`);
  const bench = await opened();
  bench.load(workload(shape));
  const first = await bench.step();
  const first_step_ms = performance.now();
  let last = first;
  for (let step = 1; step < warmup && performance.now() - first_step_ms < budget_ms; step++) last = await bench.step();
  const times: number[] = [];
  const started = performance.now();
  while (times.length < steps && (times.length === 0 || performance.now() - started < budget_ms)) {
    const before = performance.now();
    last = await bench.step();
    times.push(performance.now() - before);
  }
  times.sort((a, b) => a - b);
  const quantile = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? Number.NaN;
  return {
    ms_per_step: quantile(0.5),
    p25: quantile(0.25),
    p75: quantile(0.75),
    min: quantile(0),
    steps: times.length,
    first_step_ms,
    gflops: productFlops(shape) / quantile(0.5) / 1e6,
    /** The program's memory, which grows and never shrinks. */
    memory_mb: (memory?.buffer.byteLength ?? Number.NaN) / 1e6,
    loss_first: first,
    loss_last: last,
  };
};

window.generate = async (count) => {
  const bench = await opened();
  bench.load(workload(GENERATOR));
  await bench.generate(10);
  const before = performance.now();
  await bench.generate(count);
  return (1000 * count) / (performance.now() - before);
};
