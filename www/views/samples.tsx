import { useSignal } from "@preact/signals";
import { count } from "../format";
import { info, store } from "../store";
import { Scroll } from "./scroll";

/** The same few held-out sentences after every epoch: one sees it learn. */
export function SamplesCard() {
  const chosen = useSignal<number | undefined>(undefined);
  const diary = store.run.value?.diary ?? [];
  const last = diary.length - 1;
  const index = Math.min(chosen.value ?? last, last);
  const entry = diary[index];
  if (!entry) return null;
  const when = `${entry.whole ? "After epoch" : "In epoch"} ${count(entry.epoch)}${entry.whole ? "" : `, step ${count(entry.step)}`}`;
  return (
    <section class="card" aria-labelledby="samples-title" data-testid="samples">
      <div class="card-head">
        <h2 id="samples-title">Watch it learn</h2>
        <span class="muted">sentences it has never trained on</span>
      </div>
      <div class="epoch-slider">
        <label for="sample-epoch">{when}</label>
        <input
          id="sample-epoch"
          type="range"
          min={0}
          max={last}
          value={index}
          disabled={last === 0}
          aria-valuetext={when}
          title="Go back to see what it said before"
          onInput={(event) => {
            const value = event.currentTarget.valueAsNumber;
            chosen.value = value === last ? undefined : value;
          }}
        />
        <span class="muted">
          {entry.score === undefined ? "" : `${info.value?.score?.name} ${entry.score.toFixed(1)}`}
        </span>
      </div>
      <Scroll label="Samples">
        <table class="rows">
          <thead>
            <tr>
              <th scope="col">Sentence</th>
              <th scope="col">The network says</th>
              <th scope="col">Reference</th>
            </tr>
          </thead>
          <tbody>
            {entry.samples.map((sample) => (
              <tr key={sample.input}>
                <td dir="auto">{sample.input}</td>
                <td dir="auto" class={sample.expected.includes(sample.output) ? "right" : "said"}>
                  {sample.output || "…"}
                </td>
                <td dir="auto">{sample.expected.join(" / ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </section>
  );
}
