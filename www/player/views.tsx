import type { ComponentChildren } from "preact";
import type { TestScores } from "../../pkg/unrolled.js";
import { download } from "../download";
import logo from "../favicon.svg";
import { count, percent, short, size } from "../format";
import { info, store } from "../store";
import { Curves } from "../views/chart";
import { LookCard } from "../views/look";
import { SummaryCard } from "../views/summary";
import { Tray } from "../views/tray";
import { fileName } from "./demo";

interface DemoPageProps {
  /** The address of the page that the demo comes from. */
  origin: string | undefined;
}

/** A page of one network: ask it on the left, what it is on the right. */
export function DemoPage({ origin }: DemoPageProps) {
  const Card = store.page.value?.Card;
  return (
    <>
      <header class="header">
        <div class="brand">
          <img class="logo" src={logo} alt="" />
          <div>
            <h1 class="demo-title" dir="auto">
              {document.title}
            </h1>
            <p>A recurrent neural network that was trained with Unrolled and runs right here, in this tab.</p>
          </div>
        </div>
      </header>
      <main class="page">
        <div class="stage">
          {Card ? <Card /> : <p class="muted">The network is being opened …</p>}
          {!store.page.value?.looks && <LookCard />}
        </div>
        <div class="inspector">
          <ModelCard origin={origin} />
          {store.run.value && <CurvesCard />}
        </div>
        <div class="details">
          <SummaryCard />
        </div>
      </main>
      <footer class="footer">
        <p>
          Nothing that you type leaves this computer: the file forbids its own page every connection, and works without
          one.
        </p>
      </footer>
      <Tray />
    </>
  );
}

/** Where the numbers in the file come from: data, licence, training, scores. */
function ModelCard({ origin }: DemoPageProps) {
  const run = store.run.value;
  const page = store.page.value;
  if (!run?.model || !run.from || !page) return null;
  const { step, steps_per_epoch, model, from } = run;
  const { validation, test, data, licence, parameters, precision } = from;
  return (
    <section class="card" aria-labelledby="model-title" data-testid="model-card">
      <h2 id="model-title">This network</h2>
      {validation && <p>{page.success(validation.scores)}</p>}
      <dl class="model-facts">
        <Fact name="Task">{info.value?.label}</Fact>
        <Fact name="Trained on">
          <span dir="auto">{data.name || "data without a name"}</span>
          {data.records > 1 && `, ${count(data.records)} ${page.records}`}
        </Fact>
        <Fact name="Licence">
          <span dir="auto">{licence || "none named; ask who gave you this file"}</span>
        </Fact>
        <Fact name="Training">
          {count(step)} steps, {short(step / steps_per_epoch)} epochs
        </Fact>
        {validation && <Fact name="Validation">{scores(validation)}</Fact>}
        {test && <Fact name="Test">{scores(test)}</Fact>}
        <Fact name="Weights">
          {count(parameters)}, {precision === "f32" ? "as trained" : `rounded to ${precision === "f16" ? 16 : 8} bits`}
        </Fact>
      </dl>
      <div class="buttons">
        <button
          type="button"
          title="Saves the network alone, as a file that Unrolled opens to ask it or to train it on"
          onClick={() =>
            download(
              model as Uint8Array<ArrayBuffer>,
              fileName(document.title, "safetensors"),
              "application/octet-stream",
            )
          }
        >
          Save the network, {size(model.length)}
        </button>
        {origin && (
          <a href={origin} target="_blank" rel="noopener noreferrer" title={`Opens ${origin}`}>
            Made with Unrolled
          </a>
        )}
      </div>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** "loss 0.412, accuracy 91.2 %, BLEU 64.1" */
function scores({ scores: { loss, accuracy }, score }: TestScores): string {
  const own = score === undefined ? "" : `, ${info.value?.score?.name} ${short(score)}`;
  return `loss ${loss.toFixed(3)}, accuracy ${percent(accuracy)}${own}`;
}

function CurvesCard() {
  return (
    <section class="card" aria-labelledby="curves-title">
      <h2 id="curves-title">How it learned</h2>
      <Curves />
    </section>
  );
}

/** In the place of the page in a file that no network was put into. */
export function Empty() {
  return (
    <main class="unsupported">
      <h1>There is no network in this file</h1>
      <p>It is what Unrolled makes demos from. Train a network there, and press “Export demo”.</p>
    </main>
  );
}
