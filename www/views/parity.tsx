import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Answer } from "../../pkg/unrolled.js";
import { count, percent } from "../format";
import type { TaskPage } from "../page";
import { hasProgress, infer, store } from "../store";
import { Scroll } from "./scroll";

const MAX_BITS = 200;

type Steps = Extract<Answer, { task: "parity" }>["steps"];

/** The parity task's part of the page. */
export const parity: TaskPage = {
  Card: ParityCard,
  records: "strings",
  columns: ["String", "Ones"],
  question: () => (asked.value ? { task: "parity", bits: asked.value } : undefined),
  invite: ({ train }) =>
    `The network reads ${count(train)} strings of bits over and over, and learns to tell whether the ones in them are even or odd in number.`,
  success: ({ accuracy }) => `It gets ${percent(accuracy, 0)} right on strings that it has never trained on.`,
};

/** The bits to judge. */
const asked = signal("1011001");

function setBits(bits: string): void {
  asked.value = bits;
  void infer();
}

/** Flip bits, and watch the network count them. */
function ParityCard() {
  const bits = asked.value;
  const answer = store.answer.value;
  const steps = answer?.task === "parity" ? answer.steps : [];
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
        <button type="button" disabled={bits.length >= MAX_BITS} onClick={() => setBits(`${bits}${random(1)}`)}>
          Add a bit
        </button>
        <button type="button" disabled={bits.length <= 1} onClick={() => setBits(bits.slice(0, -1))}>
          Remove a bit
        </button>
      </div>
      <Verdict bits={bits} steps={steps} />
      <Scroll label="Step by step">
        <fieldset class="bits" data-testid="bits">
          <legend class="hidden">Bits</legend>
          {[...bits].map((bit, i) => (
            <Step key={i} bits={bits} bit={bit} index={i} probability={steps[i]?.probability_odd} />
          ))}
        </fieldset>
        {steps.length > 0 && <Hidden steps={steps} />}
      </Scroll>
      {steps.length > 0 && (
        <p class="muted">
          Bars: how likely it takes the ones so far to be odd in number (the line is one half), and whether that is
          right. Below: the {steps[0]?.hidden.length} numbers of its hidden state, positive in one colour, negative in
          the other.
        </p>
      )}
    </section>
  );
}

const random = (length: number): string => Array.from({ length }, () => (Math.random() < 0.5 ? "0" : "1")).join("");

const isOdd = (bits: string): boolean => [...bits].filter((bit) => bit === "1").length % 2 === 1;

function Verdict({ bits, steps }: { bits: string; steps: Steps }) {
  const last = steps[steps.length - 1];
  if (!last) return null;
  const { probability_odd: odd } = last;
  return (
    <p class="verdict" aria-live="polite" data-testid="parity-answer">
      It says <strong>{odd > 0.5 ? "odd" : "even"}</strong>, and is {percent(Math.max(odd, 1 - odd))} sure. In truth it
      is <strong>{isOdd(bits) ? "odd" : "even"}</strong>.
    </p>
  );
}

interface StepProps {
  bits: string;
  bit: string;
  index: number;
  probability: number | undefined;
}

/** One bit, and what the network thinks after it. */
function Step({ bits, bit, index, probability }: StepProps) {
  const right = probability !== undefined && probability > 0.5 === isOdd(bits.slice(0, index + 1));
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
      {probability !== undefined && (
        <>
          <span class="column" title={`${percent(probability)} odd`}>
            <span class="column-fill" style={{ height: `${probability * 100}%` }} />
          </span>
          <span class={right ? "mark" : "mark wrong"} aria-hidden="true">
            {right ? "✓" : "✗"}
          </span>
          <span class="hidden">
            {percent(probability, 0)} odd, {right ? "right" : "wrong"}
          </span>
        </>
      )}
    </div>
  );
}

/** Pixels to a bit, as wide as .step in the style sheet. */
const STEP_WIDTH = 36;
const MAX_HEIGHT = 256;

/** The hidden state after every bit: a column for each bit, a row for each number. */
function Hidden({ steps }: { steps: Steps }) {
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
        context.fillRect(i * STEP_WIDTH + 3, unit * height, STEP_WIDTH - 6, height);
      }
    }
  }, [steps, height]);
  return (
    <div class="hidden-state">
      <canvas
        ref={canvas}
        width={steps.length * STEP_WIDTH}
        height={units * height}
        role="img"
        aria-label={`Heat map of ${units} hidden values after each of ${steps.length} bits`}
      />
    </div>
  );
}
