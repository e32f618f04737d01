import { signal, useSignal } from "@preact/signals";
import type { TranslatedSentence } from "../../pkg/unrolled.js";
import { count, percent } from "../format";
import type { TaskPage } from "../page";
import { infer, store } from "../store";
import { Attention } from "./attention";
import { Columns } from "./columns";
import { Examples, examples, trained, Unknown } from "./input";
import { SamplesCard } from "./samples";
import { Decoding } from "./settings";

/** The translator's part of the page. */
export const translation: TaskPage = {
  Card,
  DataControls: () => <Columns labels={["Translate from", "into"]} />,
  controlled: ["source_column", "target_column"],
  records: "pairs",
  columns: ["Source", "Target"],
  files: {
    label: "Files with sentence pairs",
    help: "Two columns in one file, or two files with one language each; also zipped.",
    pasteLabel: "Sentence pairs: one pair a line, a tab between the two sentences",
    placeholder: "Good morning.\tBuenos días.",
    advice: "Use a plain text file with one pair a line and a tab between the two sentences (.txt, .tsv or .csv).",
  },
  question({ beam, length_penalty, max_output }) {
    const sentence = text.value.trim();
    return sentence ? { task: "translation", text: sentence, beam, length_penalty, max_output } : undefined;
  },
  typed: { read: () => text.value, write: setText },
  prefill({ rows }, sample) {
    text.value = sample?.input ?? rows[0]?.[0] ?? "";
  },
  examples,
  invite: ({ train }) =>
    `The network reads ${count(train)} sentence pairs over and over, and learns to write the second of each pair when it sees the first.`,
  success: ({ accuracy }) =>
    `It guesses ${percent(accuracy, 0)} of the words right in sentences that it has never trained on.`,
};

/** The text to translate. */
const text = signal("");
/** Typing pauses for so long before the sentence is translated. */
const TYPING_MS = 200;
let typing: ReturnType<typeof setTimeout> | undefined;

function setText(value: string): void {
  text.value = value;
  clearTimeout(typing);
  typing = setTimeout(infer, TYPING_MS);
}

function Card() {
  return (
    <>
      <TranslateCard />
      <SamplesCard />
    </>
  );
}

/** Type a sentence, read its translation, look into how it came about. */
function TranslateCard() {
  const chosen = useSignal(0);
  const word = useSignal<number | undefined>(undefined);
  const answer = store.answer.value?.task === "translation" ? store.answer.value : undefined;
  const hypotheses = answer?.hypotheses ?? [];
  const hypothesis = hypotheses[chosen.value] ?? hypotheses[0];
  return (
    <section class="card" aria-labelledby="translate-title" data-testid="translate-card">
      <div class="card-head">
        <h2 id="translate-title">Translate</h2>
        <span class="muted" data-testid="translate-state">
          {trained()}
        </span>
      </div>
      <div class="pair">
        <div>
          <label for="source-text">Your sentence</label>
          <textarea
            id="source-text"
            dir="auto"
            rows={2}
            aria-describedby="source-help"
            value={text.value}
            placeholder="Type a sentence"
            onInput={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
              event.preventDefault();
              void infer();
            }}
          />
          <span id="source-help" class="hidden">
            The translation appears as you type. Enter translates at once.
          </span>
          <Examples choose={setText} />
        </div>
        <div>
          <div class="output-head" id="output-label">
            Translation
          </div>
          <output
            class="output"
            dir="auto"
            aria-labelledby="output-label"
            aria-live="polite"
            aria-busy={answer !== undefined && !answer.done}
            data-testid="translation"
            data-done={answer?.done ?? false}
          >
            {hypothesis ? (
              <Words hypothesis={hypothesis} chosen={word.value} choose={(i) => (word.value = i)} />
            ) : (
              <button type="button" disabled={!text.value.trim()} onClick={() => void infer()}>
                Translate
              </button>
            )}
          </output>
          {answer && <Unknown input={answer.input} />}
        </div>
      </div>
      {hypotheses.length > 1 && (
        <Candidates hypotheses={hypotheses} chosen={chosen.value} choose={(i) => (chosen.value = i)} />
      )}
      {answer && hypothesis && hypothesis.tokens.length > 0 && (
        <div class="inside">
          <Alternatives hypothesis={hypothesis} word={word.value} />
          {hypothesis.attention && hypothesis.attention.length > 0 && (
            <Attention
              input={answer.input}
              hypothesis={hypothesis}
              weights={hypothesis.attention}
              word={word.value}
              choose={(i) => (word.value = i)}
            />
          )}
        </div>
      )}
      <Decoding />
    </section>
  );
}

interface WordsProps {
  hypothesis: TranslatedSentence;
  chosen: number | undefined;
  choose: (word: number | undefined) => void;
}

/** The translation, each token one button that shows its probabilities. */
function Words({ hypothesis, chosen, choose }: WordsProps) {
  if (hypothesis.tokens.length === 0) return <span class="muted">It ends at once, without a word.</span>;
  let at = 0;
  return (
    <span>
      {hypothesis.tokens.map((token, i) => {
        // The text is written with the spaces that belong between its tokens; a special token may be missing in it.
        const found = hypothesis.text.indexOf(token.text, at);
        const gap = found >= 0 ? hypothesis.text.slice(at, found) : " ";
        if (found >= 0) at = found + token.text.length;
        const special = /^<\w+>$/.test(token.text);
        return (
          <span key={i}>
            {gap}
            <button
              type="button"
              class={`word ${special ? "unknown" : ""} ${i === chosen ? "chosen" : ""}`}
              title={special ? "A word that is not in the target vocabulary" : percent(token.probability)}
              onMouseEnter={() => choose(i)}
              onFocus={() => choose(i)}
              onClick={() => choose(i)}
            >
              {token.text}
            </button>
          </span>
        );
      })}
    </span>
  );
}

interface CandidatesProps {
  hypotheses: TranslatedSentence[];
  chosen: number;
  choose: (hypothesis: number) => void;
}

/** The n best translations of beam search, with their scores. */
function Candidates({ hypotheses, chosen, choose }: CandidatesProps) {
  return (
    <ol class="candidates" aria-label="Best translations" data-testid="candidates">
      {hypotheses.map((hypothesis, i) => (
        <li key={i}>
          <button type="button" aria-pressed={i === chosen} onClick={() => choose(i)}>
            <span dir="auto">{hypothesis.text}</span>
            <span class="muted" title="Log probability, divided by length to the power of the normalisation">
              {hypothesis.score.toFixed(2)}
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}

/** What else the network had in mind for one word. */
function Alternatives({ hypothesis, word }: { hypothesis: TranslatedSentence; word: number | undefined }) {
  const token = word === undefined ? undefined : hypothesis.tokens[word];
  return (
    <div class="alternatives" aria-live="polite" data-testid="alternatives">
      <h3>{token ? `In the place of “${token.text}”` : "Word by word"}</h3>
      {token ? (
        <ol>
          {token.alternatives.map((candidate) => (
            <li key={candidate.text}>
              <span dir="auto">{candidate.text}</span>
              <span class="meter">
                <span class="fill" style={{ width: `${candidate.probability * 100}%` }} />
              </span>
              <span class="number">{percent(candidate.probability)}</span>
            </li>
          ))}
        </ol>
      ) : (
        <p class="muted">
          Point at a word of the translation, or move to it with Tab, to see what else the network had in mind.
        </p>
      )}
    </div>
  );
}
