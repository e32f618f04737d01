import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ParityStep } from "../../pkg/unrolled.js";
import { count, percent } from "../format";
import type { TaskPage } from "../page";
import { hasProgress, infer, store } from "../store";
import { AccuracyCard } from "./accuracy";
import { SavePicture } from "./save";
import { Scroll } from "./scroll";

/** The parity task's part of the page. */
export const parity: TaskPage = {
  Card,
  records: "strings",
  columns: ["String", "Ones"],
  question: () => ({ task: "parity", kind: "bits", bits: asked.value }),
  typed: { read: () => asked.value, write: (text) => setBits(text.replace(/[^01]/g, "").slice(0, MAX_BITS)) },
  invite: ({ train }) =>
    `The network reads ${count(train)} strings of bits over and over, and learns to tell whether the ones in them are even or odd in number.`,
  success({ accuracy }) {
    const config = store.run.value?.config;
    const what = config?.framing === "count" ? "It counts the ones right" : "It is right";
    const where = config?.parity_loss === "every" ? "of the bits of" : "of the";
    const when = config?.parity_loss === "every" ? "after" : "at the end of";
    return `${what} ${when} ${percent(accuracy, 0)} ${where} strings that it has never trained on.`;
  },
};

function Card() {
  return (
    <>
      <BitsCard />
      <AccuracyCard />
    </>
  );
}

const MAX_BITS = 500;

/** The bits to judge. */
const asked = signal("1011001");

function setBits(bits: string): void {
  asked.value = bits;
  void infer();
}

/** The same bits, cut off or gone on with at random. */
function setLength(length: number): void {
  const bits = asked.value.slice(0, length);
  setBits(bits + random(length - bits.length));
}

/** Flip bits, and watch the network follow them. */
function BitsCard() {
  const bits = asked.value;
  const answer = store.answer.value;
  const steps = answer?.task === "parity" && answer.kind === "bits" ? answer.steps : [];
  const counts = steps[0]?.count !== undefined;
  const ones = onesSoFar(steps);
  return (
    <section class="card" aria-labelledby="parity-title" data-testid="parity-card">
      <div class="card-head">
        <h2 id="parity-title">Ask it</h2>
        <span class="muted">{hasProgress.value ? "" : "not trained yet: it can only guess"}</span>
      </div>
      <p class="muted">
        Is the number of ones odd or even? Press a bit to flip it. The network reads from left to right, and all that it
        remembers is its hidden state.
      </p>
      <div class="buttons">
        <button type="button" class="primary" onClick={() => void infer()}>
          Ask
        </button>
        <button type="button" title="Draws every bit anew" onClick={() => setBits(random(bits.length))}>
          Random
        </button>
        <label class="inline" title="How long the string is: bits are cut off at its end, or added at random">
          Bits
          <input
            type="number"
            min={1}
            max={MAX_BITS}
            value={bits.length}
            onChange={(event) => {
              const length = Math.round(event.currentTarget.valueAsNumber);
              if (Number.isFinite(length)) setLength(Math.min(MAX_BITS, Math.max(1, length)));
              // What is no number, or was cut to the range, must not stay in the box.
              event.currentTarget.value = String(asked.value.length);
            }}
          />
        </label>
      </div>
      <Verdict step={steps[steps.length - 1]} ones={ones[ones.length - 1] ?? 0} />
      <Scroll label="Step by step">
        <fieldset class="bits" data-testid="bits">
          <legend class="hidden">Bits</legend>
          {[...bits].map((bit, i) => (
            <Step key={i} bits={bits} bit={bit} index={i} step={steps[i]} ones={ones[i] ?? 0} />
          ))}
        </fieldset>
        {steps.length > 0 && <Hidden steps={steps} />}
      </Scroll>
      {steps.length > 0 && (
        <p class="muted">
          Bars: how likely it takes the ones so far to be odd in number (the line is one half)
          {counts && ", with the number that it takes for the likeliest"}, and whether its answer is right. Below: the{" "}
          {steps[0]?.hidden.length} numbers of its hidden state, positive in one colour, negative in the other.{" "}
          <SavePicture
            name="hidden-states"
            what="the hidden states"
            draw={async () => (await import("../export/figures")).hiddenStates(steps)}
          />
        </p>
      )}
    </section>
  );
}

const random = (length: number): string =>
  Array.from({ length: Math.max(0, length) }, () => (Math.random() < 0.5 ? "0" : "1")).join("");

/** The number of ones up to each bit that the network has read. */
function onesSoFar(steps: ParityStep[]): number[] {
  let ones = 0;
  return steps.map(({ bit }) => {
    ones += bit;
    return ones;
  });
}

const parityOf = (odd: boolean): string => (odd ? "odd" : "even");

function Verdict({ step, ones }: { step: ParityStep | undefined; ones: number }) {
  if (!step) return null;
  const { odd, probability_odd, count: counted } = step;
  const sure = percent(odd ? probability_odd : 1 - probability_odd);
  return (
    <p class="verdict" aria-live="polite" data-testid="parity-answer">
      {counted === undefined ? "It says " : `It counts ${counted}, which is `}
      <strong>{parityOf(odd)}</strong>, and is {sure} sure. In truth it is {counted === undefined ? "" : `${ones}, `}
      <strong>{parityOf(ones % 2 === 1)}</strong>.
    </p>
  );
}

interface StepProps {
  bits: string;
  bit: string;
  index: number;
  step: ParityStep | undefined;
  /** Up to here. */
  ones: number;
}

/** One bit, and what the network thinks after it. */
function Step({ bits, bit, index, step, ones }: StepProps) {
  return (
    <div class="step">
      <button
        type="button"
        aria-label={`Bit ${index + 1}: ${bit}`}
        class={bit === "1" ? "flip one" : "flip"}
        onClick={() => setBits(bits.slice(0, index) + (bit === "1" ? "0" : "1") + bits.slice(index + 1))}
      >
        {bit}
      </button>
      {step && <Thought step={step} right={step.odd === (ones % 2 === 1)} />}
    </div>
  );
}

function Thought({ step, right }: { step: ParityStep; right: boolean }) {
  return (
    <>
      <span class="column" title={`${percent(step.probability_odd)} odd`}>
        <span class="column-fill" style={{ height: `${step.probability_odd * 100}%` }} />
      </span>
      {step.count !== undefined && <span class="counted">{step.count}</span>}
      <span class={right ? "mark" : "mark wrong"} aria-hidden="true">
        {right ? "✓" : "✗"}
      </span>
      <span class="hidden">
        {percent(step.probability_odd, 0)} odd, {right ? "right" : "wrong"}
      </span>
    </>
  );
}

/** Pixels of the canvas to a bit. The style sheet makes them as wide as .step: a canvas has a largest width. */
const STEP_WIDTH = 12;
const MAX_HEIGHT = 256;

/** The hidden state after every bit: a column for each bit, a row for each number. */
function Hidden({ steps }: { steps: ParityStep[] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const units = steps[0]?.hidden.length ?? 1;
  const height = Math.max(1, Math.min(6, Math.floor(MAX_HEIGHT / units)));
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const style = getComputedStyle(document.documentElement);
    const positive = style.getPropertyValue("--curve-train");
    const negative = style.getPropertyValue("--curve-validation");
    context.clearRect(0, 0, context.canvas.width, context.canvas.height);
    for (const [i, step] of steps.entries()) {
      for (const [unit, value] of step.hidden.entries()) {
        context.globalAlpha = Math.min(1, Math.abs(value));
        context.fillStyle = value > 0 ? positive : negative;
        context.fillRect(i * STEP_WIDTH + 1, unit * height, STEP_WIDTH - 2, height);
      }
    }
  }, [steps, height]);
  return (
    <div class="hidden-state">
      <canvas
        ref={canvas}
        width={steps.length * STEP_WIDTH}
        height={units * height}
        style={{ width: `calc(${steps.length} * var(--step))`, height: `${units * height}px` }}
        role="img"
        aria-label={`Heat map of ${units} hidden values after each of ${steps.length} bits`}
      />
    </div>
  );
}
