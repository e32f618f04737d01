import { signal, useSignal } from "@preact/signals";
import { Fragment } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ChatAnswer, ChatReply, InputToken } from "../../pkg/unrolled.js";
import { count, percent, short } from "../format";
import type { TaskPage } from "../page";
import { askOnce, fillInAgain, infer, setSettings, store } from "../store";
import { Columns } from "./columns";
import { Examples, examples, trained, Unknown } from "./input";
import { SamplesCard } from "./samples";
import { Decoding } from "./settings";

/** The chat's part of the page. */
export const chat: TaskPage = {
  Card,
  DataControls,
  controlled: ["source_column", "target_column", "bot"],
  records: "exchanges",
  columns: ["Question", "Reply"],
  files: {
    label: "Files with conversations",
    help: "Two columns; Messenger's message_1.json, several of them, or zipped; or plain text, a line for each turn.",
    pasteLabel: "Lines in turns, or on each line a question, a tab and its reply",
    placeholder: "Anna: Are you there?\nBen: Where else?",
    advice:
      "Use a table with questions and replies (.txt, .tsv or .csv), a Messenger export (.json), or plain text in turns.",
  },
  question({ candidates, temperature, first_top_k, top_k, top_p, max_output }) {
    if (said.value === undefined) return undefined;
    const message = { text: said.value, candidates, temperature, first_top_k, top_k, top_p, max_output };
    return { task: "chat", kind: "reply", ...message, draw: draw.value };
  },
  typed: {
    read: () => draft.value,
    write(text) {
      draft.value = text;
    },
  },
  prefill: clear,
  show: (sample) => say(sample?.input ?? ""),
  examples,
  invite: ({ train }) =>
    `The network reads ${count(train)} exchanges over and over, and learns to write the reply when it sees the question.`,
  success: ({ accuracy }) =>
    `It guesses ${percent(accuracy, 0)} of the words right in replies to questions that it has never trained on.`,
};

/** What was said before, and what came back, from the network of which run. */
const history = signal<{ said: string; reply: string; run: number | undefined }[]>([]);
/** What was said last; the reply to it follows the training and the settings. */
const said = signal<string | undefined>(undefined);
/** The text of the reply that was chosen among the candidates. */
const chosen = signal<string | undefined>(undefined);
/** Grows by one for other replies. */
const draw = signal(1);
const draft = signal("");

type Replies = Extract<ChatAnswer, { kind: "reply" }>;

/** The replies to what was said last, as far as they have come. */
function current(): Replies | undefined {
  const answer = store.answer.value;
  return answer?.task === "chat" && answer.kind === "reply" && answer.text === said.value ? answer : undefined;
}

function shown(): ChatReply | undefined {
  const replies = current()?.replies ?? [];
  return replies.find(({ text }) => text === chosen.value) ?? replies[0];
}

function say(text: string): void {
  const message = text.trim();
  if (message === "") return;
  if (said.value !== undefined) {
    const turn = { said: said.value, reply: shown()?.text ?? "", run: store.run.value?.number };
    history.value = [...history.value, turn];
  }
  said.value = message;
  chosen.value = undefined;
  draft.value = "";
  draw.value += 1;
  void infer();
}

function drawAgain(): void {
  draw.value += 1;
  chosen.value = undefined;
  void infer();
}

function clear(): void {
  history.value = [];
  said.value = undefined;
  chosen.value = undefined;
  draw.value = 1;
}

function Card() {
  return (
    <>
      <ChatCard />
      <VarietyCard />
      <SamplesCard />
    </>
  );
}

/** Talk to the network, choose among its replies, see how sure it was. */
function ChatCard() {
  const answer = current();
  const reply = shown();
  // A message is held back until the one before has its reply: both belong into the history.
  const waiting = store.inferring.value && said.value !== undefined && answer?.done !== true;
  return (
    <section class="card" aria-labelledby="chat-title" data-testid="chat-card">
      <div class="card-head">
        <h2 id="chat-title">Talk to it</h2>
        <span class="muted">{trained()}</span>
      </div>
      <Conversation input={answer?.input} reply={reply} done={answer?.done === true} />
      <form
        class="say"
        onSubmit={(event) => {
          event.preventDefault();
          if (!waiting) say(draft.value);
        }}
      >
        <label for="message" class="hidden">
          Your message
        </label>
        <input
          id="message"
          title="Enter sends it; the network hears each message alone"
          type="text"
          dir="auto"
          autocomplete="off"
          maxLength={1000}
          value={draft.value}
          placeholder="Say something"
          onInput={(event) => (draft.value = event.currentTarget.value)}
        />
        <button type="submit" class="primary" disabled={waiting || draft.value.trim() === ""}>
          Send
        </button>
      </form>
      <Examples choose={(text) => !waiting && say(text)} />
      {said.value !== undefined && (
        <div class="buttons">
          <button type="button" title="Draws other replies to your last message" onClick={drawAgain}>
            Draw again
          </button>
          <button
            type="button"
            title="Forgets the conversation; the network stays as it is"
            onClick={() => {
              clear();
              void infer();
            }}
          >
            Clear
          </button>
        </div>
      )}
      {answer && answer.replies.length > 0 && (
        <div class="inside">
          <Candidates replies={answer.replies} reply={reply} />
          {reply && <Sureness reply={reply} />}
        </div>
      )}
      <Decoding />
    </section>
  );
}

interface ConversationProps {
  input: InputToken[] | undefined;
  reply: ChatReply | undefined;
  done: boolean;
}

/** All that was said, the newest at the bottom. */
function Conversation({ input, reply, done }: ConversationProps) {
  const log = useRef<HTMLDivElement>(null);
  const turns = history.value.length;
  const others = history.value.findLastIndex(({ run }) => run !== store.run.value?.number);
  // Every new turn and every word scrolls down.
  useEffect(() => {
    log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [turns, said.value, reply?.text]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take the focus, or the keyboard cannot reach its end
    <div class="conversation" role="log" aria-label="Conversation" tabIndex={0} ref={log} data-testid="conversation">
      {said.value === undefined && (
        <p class="muted">Say hello. The network knows only what it was trained on, and hears each message alone.</p>
      )}
      {history.value.map((turn, i) => (
        <Fragment key={i}>
          <div class="exchange">
            <p class="turn mine" dir="auto">
              {turn.said}
            </p>
            <p class="turn" dir="auto">
              {turn.reply || "…"}
            </p>
          </div>
          {i === others && <p class="muted others">So far another network has replied.</p>}
        </Fragment>
      ))}
      {said.value !== undefined && (
        <div class="exchange">
          <p class="turn mine" dir="auto">
            {said.value}
          </p>
          <p class="turn" dir="auto" aria-busy={!done} data-testid="reply" data-done={done}>
            {reply?.text || (done ? "It says nothing." : "…")}
          </p>
          {input && <Unknown input={input} />}
        </div>
      )}
    </div>
  );
}

/** The replies that were drawn, the likeliest first. */
function Candidates({ replies, reply }: { replies: ChatReply[]; reply: ChatReply | undefined }) {
  return (
    <div>
      <h3>Replies it drew</h3>
      <ol class="candidates" aria-label="Replies to choose from" data-testid="candidates">
        {replies.map((candidate) => (
          <li key={candidate.text}>
            <button
              type="button"
              aria-pressed={candidate === reply}
              title="Perplexity: between how many equally likely words it chose, on average"
              onClick={() => (chosen.value = candidate.text)}
            >
              <span dir="auto">{candidate.text || "(nothing)"}</span>
              <span class="muted number drawn">
                {candidate.times > 1 && `${candidate.times} × · `}
                {short(candidate.perplexity)}
              </span>
            </button>
          </li>
        ))}
      </ol>
      <p class="muted">Choose one. On the right is its perplexity: 1 is certain.</p>
    </div>
  );
}

/** Word by word, how likely it was and how undecided the network. */
function Sureness({ reply }: { reply: ChatReply }) {
  return (
    <div class="sureness" data-testid="sureness">
      <h3>How sure it was</h3>
      <table class="rows">
        <thead>
          <tr>
            <th scope="col">Word</th>
            <th scope="col" colSpan={2}>
              Probability
            </th>
            <th scope="col" title="Entropy: how undecided it was before this word; 1 bit is a choice between two">
              Bits
            </th>
          </tr>
        </thead>
        <tbody>
          {reply.tokens.map((token, i) => (
            <tr key={i}>
              <td dir="auto" class={token.text === "<end>" ? "muted" : ""}>
                {token.text === "<end>" ? "the end" : token.text}
              </td>
              <td>
                <span class="meter">
                  <span class="fill" style={{ width: `${token.probability * 100}%` }} />
                </span>
              </td>
              <td class="number">{percent(token.probability, 0)}</td>
              <td class="number">{token.entropy.toFixed(1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="muted">
        Perplexity {short(reply.perplexity)}: as if it chose each word among {short(reply.perplexity)} equally likely
        ones.
      </p>
    </div>
  );
}

const QUESTIONS = 100;

type Variety = Extract<ChatAnswer, { kind: "variety" }>;

/** Whether it says the same to everybody. */
function VarietyCard() {
  const result = useSignal<{ variety: Variety; run: number; step: number } | undefined>(undefined);
  const asking = useSignal(false);
  const run = store.run.value;
  const known = result.value?.run === run?.number ? result.value : undefined;
  const ask = async () => {
    const max_output = store.config.value?.max_output;
    if (max_output === undefined) return;
    asking.value = true;
    const answer = await askOnce({ task: "chat", kind: "variety", questions: QUESTIONS, max_output });
    asking.value = false;
    const asked = store.run.value;
    if (answer?.task === "chat" && answer.kind === "variety" && asked)
      result.value = { variety: answer, run: asked.number, step: asked.step };
  };
  // The questions are those of the data.
  if (run?.model) return null;
  return (
    <section class="card" aria-labelledby="variety-title" data-testid="variety-card">
      <div class="card-head">
        <h2 id="variety-title">One reply to everything?</h2>
        {known && <span class="muted">at step {count(known.step)}</span>}
      </div>
      <p class="muted">
        The commonest fault of a chat network: it finds one reply that is never quite wrong, and gives it to everybody.
      </p>
      <div class="buttons">
        <button type="button" disabled={asking.value} onClick={() => void ask()}>
          Ask {QUESTIONS} questions
        </button>
      </div>
      {known && <VarietyResult {...known.variety} />}
    </section>
  );
}

function VarietyResult({ asked, distinct, right, most_frequent, times }: Variety) {
  return (
    <div aria-live="polite" data-testid="variety">
      <p class="verdict">
        <strong>{count(distinct)}</strong> different replies to {count(asked)} questions that it has never trained on;{" "}
        {count(right)} are the expected ones, word for word.
      </p>
      <p class="muted">
        The most frequent one, {count(times)} {times === 1 ? "time" : "times"} ({percent(times / asked, 0)}): “
        <span dir="auto">{most_frequent}</span>”
      </p>
    </div>
  );
}

/** Which columns are questions and replies; or where people speak in turns, who of them is the bot. */
function DataControls() {
  const data = store.preview.value?.data;
  if (!data || data.speakers.length === 0) return <Columns labels={["Questions", "Replies"]} />;
  return (
    <div class="setting">
      <label for="setting-bot">The bot is</label>
      <select
        id="setting-bot"
        title="The network learns to reply as this person does"
        value={data.bot}
        onChange={(event) => {
          fillInAgain();
          setSettings({ bot: Number(event.currentTarget.value) });
        }}
      >
        {data.speakers.map(({ name, replies }, i) => (
          <option key={name} value={i + 1}>
            {name} ({count(replies)} {replies === 1 ? "reply" : "replies"})
          </option>
        ))}
      </select>
    </div>
  );
}
