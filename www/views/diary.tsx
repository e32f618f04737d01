import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { type Entry, store } from "../store";

interface DiaryProps {
  /** Its data-testid, and the beginning of its ids. */
  id: string;
  title: string;
  about: string;
  /** When an entry was made: "After epoch 3". */
  when(entry: Entry): string;
  /** What else there is to say of it, in a few words. */
  note(entry: Entry): string;
  /** The entry itself. */
  children(entry: Entry): ComponentChildren;
}

/** The same questions answered again and again as training goes on, with a slider through time: one sees it learn. */
export function Diary({ id, title, about, when, note, children }: DiaryProps) {
  const chosen = useSignal<number | undefined>(undefined);
  const diary = store.run.value?.diary ?? [];
  const last = diary.length - 1;
  const index = Math.min(chosen.value ?? last, last);
  const entry = diary[index];
  if (!entry) return null;
  return (
    <section class="card" aria-labelledby={`${id}-title`} data-testid={id}>
      <div class="card-head">
        <h2 id={`${id}-title`}>{title}</h2>
        <span class="muted">{about}</span>
      </div>
      <div class="epoch-slider">
        <label for={`${id}-entry`}>{when(entry)}</label>
        <input
          id={`${id}-entry`}
          type="range"
          min={0}
          max={last}
          value={index}
          disabled={last === 0}
          aria-valuetext={when(entry)}
          title="Go back to see what it said before"
          onInput={(event) => {
            const value = event.currentTarget.valueAsNumber;
            chosen.value = value === last ? undefined : value;
          }}
        />
        <span class="muted">{note(entry)}</span>
      </div>
      {children(entry)}
    </section>
  );
}
