import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { download } from "../download";
import { size } from "../format";
import { fileName, type Notes, pack, TEMPLATE, writeDemo } from "../player/demo";
import { isSessionError, type Slim } from "../protocol";
import { currentModel, info, store } from "../store";
import { Dialog } from "./dialog";

const MAX_TITLE = 120;
const MAX_LICENCE = 300;
const MAX_EXAMPLES = 8;

/** The two parts of a demo that have a size worth telling. */
interface Parts {
  template: string;
  model: string;
}

interface DemoDialogProps {
  /** What the page knows of the network's licence. */
  licence: string;
  close(): void;
}

/** Makes one HTML file that runs the network offline, and says what is in it. */
export function DemoDialog({ licence: known, close }: DemoDialogProps) {
  const run = store.run.value;
  const task = info.value?.label ?? "";
  const title = useSignal(run?.from?.title || [task, dataName()].filter(Boolean).join(": "));
  const licence = useSignal(known);
  const precision = useSignal<Slim["precision"]>("f32");
  const samples = useSignal(false);
  // What a user has loaded goes into a file only if the user puts it there.
  const own = store.read.value.length > 0;
  const suggested = store.page.value?.examples?.();
  const examples = useSignal((own ? [] : (suggested ?? [])).join("\n"));
  const parts = useSignal<Parts | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const saving = useSignal(false);
  const hasSamples = (run?.diary.length ?? 0) > 0;

  const gather = async (): Promise<Parts> => {
    const options: Slim = {
      title: title.value.trim(),
      licence: licence.value.trim(),
      weights_only: true,
      precision: precision.value,
      history: samples.value ? "all" : "curves",
    };
    const [template, model] = await Promise.all([getTemplate(), currentModel(options)]);
    return { template, model: await pack(model as Uint8Array<ArrayBuffer>) };
  };
  /** Without a result where it fails: the window says why. */
  const attempt = async (): Promise<Parts | undefined> => {
    try {
      return await gather();
    } catch (error) {
      problem.value = isSessionError(error) || error instanceof TemplateError ? error.message : String(error);
      return undefined;
    }
  };
  useEffect(() => {
    let stale = false;
    parts.value = undefined;
    problem.value = undefined;
    void attempt().then((gathered) => {
      if (!stale) parts.value = gathered;
    });
    return () => {
      stale = true;
    };
  }, [precision.value, samples.value]);

  const save = async () => {
    saving.value = true;
    // Training may have gone on since the size was told.
    const now = await attempt();
    saving.value = false;
    if (!now) return;
    const name = title.value.trim() || task;
    const html = writeDemo(now.template, name, notes(examples.value), now.model);
    download(html, fileName(name, "html"), "text/html");
    close();
  };

  return (
    <Dialog title="Export a demo" close={close}>
      <form
        class="demo"
        data-testid="demo"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <p>
          One HTML file with this network and all that runs it. A double click opens it in any current browser; it needs
          no connection, and sends nothing anywhere. Good for a memory stick, an e-mail or a web page.
        </p>
        <label>
          <span>Title</span>
          <input
            type="text"
            dir="auto"
            autocomplete="off"
            maxLength={MAX_TITLE}
            title="Stands above the network, and is the name of the file"
            value={title.value}
            onInput={(event) => (title.value = event.currentTarget.value)}
          />
        </label>
        <label>
          <span>Licence of the data that it was trained on</span>
          <input
            type="text"
            dir="auto"
            autocomplete="off"
            maxLength={MAX_LICENCE}
            title="What others may do with the network; it stands on its card"
            value={licence.value}
            placeholder="CC0, public domain, for our class only …"
            onInput={(event) => (licence.value = event.currentTarget.value)}
          />
        </label>
        {suggested && (
          <label>
            <span>Texts to try, one a line; the first stands in the box</span>
            <textarea
              dir="auto"
              rows={3}
              title={`Up to ${MAX_EXAMPLES} lines that show what it can do`}
              value={examples.value}
              onInput={(event) => (examples.value = event.currentTarget.value)}
            />
          </label>
        )}
        <label>
          <span>Weights</span>
          <select
            value={precision.value}
            title="How exact the numbers of the network are in the file"
            onChange={(event) => (precision.value = event.currentTarget.value as Slim["precision"])}
          >
            <option value="f32">As they are: it answers exactly as it does here</option>
            <option value="f16">Rounded to 16 bits: half as large, answers may differ a little</option>
          </select>
        </label>
        {hasSamples && (
          <label
            class="check"
            title="They show how it learned; questions and right answers in them are those of the data"
          >
            <input
              type="checkbox"
              checked={samples.value}
              onChange={(event) => (samples.value = event.currentTarget.checked)}
            />
            <span>With the samples of its training, which quote the data</span>
          </label>
        )}
        <p class="muted">
          In the file are the network, its settings, curves and scores, the name of its data and{" "}
          {(store.preview.value?.tables.length ?? 0) > 0 || suggested
            ? "its vocabulary: every word or character that it knows, as the data has them"
            : "nothing of the data itself"}
          .
        </p>
        <div class="demo-save">
          <p aria-live="polite" data-testid="demo-size">
            {problem.value ? (
              <span class="error">{problem.value}</span>
            ) : parts.value ? (
              <>
                <strong>{size(parts.value.template.length + parts.value.model.length)}</strong>: the program{" "}
                {size(parts.value.template.length)}, the network {size(parts.value.model.length)}
              </>
            ) : (
              "Weighing it …"
            )}
          </p>
          <button type="submit" class="primary" disabled={!parts.value || saving.value}>
            Save the demo
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** The data that the network has learnt from, in as few words as there are for it. */
function dataName(): string | undefined {
  const { run, preview, read } = { run: store.run.value, preview: store.preview.value, read: store.read.value };
  if (run?.model) return run.from?.data.name;
  const builtIn = read.length === 0 ? info.value?.built_in?.name : undefined;
  return builtIn ?? preview?.data.name;
}

/** Why there is no template. */
class TemplateError extends Error {}

async function getTemplate(): Promise<string> {
  const response = await fetch(new URL(TEMPLATE, document.baseURI)).catch(() => undefined);
  if (response?.ok) return response.text();
  throw new TemplateError("The program for the demo could not be downloaded. Check the connection, and try again.");
}

function notes(examples: string): Notes {
  const lines = examples.split("\n").map((line) => line.trim());
  const texts = lines.filter((line) => line !== "").slice(0, MAX_EXAMPLES);
  const { protocol, hostname, origin, pathname } = location;
  // An address that works on this computer alone is none for others.
  const isPublic = protocol === "https:" && hostname !== "localhost";
  return isPublic ? { examples: texts, origin: origin + pathname } : { examples: texts };
}
