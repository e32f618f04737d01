import type { Field } from "../../pkg/unrolled.js";
import { dismiss, type Notice, notices } from "../notices";
import { showValue } from "../share";
import { accept, atStake, decline, type Pending, pending, store } from "../store";
import { atRisk } from "../work";
import { UpdateNotice } from "./update";

/** What the page has to say or to ask, at the foot of the window. */
export function Tray() {
  const question = pending.value;
  return (
    <div class="tray" aria-live="polite">
      {notices.value.map((notice) => (
        <NoticeBox key={notice.id} notice={notice} />
      ))}
      <UpdateNotice />
      {question && <Question question={question} />}
    </div>
  );
}

function NoticeBox({ notice }: { notice: Notice }) {
  return (
    <div class={`notice ${notice.kind}`} role={notice.kind === "error" ? "alert" : undefined} data-testid="notice">
      <div>
        <strong>{notice.title}</strong>
        <p>{notice.text}</p>
        {notice.action && (
          <button
            type="button"
            class="act"
            onClick={() => {
              dismiss(notice.id);
              notice.action?.act();
            }}
          >
            {notice.action.label}
          </button>
        )}
      </div>
      <button type="button" class="quiet" aria-label={`Dismiss: ${notice.title}`} onClick={() => dismiss(notice.id)}>
        ✕
      </button>
    </div>
  );
}

function Question({ question }: { question: Pending }) {
  return (
    <section class="notice question" aria-label="A new network" data-testid="question">
      <div>
        <strong>{title(question)}</strong>
        <p>{consequence(question)}</p>
      </div>
      <div class="buttons">
        <button type="button" class="primary" onClick={() => void accept()}>
          {question.kind === "model" ? "Open it" : "Start new"}
        </button>
        <button type="button" onClick={decline}>
          Keep
        </button>
      </div>
    </section>
  );
}

function consequence({ kind }: Pending): string {
  const what = kind === "model" ? "It takes the place of the network that is here" : "This starts a new network";
  if (!atStake.value) return `${what}. Open its file or link again to have it back.`;
  return atRisk.value
    ? `${what}, and the trained one is thrown away: the browser does not keep it.`
    : `${what}. The trained one stays under Your work.`;
}

function title(question: Pending): string {
  switch (question.kind) {
    case "model":
      return `Open ${question.label}?`;
    case "load":
      return `Load ${question.label}?`;
    case "task":
      return "Change the task?";
    case "link":
      return "Open the link?";
    case "restart":
      return "Begin again?";
    case "vectors":
      return question.from ? `Start from the word vectors of ${question.from}?` : "Start without word vectors?";
    case "settings":
      return question.fields.map(change).join(", ");
  }
}

/** "Hidden size 128 → 256" */
function change(field: Field): string {
  const [before, after] = [store.run.value?.config, store.config.value];
  return before && after ? `${field.label} ${showValue(field, before)} → ${showValue(field, after)}` : field.label;
}
