import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import { count, percent } from "../format";
import { askOnce, store } from "../store";
import { axis, bare, colour, mount } from "./chart";
import { SavePicture } from "./save";

const MAX_BITS = 500;
/** Strings of the curve, whose accuracies are then right to about one in a hundred, and of the single figure. */
const CURVE_STRINGS = 2_000;
const STRINGS = 10_000;
/** Bits in one question: training and the other buttons wait for no more than this. */
const BITS_AT_ONCE = 50_000;

/** How many of so many fresh strings were answered right, after each of their bits. */
interface Trial {
  /** The network that was tried, and how many bits it is trained on. */
  run: number;
  trained: number;
  step: number;
  strings: number;
  right: number[];
}

/** The bits of the strings to try it on; undefined: as many as it trains on. */
const length = signal<number | undefined>(undefined);
const figure = signal<Trial | undefined>(undefined);
const curve = signal<Trial | undefined>(undefined);
/** What is being tried, if anything. */
const trying = signal<typeof figure | undefined>(undefined);
/** Counts the trials: a question of one that was stopped may still be on its way. */
let trials = 0;

/** Tries the network on strings that it has never seen, batch by batch, and shows how it goes. */
async function tryOn(bits: number, strings: number, result: typeof figure): Promise<void> {
  trials += 1;
  const mine = trials;
  trying.value = result;
  result.value = undefined;
  const at_once = Math.max(1, Math.floor(BITS_AT_ONCE / bits));
  for (let done = 0; done < strings && trying.value === result && mine === trials; ) {
    const batch = Math.min(at_once, strings - done);
    const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
    const answer = await askOnce({ task: "parity", kind: "accuracy", length: bits, strings: batch, seed });
    const run = store.run.value;
    if (answer?.task !== "parity" || answer.kind !== "accuracy" || !run || mine !== trials) break;
    const before: Trial | undefined = result.value;
    // Another network has come in the meantime.
    if (before && before.run !== run.number) break;
    done += batch;
    const right: number[] = answer.right.map((right, i) => right + (before?.right[i] ?? 0));
    result.value = { run: run.number, trained: run.config.bits, step: run.step, strings: done, right };
  }
  if (mine === trials) trying.value = undefined;
}

/** How well the network does on fresh strings, of one length and of all. */
export function AccuracyCard() {
  const config = store.config.value;
  if (!config) return null;
  const bits = length.value ?? config.bits;
  const run = store.run.value?.number;
  const shown = figure.value?.run === run ? figure.value : undefined;
  const drawn = curve.value?.run === run ? curve.value : undefined;
  return (
    <section class="card" aria-labelledby="accuracy-title" data-testid="accuracy-card">
      <div class="card-head">
        <h2 id="accuracy-title">Try it on fresh strings</h2>
        <span class="muted">drawn anew at every press; who guesses gets 50&nbsp;%</span>
      </div>
      <div class="buttons">
        <TryButton result={figure} onStart={() => tryOn(bits, STRINGS, figure)}>
          Try {count(STRINGS)} strings
        </TryButton>
        <label class="inline" title="The number of bits in each of these strings">
          of bits
          <input
            type="number"
            min={1}
            max={MAX_BITS}
            value={bits}
            onChange={(event) => {
              const wanted = Math.round(event.currentTarget.valueAsNumber);
              if (Number.isFinite(wanted)) length.value = Math.min(MAX_BITS, Math.max(1, wanted));
              event.currentTarget.value = String(length.value ?? config.bits);
            }}
          />
        </label>
        <TryButton result={curve} onStart={() => tryOn(MAX_BITS, CURVE_STRINGS, curve)}>
          Draw the curve to {MAX_BITS} bits
        </TryButton>
      </div>
      {shown && <Figure trial={shown} />}
      {drawn && <Curve trial={drawn} />}
    </section>
  );
}

interface TryButtonProps {
  result: typeof figure;
  onStart: () => void;
  children: preact.ComponentChildren;
}

/** Starts a trial; stops it while it is under way. */
function TryButton({ result, onStart, children }: TryButtonProps) {
  const busy = trying.value === result;
  return (
    <button
      type="button"
      disabled={trying.value !== undefined && !busy}
      onClick={() => {
        if (busy) trying.value = undefined;
        else onStart();
      }}
    >
      {busy ? "Stop" : children}
    </button>
  );
}

const lastOf = (trial: Trial): number => (trial.right[trial.right.length - 1] ?? 0) / trial.strings;

function Figure({ trial }: { trial: Trial }) {
  return (
    <p class="verdict" aria-live="polite" data-testid="fresh-accuracy" data-strings={trial.strings}>
      <strong>{percent(lastOf(trial))}</strong> of {count(trial.strings)} strings of {count(trial.right.length)}{" "}
      {trial.right.length === 1 ? "bit" : "bits"} right, at step {count(trial.step)}.
    </p>
  );
}

/** The share of right answers at every length, with the line of guessing. */
function Curve({ trial }: { trial: Trial }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  useEffect(() => {
    if (!box.current) return;
    const { chart, remove } = mount(box.current, OPTIONS, data(trial));
    plot.current = chart;
    return remove;
  }, []);
  useEffect(() => plot.current?.setData(data(trial)), [trial]);
  const at = (bits: number) => `${percent((trial.right[bits - 1] ?? 0) / trial.strings)} at ${bits}`;
  const figures = [50, 100, 200, MAX_BITS].map(at).join(", ");
  return (
    <figure class="chart" data-testid="length-curve" data-strings={trial.strings}>
      <figcaption>
        Right answers at each length in bits, {count(trial.strings)} strings
        <SavePicture
          name="accuracy-by-length"
          what="the curve over the lengths"
          draw={async () => (await import("../export/figures")).lengths(trial.right, trial.strings, trial.trained)}
        />
      </figcaption>
      <div ref={box} class="plot" role="img" aria-label={`Right answers against length: ${figures} bits.`} />
      <ul class="legend">
        <li class="train">up to the {trial.trained} bits that it trains on</li>
        <li class="validation">longer</li>
        <li class="old">guessing</li>
      </ul>
      <p class="muted">
        {figures} bits; at step {count(trial.step)}.
      </p>
    </figure>
  );
}

/** Lengths, the accuracies up to the trained length, those beyond, and guessing. */
function data({ right, strings, trained }: Trial): uPlot.AlignedData {
  const shares = right.map((right) => right / strings);
  return [
    shares.map((_, i) => i + 1),
    shares.map((share, i) => (i < trained ? share : null)),
    shares.map((share, i) => (i >= trained - 1 ? share : null)),
    shares.map(() => 0.5),
  ];
}

const OPTIONS: Omit<uPlot.Options, "width" | "height"> = {
  ...bare,
  // The last number on the x axis stands half beside the axis.
  padding: [8, 16, 0, 0],
  scales: { x: { time: false, range: [0, MAX_BITS] }, y: { range: [0, 1] } },
  axes: [
    { ...axis, size: 24, space: 60 },
    { ...axis, size: 40, values: (_, splits) => splits.map((share) => `${Math.round(100 * share)} %`) },
  ],
  series: [
    {},
    { stroke: colour("--curve-train"), width: 2, points: { show: false } },
    { stroke: colour("--curve-validation"), width: 2, points: { show: false } },
    { stroke: colour("--curve-old"), width: 1, dash: [4, 3], points: { show: false } },
  ],
};
