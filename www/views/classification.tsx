import { signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Answer } from "../../pkg/unrolled.js";
import { count, percent } from "../format";
import type { TaskPage } from "../page";
import type { Config, DataReport } from "../protocol";
import { askOnce, fillInAgain, infer, setSettings, store } from "../store";
import { Examples, examples, trained } from "./input";
import { SamplesCard } from "./samples";
import { SavePicture } from "./save";
import { Scroll } from "./scroll";

type Said = Extract<Answer, { task: "classification" }>;
type ReadText = Extract<Said, { kind: "text" }>;
type ReadToken = ReadText["tokens"][number];
type Report = Extract<Said, { kind: "report" }>;
type Part = "validation" | "test";

/** The classification task's part of the page. */
export const classification: TaskPage = {
  Card: ClassificationCards,
  DataControls: Columns,
  controlled: ["text_column", "label_column"],
  records: "texts",
  columns: ["Text", "Class"],
  question: () => (text.value.trim() ? { task: "classification", kind: "text", text: text.value } : undefined),
  typed: { read: () => text.value, write: setText },
  prefill: ({ rows }, sample) => {
    text.value = sample?.input ?? rows[0]?.[0] ?? "";
  },
  examples,
  invite: ({ train, classes }) =>
    `The network reads ${count(train)} texts over and over, and learns to tell which of ${classes.length} classes each belongs to.`,
  success: ({ accuracy }) =>
    `It gets the class of ${percent(accuracy, 0)} of the texts right that it has never trained on.`,
  files: {
    label: "Files with labelled texts",
    help: "A table with a column of texts and one of classes; or one file for each class, a text a line; or one folder for each class, a text a file; also zipped.",
    pasteLabel: "Labelled texts: one a line, a tab between the text and its class",
    placeholder: "Great phone, I love it.\tgood",
    advice:
      "Use a table with a column of texts and one of classes (.csv, .tsv), or one text file or folder for each class (.txt).",
  },
};

/** The text to judge. */
const text = signal("");
/** How many of its tokens have been read; undefined: all. */
const at = signal<number | undefined>(undefined);

function setText(value: string): void {
  text.value = value;
  at.value = undefined;
  void infer();
}

/** Colours are told apart up to here; further classes share the last one. */
const COLOURS = 6;
const colour = (index: number) => `var(--class-${Math.min(index, COLOURS - 1)})`;

function ClassificationCards() {
  return (
    <>
      <ReadCard />
      <ReportCard />
      <SamplesCard />
    </>
  );
}

/** Type a text, and watch the verdict move as the network reads. */
function ReadCard() {
  const answer = store.answer.value;
  const read = answer?.task === "classification" && answer.kind === "text" ? answer : undefined;
  const steps = read?.tokens.filter((token) => token.probabilities) ?? [];
  const step = Math.min(at.value ?? steps.length, steps.length);
  return (
    <section class="card" aria-labelledby="classify-title" data-testid="classify-card">
      <div class="card-head">
        <h2 id="classify-title">Ask it</h2>
        <span class="muted">{trained()}</span>
      </div>
      <div class="ask-text">
        <label for="classify-text">Your text</label>
        <textarea
          id="classify-text"
          title="The verdict follows as you type"
          dir="auto"
          rows={3}
          value={text.value}
          placeholder="Type a text"
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <Examples choose={setText} />
      </div>
      {read && steps.length > 0 ? (
        <Verdict read={read} steps={steps} step={step} />
      ) : (
        <div class="buttons">
          <button type="button" class="primary" disabled={!text.value.trim()} onClick={() => void infer()}>
            Ask
          </button>
        </div>
      )}
    </section>
  );
}

interface VerdictProps {
  read: ReadText;
  /** The tokens that were read. */
  steps: ReadToken[];
  /** So many of them have been read. */
  step: number;
}

function Verdict({ read, steps, step }: VerdictProps) {
  const now = steps[step - 1]?.probabilities ?? [];
  const best = now.indexOf(Math.max(...now));
  const last = step === steps.length;
  const unread = read.tokens.length - steps.length;
  const unknown = steps.filter((token) => !token.known).length;
  return (
    <>
      <p class="verdict" aria-live="polite" data-testid="verdict">
        {last ? "It says" : `After ${step} of ${steps.length} words it says`} <strong>{read.classes[best]}</strong>, and
        is {percent(now[best] ?? 0)} sure.
      </p>
      <ReadWords read={read} step={step} />
      <div class="walk">
        <label for="classify-step">Words read</label>
        <input
          id="classify-step"
          type="range"
          min={1}
          max={steps.length}
          value={step}
          disabled={steps.length === 1}
          aria-valuetext={`${step} of ${steps.length}, ${read.classes[best]} ${percent(now[best] ?? 0, 0)}`}
          onInput={(event) => {
            const value = event.currentTarget.valueAsNumber;
            at.value = value === steps.length ? undefined : value;
          }}
        />
      </div>
      <Walk read={read} steps={steps} step={step} />
      <p class="figure-foot">
        <SavePicture
          name="verdict"
          what="the curves of the verdict"
          draw={async () => (await import("../export/figures")).verdicts(read)}
        />
      </p>
      <Probabilities classes={read.classes} probabilities={now} />
      <p class="muted">
        The colour of a word is the class that the network holds for the likeliest once it has read so far, the stronger
        the surer.
        {unread > 0 && ` Struck out: ${count(unread)} words that are cut off, as in training.`}
        {unknown > 0 && ` Dotted: ${unknown === 1 ? "a word" : `${unknown} words`} that it does not know.`}
      </p>
    </>
  );
}

/** The text in the colours of its verdicts. A word is as wide as it is written, so the text can be read. */
function ReadWords({ read, step }: { read: ReadText; step: number }) {
  let index = 0;
  let from = 0;
  return (
    <p class="read-words" dir="auto" data-testid="read-words">
      {read.tokens.map((token, i) => {
        // Between two words stands what stood there in the text.
        const start = text.value.toLowerCase().indexOf(token.text.toLowerCase(), from);
        const gap = start >= 0 ? text.value.slice(from, start) : " ";
        if (start >= 0) from = start + token.text.length;
        const written = start >= 0 ? text.value.slice(start, from) : token.text;
        const { probabilities } = token;
        if (!probabilities) {
          return (
            <span key={i}>
              {gap}
              <s class="unread">{written}</s>
            </span>
          );
        }
        index += 1;
        const number = index;
        const top = Math.max(...probabilities);
        const best = probabilities.indexOf(top);
        // From as sure as a guess to certain.
        const sure = (top - 1 / probabilities.length) / (1 - 1 / probabilities.length);
        return (
          <span key={i}>
            {gap}
            <button
              type="button"
              // The slider is for the keyboard.
              tabIndex={-1}
              class={`read-word ${token.known ? "" : "unknown"} ${number === step ? "chosen" : ""} ${number > step ? "later" : ""}`}
              style={{ "--verdict": colour(best), "--sure": `${Math.round(sure * 45)}%` }}
              title={`${read.classes[best]} ${percent(top, 0)}${token.known ? "" : ", not in the vocabulary"}`}
              onMouseEnter={() => (at.value = number)}
              onMouseLeave={() => (at.value = undefined)}
              onClick={() => (at.value = number)}
            >
              {written}
            </button>
          </span>
        );
      })}
    </p>
  );
}

const WALK_HEIGHT = 80;

/** The probability of each class as a curve over the words. */
function Walk({ read, steps, step }: VerdictProps) {
  const width = Math.max(1, steps.length);
  const x = (i: number) => i + 0.5;
  const y = (probability: number) => (1 - probability) * WALK_HEIGHT;
  return (
    <svg
      class="walk-curve"
      viewBox={`0 ${-2} ${width} ${WALK_HEIGHT + 4}`}
      preserveAspectRatio="none"
      role="img"
      data-testid="walk"
    >
      <title>{`Probability of each class after each of ${steps.length} words`}</title>
      <line class="grid" x1={0} x2={width} y1={y(0.5)} y2={y(0.5)} />
      <line class="now" x1={x(step - 1)} x2={x(step - 1)} y1={0} y2={WALK_HEIGHT} />
      {read.classes.map((name, index) => (
        <polyline
          key={name}
          style={{ stroke: colour(index) }}
          points={steps.map(({ probabilities }, i) => `${x(i)},${y(probabilities?.[index] ?? 0)}`).join(" ")}
        />
      ))}
    </svg>
  );
}

const MOST_BARS = 8;

/** The probabilities after the word, the likeliest classes only where there are many. */
function Probabilities({ classes, probabilities }: { classes: string[]; probabilities: number[] }) {
  let rows = classes.map((name, index) => ({ name, index, probability: probabilities[index] ?? 0 }));
  if (rows.length > MOST_BARS) rows = rows.sort((a, b) => b.probability - a.probability).slice(0, MOST_BARS);
  return (
    <ul class="probabilities" data-testid="probabilities">
      {rows.map(({ name, index, probability }) => (
        <li key={name}>
          <span class="class-name">
            <span class="swatch" style={{ background: colour(index) }} aria-hidden="true" />
            {name}
          </span>
          <span class="meter">
            <span class="fill" style={{ width: `${probability * 100}%`, background: colour(index) }} />
          </span>
          <span class="number">{percent(probability)}</span>
        </li>
      ))}
    </ul>
  );
}

/** How it does on texts that it has not trained on: asked anew after each epoch. */
function ReportCard() {
  /** The last report, and the network and part that it is about. */
  const last = useSignal<{ about: string; report: Report } | undefined>(undefined);
  const part = useSignal<Part>("validation");
  const run = store.run.value;
  const data = store.preview.value?.data;
  const epochs = run?.epochs.length ?? 0;
  const finished = store.status.value === "finished";
  // The test part is looked at when training is over, and at no other time.
  const shownPart = finished ? part.value : "validation";
  const hasPart = ((shownPart === "test" ? data?.test : data?.validation) ?? 0) > 0;
  const ready = store.stage.value.name === "ready";
  const about = [run?.number, shownPart, epochs, finished].join(" ");
  const asks = epochs > 0 && hasPart && !run?.model;
  useEffect(() => {
    let stale = false;
    // After a crash, or on another device, it is asked anew.
    if (!asks || !ready) return;
    void askOnce({ task: "classification", kind: "report", part: shownPart }).then((answer) => {
      if (stale || answer?.task !== "classification" || answer.kind !== "report") return;
      last.value = { about, report: answer };
    });
    return () => {
      stale = true;
    };
  }, [about, asks, ready, shownPart, last]);
  // The texts are those of the data.
  if (epochs === 0 || run?.model) return null;
  // Until the next one is there, an older one of the same run and part stays.
  const same = last.value?.about.startsWith(`${run?.number} ${shownPart} `);
  const shown = asks && same ? last.value?.report : undefined;
  return (
    <section
      class="card"
      aria-labelledby="report-title"
      aria-busy={asks && last.value?.about !== about}
      data-testid="report"
    >
      <div class="card-head">
        <h2 id="report-title">How well it does</h2>
        <span class="muted">on texts it has never trained on</span>
      </div>
      <div class="row">
        <label for="report-part">Part of the data</label>
        <select
          id="report-part"
          value={shownPart}
          title="The test part is for the end: who looks at it while choosing settings, chooses by luck"
          onChange={(event) => (part.value = event.currentTarget.value as Part)}
        >
          <option value="validation">Validation, {count(data?.validation ?? 0)} texts</option>
          <option value="test" disabled={!finished || !data?.test}>
            Test, {count(data?.test ?? 0)} texts{finished ? "" : " (when training is over)"}
          </option>
        </select>
      </div>
      {!hasPart && <p class="muted">No text is held out: raise the share of this part.</p>}
      {shown && (
        <>
          <Accuracies report={shown} />
          <Confusion report={shown} />
          <ClassTable report={shown} />
          <Mistakes report={shown} />
        </>
      )}
    </section>
  );
}

/** The network beside what needs no network. */
function Accuracies({ report }: { report: Report }) {
  const { accuracy, bag_of_words, majority, majority_class, texts } = report;
  // Two standard errors of a share.
  const margin = 2 * Math.sqrt((accuracy * (1 - accuracy)) / texts);
  const rows: [name: string, value: number, help: string][] = [
    ["The network", accuracy, "Reads the words in order"],
    [
      "Bag of words",
      bag_of_words,
      "Logistic regression on which words a text has, weighted by how rare they are (tf-idf)",
    ],
    [`Always “${majority_class}”`, majority, "The class that is commonest in training"],
  ];
  const ahead = accuracy - bag_of_words;
  return (
    <div class="accuracies" data-testid="accuracies">
      <ul class="probabilities">
        {rows.map(([name, value, help], i) => (
          <li key={name} title={help}>
            <span>{name}</span>
            <span class="meter">
              <span class={i === 0 ? "fill" : "fill other"} style={{ width: `${value * 100}%` }} />
            </span>
            <span class="number">{percent(value)}</span>
          </li>
        ))}
      </ul>
      <p class="muted">
        Right answers out of {count(texts)}; with so few, about {percent(margin, 0)} more or less is chance.{" "}
        {Math.abs(ahead) <= margin
          ? "Network and bag of words are too close to call."
          : ahead > 0
            ? "The network is ahead: here the order of words tells something."
            : "The bag of words is ahead: here the network gains nothing from the order of words."}
      </p>
    </div>
  );
}

/** True classes down, what the network says across. */
function Confusion({ report }: { report: Report }) {
  const { classes, confusion } = report;
  return (
    <Scroll label="Confusion matrix">
      <div class="figure-head">
        <p class="muted">Confusion matrix: the true class down, what the network says across</p>
        <SavePicture
          name="confusion-matrix"
          what="the confusion matrix"
          draw={async () => (await import("../export/figures")).confusion(report)}
        />
      </div>
      <table class="confusion" aria-label="Confusion matrix" data-testid="confusion">
        <thead>
          <tr>
            <td />
            {classes.map(({ name }) => (
              <th key={name} scope="col" class="matrix-cell number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {confusion.map((row, truth) => {
            const all = Math.max(1, classes[truth]?.texts ?? 1);
            return (
              <tr key={classes[truth]?.name}>
                <th scope="row" class="matrix-cell">
                  {classes[truth]?.name}
                </th>
                {row.map((texts, said) => (
                  <td
                    key={classes[said]?.name}
                    class={`matrix-cell number ${said === truth ? "right" : "wrong"}`}
                    style={{ "--share": `${Math.round((60 * texts) / all)}%` }}
                    title={`${percent(texts / all)} of ${classes[truth]?.name} are said to be ${classes[said]?.name}`}
                  >
                    {count(texts)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}

const share = (value: number | undefined) => (value === undefined ? "–" : percent(value));

function ClassTable({ report }: { report: Report }) {
  return (
    <Scroll label="Scores per class">
      <table class="rows" data-testid="class-scores">
        <thead>
          <tr>
            <th scope="col">Class</th>
            <th scope="col" class="number">
              Texts
            </th>
            <th scope="col" class="number" title="Of the texts that it says have the class, the share that do">
              Precision
            </th>
            <th scope="col" class="number" title="Of the texts that have the class, the share that it finds">
              Recall
            </th>
            <th scope="col" class="number" title="The harmonic mean of precision and recall">
              F1
            </th>
          </tr>
        </thead>
        <tbody>
          {report.classes.map(({ name, texts, precision, recall, f1 }) => (
            <tr key={name}>
              <td>{name}</td>
              <td class="number">{count(texts)}</td>
              <td class="number">{share(precision)}</td>
              <td class="number">{share(recall)}</td>
              <td class="number">{share(f1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Mistakes({ report }: { report: Report }) {
  if (report.mistakes.length === 0) return <p class="muted">It makes no mistake here.</p>;
  return (
    <Scroll label="Mistakes that it was surest of">
      <table class="rows mistakes" data-testid="mistakes">
        <caption>The mistakes that it was surest of. Press one to see how it came about.</caption>
        <thead>
          <tr>
            <th scope="col">Text</th>
            <th scope="col">It is</th>
            <th scope="col">It says</th>
            <th scope="col" class="number">
              Sure
            </th>
          </tr>
        </thead>
        <tbody>
          {report.mistakes.map((mistake, i) => (
            <tr key={i}>
              <td class="mistake-text">
                <button type="button" class="link" dir="auto" onClick={() => showMistake(mistake.text)}>
                  {mistake.text}
                </button>
              </td>
              <td>{mistake.truth}</td>
              <td>{mistake.said}</td>
              <td class="number">{percent(mistake.probability)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function showMistake(mistake: string): void {
  setText(mistake);
  document.getElementById("classify-text")?.focus();
}

/** Which column holds the text, and which the class. */
function Columns() {
  const config = store.config.value;
  const data = store.preview.value?.data;
  const error = store.previewError.value;
  const wrong = error?.field === "text_column" || error?.field === "label_column" ? error : undefined;
  if (!config) return null;
  return (
    <>
      {data && data.columns_used.length > 0 && (
        <div class="columns two">
          <Column name="text_column" label="Text" used={0} config={config} data={data} />
          <Column name="label_column" label="Class" used={1} config={config} data={data} />
        </div>
      )}
      {wrong && (
        <p class="error" id="columns-error">
          {wrong.message}
        </p>
      )}
    </>
  );
}

interface ColumnProps {
  name: "text_column" | "label_column";
  label: string;
  used: number;
  config: Config;
  data: DataReport;
}

function Column({ name, label, used, config, data }: ColumnProps) {
  const lines = data.columns;
  const columns = Math.max(0, ...lines.map((line) => line.length));
  const wrong = store.previewError.value?.field === name;
  return (
    <div>
      <label for={`setting-${name}`}>{label}</label>
      <select
        id={`setting-${name}`}
        title={`The column of the file that holds the ${name === "text_column" ? "texts" : "classes"}`}
        value={config[name] || data.columns_used[used]}
        aria-describedby={wrong ? "columns-error" : undefined}
        onChange={(event) => {
          fillInAgain();
          setSettings({ [name]: Number(event.currentTarget.value) });
        }}
      >
        {Array.from({ length: columns }, (_, i) => {
          const example = lines.find((line) => line[i])?.[i] ?? "";
          return (
            <option key={i} value={i + 1}>
              {i + 1}: {example.length > 24 ? `${example.slice(0, 24)}…` : example}
            </option>
          );
        })}
      </select>
    </div>
  );
}
