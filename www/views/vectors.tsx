import { count, percent } from "../format";
import type { TaskPage } from "../page";
import { hasProgress, store } from "../store";
import { Space } from "./space";

/** The part of the page about word vectors. */
export const vectors: TaskPage = {
  Card,
  looks: true,
  records: "words",
  columns: ["Word", "Words near it"],
  files: {
    label: "Texts",
    help: "One or more plain texts, such as a book; also zipped.",
    pasteLabel: "A text, the longer the better",
    placeholder: "Call me Ishmael. Some years ago …",
    advice: "Use plain text (.txt), the longer the better.",
  },
  // The view asks by itself, as it does for every task's vectors.
  question: () => undefined,
  invite: ({ train }) =>
    `The network goes through ${count(train)} words over and over, and learns a vector for each different one, from which to tell the words near it from others.`,
  success: ({ accuracy }) =>
    `Of a word that stands near and words drawn at random it finds the right one in ${percent(accuracy, 0)} of cases, in sentences that it has never trained on${byGuessing()}.`,
};

function byGuessing(): string {
  const baseline = store.preview.value?.data.baseline;
  return baseline === undefined ? "" : `; without looking at the word it would be ${percent(baseline, 0)}`;
}

function Card() {
  const baseline = store.preview.value?.data.baseline;
  const epochs = store.run.value?.epochs ?? [];
  const accuracy = epochs[epochs.length - 1]?.validation?.accuracy;
  return (
    <section class="card" aria-labelledby="vectors-title" data-testid="vectors-card">
      <div class="card-head">
        <h2 id="vectors-title">Where the words lie</h2>
        <span class="muted">{hasProgress.value ? "" : "not trained yet: all directions are random"}</span>
      </div>
      {baseline !== undefined && (
        <p class="muted" data-testid="vectors-score">
          {accuracy === undefined ? (
            <>Without looking at a word, {percent(baseline)} of its neighbours are found among random words.</>
          ) : (
            <>
              <strong>{percent(accuracy)}</strong> of the held-out neighbours are found among random words; without
              looking at the word it would be {percent(baseline)}.
            </>
          )}
        </p>
      )}
      {store.preview.value && <Space />}
    </section>
  );
}
