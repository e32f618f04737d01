import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { DEMOS, type Demo, demoLink } from "../demos";
import { capital, count, duration, size } from "../format";
import { openDemo, store } from "../store";
import { canOpen } from "./demo";
import { Dialog } from "./dialog";

/** The trained networks that come with the page, a card each. */
export function DemosDialog({ close }: { close(): void }) {
  return (
    <Dialog title="Trained demos" close={close}>
      <p class="muted">
        Networks that were trained already, one for each task. Open one and ask it, look inside, or train it longer.
        Each is downloaded when you open it.
      </p>
      <ul class="demos">
        {DEMOS.map((demo) => (
          <DemoCard key={demo.task} demo={demo} close={close} />
        ))}
      </ul>
    </Dialog>
  );
}

function DemoCard({ demo, close }: { demo: Demo; close(): void }) {
  const label = store.schema.value?.tasks.find(({ kind }) => kind === demo.task)?.label;
  return (
    <li data-testid={`demo-${demo.task}`}>
      <div class="card-head">
        <h3>{demo.title}</h3>
        <span class="muted">{label}</span>
      </div>
      <p>{demo.about}</p>
      <p>
        <strong>{capital(demo.score)}.</strong>
      </p>
      <p class="muted">
        Trained on: {demo.data}. {demo.licence}
      </p>
      <p class="muted">
        {count(demo.parameters)} weights, trained in {duration(demo.seconds)}; {size(demo.bytes)} to download
      </p>
      <div class="buttons">
        <button
          type="button"
          class="primary"
          title="Opens the network in this page"
          aria-label={`Open: ${demo.title}`}
          disabled={!canOpen.value}
          onClick={() => {
            close();
            void openDemo(demo);
          }}
        >
          Open
        </button>
        <Copy demo={demo} />
      </div>
    </li>
  );
}

function Copy({ demo }: { demo: Demo }) {
  const said = useSignal<string | undefined>(undefined);
  const link = new URL(demoLink(demo), document.baseURI).href;
  useEffect(() => {
    if (said.value !== "Copied") return;
    const timer = setTimeout(() => {
      said.value = undefined;
    }, 2_000);
    return () => clearTimeout(timer);
  }, [said.value]);
  const copy = () =>
    navigator.clipboard.writeText(link).then(
      () => "Copied",
      // Without https, or where it is forbidden.
      () => link,
    );
  return (
    <button
      type="button"
      title="Copies a link that opens this network at once"
      aria-label={`Copy link: ${demo.title}`}
      onClick={async () => {
        said.value = await copy().catch(() => link);
      }}
    >
      <span aria-live="polite">{said.value ?? "Copy link"}</span>
    </button>
  );
}
