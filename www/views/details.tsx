import type { DataReport, SideReport } from "../../pkg/unrolled.js";
import { count, percent } from "../format";
import { standing } from "../lesson";
import type { TaskPage } from "../page";
import { store } from "../store";
import { Scroll } from "./scroll";

/** The data looked at closely: parts, vocabularies, lengths, first rows, rejected lines. */
export function DataDetails() {
  const data = store.preview.value?.data;
  const page = store.page.value;
  if (!data || !page || standing("panel:details") === "hidden") return null;
  return (
    <section class="card" aria-labelledby="details-title" data-testid="data-details">
      <div class="card-head">
        <h2 id="details-title">A look at the data</h2>
        <span class="muted">{data.format}</span>
      </div>
      <Facts data={data} />
      {data.source && (
        <div class="sides">
          <Side title={page.columns[0]} side={data.source} />
          {data.target && <Side title={page.columns[1]} side={data.target} />}
        </div>
      )}
      {data.classes.length > 0 && <Classes classes={data.classes} />}
      <Rows rows={data.rows} columns={page.columns} />
      {data.rejected_total > 0 && <Rejected data={data} />}
    </section>
  );
}

function Facts({ data }: { data: DataReport }) {
  const facts: [string, number][] = [
    ["read", data.records],
    ["used", data.used],
    ["too long", data.too_long],
    ["to train", data.train],
    ["to validate", data.validation],
    ["to test", data.test],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{count(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Side({ title, side }: { title: string; side: SideReport }) {
  return (
    <div>
      <h3>{title}</h3>
      <p class="muted">
        {count(side.vocabulary)} tokens in the vocabulary, {percent(side.coverage)} of the text covered
      </p>
      <Lengths title={title} lengths={side.lengths} />
    </div>
  );
}

/** How many texts each class has, and how long they are, all on one scale. */
function Classes({ classes }: { classes: DataReport["classes"] }) {
  const longest = Math.max(...classes.map(({ lengths }) => lengths.length));
  return (
    <div class="sides" data-testid="classes">
      {classes.map(({ name, texts, lengths }) => (
        <div key={name}>
          <h3>{name}</h3>
          <p class="muted">{count(texts)} texts</p>
          <Lengths title={name} lengths={[...lengths, ...Array<number>(longest - lengths.length).fill(0)]} />
        </div>
      ))}
    </div>
  );
}

const MAX_BARS = 40;
const BAR_HEIGHT = 56;

/** How many sentences have which length. */
function Lengths({ title, lengths }: { title: string; lengths: number[] }) {
  const width = Math.max(1, Math.ceil(lengths.length / MAX_BARS)); // lengths in one bar
  const bars: number[] = [];
  for (const [length, sentences] of lengths.entries()) {
    const bar = Math.floor(length / width);
    bars[bar] = (bars[bar] ?? 0) + sentences;
  }
  const top = Math.max(1, ...bars);
  const mode = lengths.indexOf(Math.max(...lengths));
  return (
    <figure class="lengths">
      <svg viewBox={`0 0 ${bars.length * 10} ${BAR_HEIGHT}`} preserveAspectRatio="none" role="img">
        <title>{`${title}: sentences by length, up to ${lengths.length - 1} tokens; most have ${mode}.`}</title>
        {bars.map((sentences, i) => {
          const height = sentences > 0 ? Math.max(1.5, (sentences / top) * BAR_HEIGHT) : 0;
          return <rect key={i} x={i * 10 + 1} y={BAR_HEIGHT - height} width={8} height={height} />;
        })}
      </svg>
      <figcaption>
        <span>0</span>
        <span>tokens in a sentence</span>
        <span>{bars.length * width - 1}</span>
      </figcaption>
    </figure>
  );
}

function Rows({ rows, columns }: { rows: [string, string][]; columns: TaskPage["columns"] }) {
  return (
    <Scroll label="First rows">
      <table class="rows" data-testid="first-rows">
        <caption>First rows</caption>
        <thead>
          <tr>
            <th scope="col">{columns[0]}</th>
            <th scope="col">{columns[1]}</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, 5).map(([source, target], i) => (
            <tr key={i}>
              <td dir="auto">{source}</td>
              <td dir="auto">{target}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Rejected({ data }: { data: DataReport }) {
  return (
    <details data-testid="rejected">
      <summary>
        {count(data.rejected_total)} {data.rejected_total === 1 ? "line was" : "lines were"} left out
      </summary>
      <Scroll label="Lines left out">
        <table class="rows">
          <thead>
            <tr>
              <th scope="col">Line</th>
              <th scope="col">Reason</th>
              <th scope="col">Text</th>
            </tr>
          </thead>
          <tbody>
            {data.rejected.map(({ line, reason, text }) => (
              <tr key={line}>
                <td class="number">{count(line)}</td>
                <td>{reason}</td>
                <td dir="auto">{text}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      {data.rejected_total > data.rejected.length && <p class="muted">The first {data.rejected.length} are shown.</p>}
    </details>
  );
}
