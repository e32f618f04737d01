import type { InputToken, TranslatedSentence } from "../../pkg/unrolled.js";
import { percent } from "../format";
import { SavePicture } from "./save";
import { Scroll } from "./scroll";

interface AttentionProps {
  input: InputToken[];
  hypothesis: TranslatedSentence;
  /** [target token][source token] */
  weights: number[][];
  word: number | undefined;
  choose: (word: number | undefined) => void;
}

/** Attention weights as a heat map: a row for each word written, a column for each word read. */
export function Attention({ input, hypothesis, weights, word, choose }: AttentionProps) {
  return (
    <div class="attention" data-testid="attention">
      <div class="figure-head">
        <h3 id="attention-title">Attention</h3>
        <SavePicture
          name="attention"
          what="the attention weights"
          draw={async () => {
            const read = input.map((token) => token.text);
            return (await import("../export/figures")).attention(read, hypothesis, weights);
          }}
        />
      </div>
      <p class="muted">At which words it looked (across) when it wrote each word (down).</p>
      <Scroll label="Attention weights">
        <table aria-labelledby="attention-title">
          <thead>
            <tr>
              <td />
              {input.map((token, i) => (
                <th key={i} scope="col" dir="auto">
                  <span class="column-name">{token.text}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {weights.map((row, i) => (
              <tr key={i} class={i === word ? "chosen" : ""} onMouseEnter={() => choose(i)}>
                <th scope="row" dir="auto">
                  {hypothesis.tokens[i]?.text ?? "end"}
                </th>
                {row.slice(0, input.length).map((weight, j) => (
                  <td key={j} title={percent(weight)}>
                    <span class="heat" style={{ opacity: weight }} />
                    <span class="hidden">{percent(weight, 0)}</span>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </div>
  );
}
