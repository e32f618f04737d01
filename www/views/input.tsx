/** What tasks share around a text that a user gives to the network. */

import type { InputToken } from "../../pkg/unrolled.js";
import { hasProgress, store } from "../store";

/** How far the network is, beside the title of what it does; `untrained` is all that it can do before. */
export function trained(untrained = "guess"): string {
  const run = store.run.value;
  if (!run || !hasProgress.value) return `not trained yet: it can only ${untrained}`;
  const last = run.epochs[run.epochs.length - 1];
  return last ? `after ${last.epoch} ${last.epoch === 1 ? "epoch" : "epochs"}` : "in its first epoch";
}

/** Sentences to try: held-out ones where there are some, else the first rows; in a demo those that were put into it. */
export function examples(): string[] {
  const epochs = store.run.value?.epochs ?? [];
  const held_out = epochs[epochs.length - 1]?.samples.map((sample) => sample.input) ?? [];
  const rows = store.preview.value?.data.rows.map(([source]) => source) ?? [];
  if (store.alone.value && rows.length > 0) return rows;
  return [...new Set([...held_out, ...rows])].filter((text) => text.length < 60).slice(0, 3);
}

/** Buttons for sentences to try. */
export function Examples({ choose }: { choose: (text: string) => void }) {
  const texts = examples();
  if (texts.length === 0) return null;
  return (
    <p class="examples">
      <span class="muted">Try</span>
      {texts.map((text) => (
        <button key={text} type="button" class="link" dir="auto" onClick={() => choose(text)}>
          {text}
        </button>
      ))}
    </p>
  );
}

/** The words that the network reads as `<unk>`. */
export function Unknown({ input }: { input: InputToken[] }) {
  if (input.every((token) => token.known)) return null;
  const unknown = input.filter((token) => !token.known).length;
  return (
    <p class="read" data-testid="unknown-words">
      {input.map((token, i) => (
        <span key={i}>
          <span class={token.known ? "" : "unknown"} title={token.known ? undefined : "Not in the vocabulary"}>
            {token.text}
          </span>{" "}
        </span>
      ))}
      <span class="muted">
        – {unknown === 1 ? "the marked word is" : `${unknown} marked words are`} not in the vocabulary
      </span>
    </p>
  );
}
