import { signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Slim } from "../../pkg/unrolled.js";
import { download } from "../download";
import type { Header } from "../export/header";
import type { Picture } from "../export/picture";
import { count, size } from "../format";
import { standing } from "../lesson";
import { notify } from "../notices";
import { type Config, isSessionError } from "../protocol";
import { currentModel, info, store } from "../store";
import { Dialog } from "./dialog";
import { ExportDemo } from "./export-demo";
import { savePicture } from "./save";
import { Scroll } from "./scroll";

/** Whose the built-in data is; the user's own data has a licence of its own. */
const BUILT_IN_LICENCES: Record<Config["task"], string> = {
  translation: "Phrase book of Unrolled: MIT or Apache-2.0",
  parity: "Random bits: free to use",
  generation: "Moby-Dick: public domain",
  chat: "Small talk of Unrolled: MIT or Apache-2.0",
  classification: "1,000 reviews (wink-sentiment, MIT), collected by Kotzias et al. 2015",
  vectors: "Moby-Dick: public domain",
};

/** What may be done with the network, as far as the page knows: what its file says, or whose the data is. */
function knownLicence(): string {
  const task = store.config.value?.task;
  // Of a model that it was trained on from, the page knows nothing any more.
  const own = store.read.value.length > 0 || store.run.value?.start.model;
  return store.run.value?.from?.licence ?? (task && !own ? BUILT_IN_LICENCES[task] : "");
}

/** A network to be used elsewhere needs its weights, and no text of the data. */
const TO_USE: Slim = { title: "", licence: "", weights_only: true, precision: "f32", history: "curves" };
const TYPE = "application/octet-stream";

/** What is being made, if anything: one file at a time. */
const making = signal<string | undefined>(undefined);

/** Everything that can be saved of the network: the model itself, a page with it, scripts for other libraries, figures. */
export function TakeCard() {
  const run = store.run.value;
  const task = store.config.value?.task;
  if (!task || !store.page.value || standing("panel:take") === "hidden") return null;
  return (
    <section class="card" aria-labelledby="take-title" data-testid="take-card">
      <div class="card-head">
        <h2 id="take-title">Take it with you</h2>
        <span class="muted" aria-live="polite" data-testid="take-state">
          {making.value ?? (run ? `as it is now, at step ${count(run.step)}` : NO_NETWORK)}
        </span>
      </div>
      <ModelFile key={task} />
      <ExportDemo licence={knownLicence()} />
      <Scripts />
      <Figures />
    </section>
  );
}

const NO_NETWORK = "There is no network yet: press Train first.";

/** The name of the model's file, from which all others have theirs. */
const fileName = () =>
  `unrolled-${(info.value?.label ?? "model").toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.safetensors`;

/** Makes a file and saves it; says so where that fails. */
async function make(what: string, work: () => Promise<unknown>): Promise<void> {
  making.value = `making ${what} …`;
  try {
    await work();
  } catch (error) {
    const message = isSessionError(error) || error instanceof Error ? error.message : String(error);
    notify("error", `Not saved: ${what}`, message);
  } finally {
    making.value = undefined;
  }
}

interface SaveProps {
  title: string;
  primary?: boolean;
  quiet?: boolean;
  /** There is nothing to save of this kind. */
  missing?: string | undefined;
  act: () => Promise<void>;
  children: ComponentChildren;
}

/** A button that saves a file, or says why there is none. */
function Save({ title, primary, quiet, missing, act, children }: SaveProps) {
  const why = store.run.value ? missing : NO_NETWORK;
  return (
    <button
      type="button"
      class={primary ? "primary" : quiet ? "quiet" : ""}
      title={why ?? title}
      disabled={why !== undefined || making.value !== undefined}
      onClick={() => void act()}
    >
      {children}
    </button>
  );
}

/** The model as one file, with what the one who saves it says about it. */
function ModelFile() {
  const whole = useSignal(false);
  const title = useSignal<string | undefined>(undefined);
  const licence = useSignal<string | undefined>(undefined);
  const tensors = useSignal<Header["shapes"] | undefined>(undefined);
  const { run, preview, config } = { run: store.run.value, preview: store.preview.value, config: store.config.value };
  const names = {
    title: title.value ?? run?.from?.title ?? "",
    licence: licence.value ?? knownLicence(),
  };
  const bytes = run?.model?.length ?? 4 * (preview?.model.parameters ?? 0);
  const trains = run?.model === undefined;
  const save = () =>
    make("the model", async () => {
      const options: Slim = { ...TO_USE, ...names };
      const file = await currentModel(
        whole.value && trains ? { ...options, weights_only: false, history: "all" } : options,
      );
      download(file as BlobPart, fileName(), TYPE);
    });
  return (
    <div class="take-part">
      <h3>The model</h3>
      <p class="muted">
        One file with network, weights, vocabulary and settings. Drop it on this page, today or in years, here or on
        another computer, to use it or train it on.
      </p>
      <fieldset class="choices">
        <legend class="hidden">What is in the file</legend>
        <label class="check" title="Enough to use it, and to train it on with other data; none of your texts">
          <input type="radio" name="take" checked={!whole.value || !trains} onChange={() => (whole.value = false)} />
          Weights only, about {size(bytes)}
        </label>
        <label
          class="check"
          title={
            trains
              ? "With all that this very run needs to go on, and its samples, which quote the data"
              : "This model came without its training state"
          }
        >
          <input
            type="radio"
            name="take"
            checked={whole.value && trains}
            disabled={!trains}
            onChange={() => (whole.value = true)}
          />
          With training state, about {size(bytes * copies(config))}
        </label>
      </fieldset>
      <div class="take-notes">
        <label>
          Name of the model
          <input
            class="word-box"
            type="text"
            title="A name for the model, shown where it is opened; may stay empty"
            dir="auto"
            maxLength={100}
            value={names.title}
            placeholder="A name, if you like"
            onInput={(event) => (title.value = event.currentTarget.value)}
          />
        </label>
        <label>
          Licence of its data
          <input
            class="word-box"
            type="text"
            title="What others may do with it: it has learnt from this data, and may repeat parts of it"
            dir="auto"
            maxLength={200}
            value={names.licence}
            placeholder="such as CC BY 4.0, or: only for me"
            onInput={(event) => (licence.value = event.currentTarget.value)}
          />
        </label>
      </div>
      <div class="buttons">
        <Save primary title="Saves the network as it is now; training goes on" act={save}>
          Download the model
        </Save>
        <Save
          quiet
          title="Names and shapes of its tensors, for people who open it with a program of their own"
          act={() =>
            make("the list", async () => {
              tensors.value = await listTensors();
            })
          }
        >
          What is in the file?
        </Save>
      </div>
      {tensors.value && <Tensors tensors={tensors.value} close={() => (tensors.value = undefined)} />}
    </div>
  );
}

async function listTensors(): Promise<Header["shapes"]> {
  const { readHeader } = await import("../export/header");
  return readHeader(await currentModel({ ...TO_USE, history: "none" })).shapes;
}

/** The weights in the file by name, and where to read on. */
function Tensors({ tensors, close }: { tensors: Header["shapes"]; close: () => void }) {
  return (
    <Dialog title="What is in the file" close={close}>
      <p class="muted">
        Safetensors, which Python and many other languages read. The metadata entry <code>unrolled</code> is JSON with
        settings, vocabularies and scores; the layouts of the weights are those of Keras.
      </p>
      <Scroll label="Weights">
        <table class="rows" data-testid="tensors">
          <thead>
            <tr>
              <th scope="col">Weight</th>
              <th scope="col" class="number">
                Shape
              </th>
            </tr>
          </thead>
          <tbody>
            {[...tensors].sort().map(([name, shape]) => (
              <tr key={name}>
                <td>
                  <code>{name}</code>
                </td>
                <td class="number">{shape.map(count).join(" × ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <div class="buttons">
        <button
          type="button"
          title="Every name, layout and formula, so that the network can be built in any program"
          onClick={() => void make("the description", saveDescription)}
        >
          Save the whole description
        </button>
      </div>
    </Dialog>
  );
}

async function saveDescription(): Promise<void> {
  const { default: description } = await import("../../docs/model-file.md?raw");
  download(description, "unrolled-model-file.md", "text/markdown");
}

/** Copies of the weights in a file with training state: themselves, the best ones, and the optimizer's means. */
function copies(config: Config | undefined): number {
  return config?.optimizer === "rmsprop" || config?.optimizer === "sgd" ? 3 : 4;
}

type Library = "PyTorch" | "Keras";

/** Scripts that rebuild the network in other libraries. */
function Scripts() {
  /** The script that was saved last, which needs the model beside it. */
  const saved = useSignal<string | undefined>(undefined);
  const open = (library: Library) =>
    make("the script", async () => {
      saved.value = await saveScript(library);
    });
  return (
    <div class="take-part">
      <h3>In Python</h3>
      <p class="muted">
        A short script with this very network, which reads the model file and gives the same answers. Keep both in one
        folder.
      </p>
      <div class="buttons">
        <Save title="Saves a Python script with this network for PyTorch" act={() => open("PyTorch")}>
          Open in PyTorch
        </Save>
        <Save title="Saves a Python script with this network for Keras" act={() => open("Keras")}>
          Open in Keras
        </Save>
      </div>
      {saved.value && store.run.value && (
        <p class="muted" aria-live="polite" data-testid="script-saved">
          {saved.value} is saved. It reads {fileName()}:{" "}
          <button type="button" class="link" onClick={() => void make("the model", saveModel)}>
            save that beside it
          </button>
        </p>
      )}
    </div>
  );
}

async function saveModel(): Promise<void> {
  download((await currentModel(TO_USE)) as BlobPart, fileName(), TYPE);
}

async function saveScript(library: Library): Promise<string> {
  const [{ readHeader }, { scriptName }, script] = await Promise.all([
    import("../export/header"),
    import("../export/python"),
    library === "PyTorch"
      ? import("../export/pytorch").then((module) => module.pytorch)
      : import("../export/keras").then((module) => module.keras),
  ]);
  const header = readHeader(await currentModel({ ...TO_USE, history: "none" }));
  const name = scriptName(fileName(), library);
  download(script(header, fileName()), name, "text/x-python");
  return name;
}

/** Curves and samples. */
function Figures() {
  const run = store.run.value;
  const flat = run && run.curve.train.x.length > 0 ? undefined : "There are no curves of its training.";
  const silent = run && run.diary.length > 0 ? undefined : "There are no samples of its training.";
  const name = fileName().replace(".safetensors", "");
  const picture = (kind: "png" | "svg") => make("the curves", () => savePicture(kind, `${name}-curves`, drawCurves));
  return (
    <div class="take-part">
      <h3>Its figures</h3>
      <div class="buttons">
        <Save
          title="Every point of the curves as a table, for a spreadsheet"
          missing={flat}
          act={() => make("the metrics", () => saveMetrics(`${name}-metrics.csv`))}
        >
          Metrics (CSV)
        </Save>
        <Save
          title="What it answered from time to time, as text"
          missing={silent}
          act={() => make("the samples", () => saveSamples(`${name}-samples.txt`))}
        >
          Samples (text)
        </Save>
        <Save title="Loss and accuracy in pixels" missing={flat} act={() => picture("png")}>
          Curves (PNG)
        </Save>
        <Save title="Loss and accuracy as a drawing" missing={flat} act={() => picture("svg")}>
          Curves (SVG)
        </Save>
      </div>
    </div>
  );
}

async function drawCurves(): Promise<Picture> {
  const [{ curves }, { stacked }] = await Promise.all([import("../export/figures"), import("../export/picture")]);
  const { run, oldRuns } = store;
  return stacked([curves(run.value, oldRuns.value, "loss"), curves(run.value, oldRuns.value, "accuracy")]);
}

async function saveMetrics(name: string): Promise<void> {
  const { metricsCsv } = await import("../export/metrics");
  download(metricsCsv(await history()), name, "text/csv");
}

async function saveSamples(name: string): Promise<void> {
  const { samplesText } = await import("../export/metrics");
  download(samplesText(await history(), info.value?.score?.name), name, "text/plain");
}

/** All that happened in the run, from its file: the page keeps only what it draws. */
async function history() {
  const { readHeader } = await import("../export/header");
  return readHeader(await currentModel({ ...TO_USE, history: "all" })).history;
}
