import { useSignal } from "@preact/signals";
import { count } from "../format";
import { store } from "../store";
import { Scroll } from "./scroll";

/** The same few held-out sentences after every epoch: one sees it learn. */
export function SamplesCard() {
  const chosen = useSignal<number | undefined>(undefined);
  const epochs = (store.run.value?.epochs ?? []).filter((epoch) => epoch.samples.length > 0);
  if (epochs.length === 0) return null;
  const last = epochs.length - 1;
  const index = Math.min(chosen.value ?? last, last);
  const epoch = epochs[index];
  if (!epoch) return null;
  return (
    <section class="card" aria-labelledby="samples-title" data-testid="samples">
      <div class="card-head">
        <h2 id="samples-title">Watch it learn</h2>
        <span class="muted">sentences it has never trained on</span>
      </div>
      <div class="epoch-slider">
        <label for="sample-epoch">After epoch {count(epoch.epoch)}</label>
        <input
          id="sample-epoch"
          type="range"
          min={0}
          max={last}
          value={index}
          disabled={last === 0}
          aria-valuetext={`epoch ${epoch.epoch}`}
          title="Go back to see what it said after earlier epochs"
          onInput={(event) => {
            const value = event.currentTarget.valueAsNumber;
            chosen.value = value === last ? undefined : value;
          }}
        />
        <span class="muted">{epoch.bleu === undefined ? "" : `BLEU ${epoch.bleu.toFixed(1)}`}</span>
      </div>
      <Scroll label="Sample translations">
        <table class="rows">
          <thead>
            <tr>
              <th scope="col">Sentence</th>
              <th scope="col">The network says</th>
              <th scope="col">Reference</th>
            </tr>
          </thead>
          <tbody>
            {epoch.samples.map((sample) => (
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
