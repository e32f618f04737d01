import { computed, signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { GeneratedToken, GenerationAnswer } from "../../pkg/unrolled.js";
import { download } from "../download";
import { count, percent } from "../format";
import { notify } from "../notices";
import type { TaskPage } from "../page";
import type { Sample } from "../protocol";
import { askOnce, type Entry, hasProgress, store } from "../store";
import { Diary } from "./diary";
import { trained } from "./input";
import { Settings } from "./settings";

/** The writer's part of the page. */
export const generation: TaskPage = {
  Card,
  records: "texts",
  columns: ["Text", "It begins"],
  files: {
    label: "Text files",
    help: "One book, or several texts, each in a style of its own; also zipped, with a folder for each style.",
    pasteLabel: "A text to learn from; the longer, the better",
    placeholder: "Call me Ishmael. Some years ago – never mind how long precisely – …",
    advice: "Use one or more plain text files (.txt), a book for example.",
  },
  // Nothing is asked again by itself: a text goes on only when it is told to.
  question: () => undefined,
  typed: {
    read: () => seed.value,
    write(text) {
      seed.value = text;
    },
  },
  prefill({ rows, styles }, sample) {
    seed.value = (sample?.input ?? rows[0]?.[1] ?? "").split(" ").slice(0, SEED_WORDS).join(" ");
    blend.value = styles.map((_, style) => (style === 0 ? 1 : 0));
    forget();
  },
  show: () => void write("start"),
  examples: () => (seed.value ? [seed.value] : []),
  invite: ({ train }) =>
    `The network reads ${count(train)} ${unit(train)} over and over, and learns to guess each next one, until it can write on by itself.`,
  success: ({ loss, accuracy }) =>
    `It guesses ${percent(accuracy, 0)} of the next ${unit(2)} right in text that it has never trained on, at ${bits(loss)} bits each.`,
};

/** The data begins a text with so many words. */
const SEED_WORDS = 5;
/** How often the text grows. */
const CHUNK_MS = 120;
const FIRST_CHUNK = 20;
const MOST_CHUNK = 400;
/** It pauses after so many tokens, so that a page that nobody looks at comes to rest. */
const AT_ONCE = 5_000;

type Text = Extract<GenerationAnswer, { kind: "text" }>;
type Baseline = Extract<GenerationAnswer, { kind: "baseline" }>;

/** A text as far as it is written. */
interface Written extends Omit<Text, "kind" | "start"> {
  /** The run that writes it. */
  run: number | undefined;
  /** Tokens and milliseconds of the last turn. */
  made: number;
  took: number;
}

const seed = signal("");
/** How much of each style, 0 to 1. */
const blend = signal<number[]>([]);
const written = signal<Written | undefined>(undefined);
const writing = signal(false);
/** What counting comes to, with the run that it was asked beside: other settings make other tokens. */
const counted = signal<{ run: number; baseline: Baseline } | undefined>(undefined);
const surprise = signal(false);
/** Counts up when the text under way is no longer wanted. */
let turn = 0;
/** Whether the next chunk is wanted. */
let wanted = false;

const byWords = computed(() => store.config.value?.level === "word");

const unit = (number: number): string => `${byWords.value ? "word" : "character"}${number === 1 ? "" : "s"}`;

const bits = (nats: number): string => (nats / Math.LN2).toFixed(2);

function forget(): void {
  turn += 1;
  writing.value = false;
  written.value = undefined;
}

/** Ends after the chunk that is under way: the network has already read it. */
function stop(): void {
  wanted = false;
}

/** Writes: a new text, or on with the one that is there, until it is stopped. */
async function write(how: "start" | "continue"): Promise<void> {
  turn += 1;
  const mine = turn;
  wanted = true;
  writing.value = true;
  if (how === "start") written.value = undefined;
  try {
    if (how === "start" && !(await start(mine))) return;
    if (written.value) written.value = { ...written.value, made: 0, took: 0 };
    let chunk = FIRST_CHUNK;
    while (wanted && written.value && !written.value.full && written.value.made < AT_ONCE) {
      // Another network, or none, has taken the place of the one that wrote it.
      if (written.value.run === undefined || written.value.run !== store.run.value?.number) return;
      const before = performance.now();
      const answer = await goOn(chunk);
      const took = performance.now() - before;
      if (mine !== turn) return;
      if (!answer) {
        // The text was lost with the network or the worker that wrote it.
        written.value = { ...written.value, run: undefined };
        return;
      }
      written.value = {
        ...written.value,
        ...answer,
        tokens: [...written.value.tokens, ...answer.tokens],
        made: written.value.made + answer.tokens.length,
        took: written.value.took + took,
      };
      chunk = Math.round(Math.min(MOST_CHUNK, Math.max(1, (chunk * CHUNK_MS) / Math.max(took, 1))));
    }
  } finally {
    if (mine === turn) writing.value = false;
  }
}

async function start(mine: number): Promise<boolean> {
  const random = Math.floor(Math.random() * 2 ** 31);
  const answer = await askOnce({
    task: "generation",
    kind: "start",
    seed: seed.value,
    blend: blend.value,
    random,
  });
  if (mine !== turn || answer?.task !== "generation" || answer.kind !== "text") return false;
  written.value = { ...answer, run: store.run.value?.number, made: 0, took: 0 };
  return true;
}

async function goOn(chunk: number): Promise<Text | undefined> {
  const config = store.config.value;
  if (!config) return undefined;
  const { temperature, top_k, top_p } = config;
  const answer = await askOnce({
    task: "generation",
    kind: "continue",
    count: chunk,
    blend: blend.value,
    sampling: { temperature, top_k, top_p },
  });
  return answer?.task === "generation" && answer.kind === "text" ? answer : undefined;
}

async function askBaseline(run: number): Promise<void> {
  const answer = await askOnce({ task: "generation", kind: "baseline" });
  if (answer?.task === "generation" && answer.kind === "baseline") counted.value = { run, baseline: answer };
}

const baseline = computed(() =>
  counted.value && counted.value.run === store.run.value?.number ? counted.value.baseline : undefined,
);

function Card() {
  return (
    <>
      <WriteCard />
      <DiaryCard />
    </>
  );
}

/** Begin a text, and let the network go on with it. */
function WriteCard() {
  const text = written.value;
  const styles = store.preview.value?.data.styles ?? [];
  const run = store.run.value;
  const its_own = text?.run !== undefined && text.run === run?.number;
  return (
    <section class="card" aria-labelledby="write-title" data-testid="write-card">
      <div class="card-head">
        <h2 id="write-title">Let it write</h2>
        <span class="muted">{trained("scribble")}</span>
      </div>
      <div class="writer">
        <div>
          <label for="seed-text">Begin with</label>
          <textarea
            id="seed-text"
            title="The network reads this first, and writes on from there"
            dir="auto"
            rows={2}
            value={seed.value}
            placeholder="Nothing: it begins by itself"
            onInput={(event) => {
              seed.value = event.currentTarget.value;
            }}
          />
          {text && <Unknown tokens={text.unknown} />}
          {styles.length > 1 && <Styles styles={styles} />}
        </div>
        <div class="decoding">
          <Settings group="decoding" />
        </div>
      </div>
      <div class="buttons">
        {writing.value ? (
          <button type="button" class="primary" onClick={stop}>
            Stop writing
          </button>
        ) : (
          <button type="button" class="primary" disabled={!store.preview.value} onClick={() => void write("start")}>
            Write
          </button>
        )}
        <button type="button" disabled={writing.value || !its_own || text?.full} onClick={() => void write("continue")}>
          Go on
        </button>
        <Keep text={text} />
        <label class="check" title="The redder, the less the network expected it">
          <input
            type="checkbox"
            checked={surprise.value}
            onChange={(event) => {
              surprise.value = event.currentTarget.checked;
            }}
          />
          Colour by surprise
        </label>
      </div>
      {text && <Page text={text} />}
      {text && <Facts text={text} />}
      {text && !its_own && (
        <p class="muted" data-testid="not-its-own">
          The network that wrote this is gone. Press Write for a text by the one that is here.
        </p>
      )}
      <Bits />
    </section>
  );
}

/** What the network has never seen of the text to begin with. */
function Unknown({ tokens }: { tokens: string[] }) {
  if (tokens.length === 0) return null;
  return (
    <p class="read" data-testid="unknown-tokens">
      {tokens.map((token, i) => (
        <span key={i}>
          <span class="unknown">{token}</span>{" "}
        </span>
      ))}
      <span class="muted">
        – {tokens.length === 1 ? `a ${unit(1)}` : unit(2)} that it does not know
        {byWords.value ? "" : ", left out"}
      </span>
    </p>
  );
}

/** A slider for each style. */
function Styles({ styles }: { styles: string[] }) {
  const total = blend.value.reduce((sum, weight) => sum + weight, 0);
  const share = (style: number) => (total > 0 ? (blend.value[style] ?? 0) / total : 1 / styles.length);
  return (
    <fieldset class="styles" data-testid="styles">
      <legend>In the style of</legend>
      {styles.map((name, style) => (
        <label key={style}>
          <span>{name}</span>
          <input
            type="range"
            min={0}
            max={100}
            value={100 * (blend.value[style] ?? 0)}
            aria-valuetext={percent(share(style), 0)}
            onInput={(event) => {
              const weight = event.currentTarget.valueAsNumber / 100;
              blend.value = styles.map((_, other) => (other === style ? weight : (blend.value[other] ?? 0)));
            }}
          />
          <span class="number muted">{percent(share(style), 0)}</span>
        </label>
      ))}
    </fieldset>
  );
}

const whole = ({ seed, tokens }: Written): string => seed + tokens.map(({ text }) => text).join("");

/** Copies the text, or saves it as a file. */
function Keep({ text }: { text: Written | undefined }) {
  const copied = useSignal<Written | undefined>(undefined);
  return (
    <>
      <button
        type="button"
        disabled={!text}
        onClick={async () => {
          if (!text) return;
          try {
            await navigator.clipboard.writeText(whole(text));
            copied.value = text;
          } catch {
            notify("error", "Not copied", "The browser does not let the page copy. Save the text as a file.");
          }
        }}
      >
        <span aria-live="polite">{text && copied.value === text ? "Copied" : "Copy"}</span>
      </button>
      <button type="button" disabled={!text} onClick={() => text && download(whole(text), "written.txt", "text/plain")}>
        Save
      </button>
    </>
  );
}

/** Tokens that are marked alike, beginning with token `start`. */
interface Stretch {
  start: number;
  verbatim: boolean;
  tokens: GeneratedToken[];
}

function cut({ tokens, stretches }: Written): Stretch[] {
  const parts: Stretch[] = [];
  let at = 0;
  const push = (end: number, verbatim: boolean) => {
    if (end > at) parts.push({ start: at, verbatim, tokens: tokens.slice(at, end) });
    at = Math.max(at, end);
  };
  for (const [from, to] of stretches) {
    push(from, false);
    push(to, true);
  }
  push(tokens.length, false);
  return parts;
}

interface PaperProps {
  label: string;
  testid: string;
  seed: string;
  children: ComponentChildren;
}

/** A sheet with what the network was given and what it wrote; what scrolls must take the focus. */
function Paper({ label, testid, seed, children }: PaperProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: or the keyboard cannot reach its end
    <section class="written" dir="auto" aria-label={label} tabIndex={0} data-testid={testid}>
      <span class="seed">{seed}</span>
      {children}
    </section>
  );
}

/** The text, with what stands in the training text word for word marked in it. */
function Page({ text }: { text: Written }) {
  return (
    <Paper label="What it wrote" testid="written" seed={text.seed}>
      {cut(text).map(({ start, verbatim, tokens }) =>
        verbatim ? (
          <mark key={start} class="verbatim" title="Stands in the text it was trained on, word for word">
            <Tokens tokens={tokens} />
          </mark>
        ) : (
          <Tokens key={start} tokens={tokens} />
        ),
      )}
    </Paper>
  );
}

/** From so many bits on a token is as red as can be. */
const MOST_SURPRISING = 8;

function Tokens({ tokens }: { tokens: GeneratedToken[] }) {
  if (!surprise.value) return <span>{tokens.map(({ text }) => text).join("")}</span>;
  return (
    <>
      {tokens.map(({ text, probability, entropy }, i) => {
        const surprising = Math.min(1, -Math.log2(Math.max(probability, 1e-9)) / MOST_SURPRISING);
        return (
          <span
            key={i}
            title={`${percent(probability)}; ${entropy.toFixed(1)} bits undecided`}
            style={{ background: `color-mix(in srgb, var(--curve-validation) ${70 * surprising}%, transparent)` }}
          >
            {text}
          </span>
        );
      })}
    </>
  );
}

/** How much, how fast, and how much of it learnt by heart. */
function Facts({ text }: { text: Written }) {
  const total = text.tokens.length;
  const { longest, longest_text, made, took } = text;
  return (
    <>
      <p class="muted" data-testid="writing-facts">
        {count(total)} {unit(total)}
        {made > 0 && `, ${count((1000 * made) / took)} a second`}
        {text.full && ". That is as long as a text gets here; begin a new one."}
      </p>
      {longest > 0 && (
        <p data-testid="by-heart">
          The longest stretch that stands in the book word for word:{" "}
          <strong>
            {count(longest)} {unit(longest)}
          </strong>
          , <q class="quoted">{longest_text.trim()}</q>
        </p>
      )}
      {longest > 0 && baseline.value && (
        <p class="muted">
          Of {count(baseline.value.compared)} {unit(2)} that it never saw, {count(baseline.value.longest)} in a row
          stand there too: much longer stretches are learnt by heart.
        </p>
      )}
    </>
  );
}

/** Bits per token of the held-out text: the network's beside those of counting. */
function Bits() {
  const run = store.run.value;
  const epochs = run?.epochs ?? [];
  const validation = epochs[epochs.length - 1]?.validation;
  const known = baseline.value;
  // After a crash, or on another device, it is asked anew.
  const ready = store.stage.value.name === "ready";
  const due = ready && hasProgress.value && !known && !run?.model ? run?.number : undefined;
  useEffect(() => {
    if (due !== undefined) void askBaseline(due);
  }, [due]);
  if (!known || known.compared === 0) return null;
  const rows: [string, number | undefined][] = [
    ["The network", validation && validation.loss / Math.LN2],
    [known.order === 1 ? `Counting ${unit(2)}` : `Counting ${known.order} ${unit(2)} in a row`, known.bits],
    [`Counting single ${unit(2)}`, known.single_bits],
  ];
  const most = Math.max(...rows.map(([, value]) => value ?? 0));
  return (
    <table class="bits-table" data-testid="bits">
      <caption>Bits per {unit(1)} of text that it has never trained on: the fewer, the better it guesses</caption>
      <tbody>
        {rows.map(([name, value], i) => (
          <tr key={name}>
            <th scope="row" class="bits-name">
              {name}
            </th>
            <td class="number bits-value">{value === undefined ? "after an epoch" : value.toFixed(2)}</td>
            <td class="bits-bar" aria-hidden="true">
              <span
                class={i === 0 ? "bits-fill own" : "bits-fill"}
                style={{ width: `${(100 * (value ?? 0)) / most}%` }}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What it wrote from the same beginning while it was trained. */
function DiaryCard() {
  const styles = store.preview.value?.data.styles ?? [];
  return (
    <Diary
      id="diary"
      title="Its diary"
      about="always from the same beginning"
      when={({ step }) => `After step ${count(step)}`}
      note={whenInEpoch}
    >
      {({ samples }) =>
        samples.map((sample, style) => (
          <DiaryEntry key={style} sample={sample} style={styles.length > 1 ? styles[style] : undefined} />
        ))
      }
    </Diary>
  );
}

/** "end of epoch 2, 2.31 bits" */
function whenInEpoch({ epoch, whole }: Entry): string {
  if (!whole) return `epoch ${epoch}`;
  const loss = store.run.value?.epochs.find((past) => past.epoch === epoch)?.validation?.loss;
  return `end of epoch ${epoch}${loss === undefined ? "" : `, ${bits(loss)} bits`}`;
}

function DiaryEntry({ sample, style }: { sample: Sample; style: string | undefined }) {
  return (
    <div>
      {style && <h3>{style}</h3>}
      <Paper label={style ? `Sample in the style of ${style}` : "Sample"} testid="diary-text" seed={sample.input}>
        {sample.output}
      </Paper>
    </div>
  );
}
