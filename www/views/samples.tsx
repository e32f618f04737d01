import { count, short } from "../format";
import { type Entry, info } from "../store";
import { Diary } from "./diary";
import { Scroll } from "./scroll";

/** The same few held-out questions after every epoch, beside the right answers. */
export function SamplesCard() {
  return (
    <Diary id="samples" title="Watch it learn" about="sentences it has never trained on" when={when} note={note}>
      {(entry) => <Answers entry={entry} />}
    </Diary>
  );
}

function when({ epoch, step, whole }: Entry): string {
  return whole ? `After epoch ${count(epoch)}` : `In epoch ${count(epoch)}, step ${count(step)}`;
}

function note({ score }: Entry): string {
  return score === undefined ? "" : `${info.value?.score?.name} ${short(score)}`;
}

function Answers({ entry }: { entry: Entry }) {
  return (
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
  );
}
