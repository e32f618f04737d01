import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { DEMOS, demoAddress } from "../demos";
import { count, fileNames, size } from "../format";
import { lesson, writeLesson } from "../lesson";
import { MAX_NET } from "../links";
import { pack } from "../packing";
import type { Config } from "../protocol";
import { findPlace } from "../remote";
import { defaultConfig, LinkError, MAX_QUESTION, showValue, writeLink } from "../share";
import { currentModel, fromVectors, hasProgress, info, linkedPart, store } from "../store";
import { Dialog } from "./dialog";
import { editOpenLesson, Teach, written } from "./teach";

/** What a link holds besides settings. */
type Kind = "settings" | "net" | "model";

/** The network that is there, packed, where it fits into a link; else why there is none. */
type PackedNet = { text: string; precision: "f16" | "i8"; words: boolean } | { text?: undefined; reason: string };

/** More parameters than this do not fit, whatever they are: each takes a byte or nearly so, and a byte four thirds of a character. */
const MOST_PARAMETERS = MAX_NET;
/** Links that are longer do not pass everywhere. */
const SAFE_LENGTH = 2_000;

/** Makes a link, and says what is in it and what is not. */
export function ShareDialog({ close }: { close(): void }) {
  const kind = useSignal<Kind>("settings");
  const net = useSignal<PackedNet | undefined>(undefined);
  const demo = DEMOS.find(({ task }) => task === linkedPart.value.demo);
  const address = useSignal(linkedPart.value.model ?? (demo ? demoAddress(demo) : ""));
  const withQuestion = useSignal(false);
  const withVocabulary = useSignal(false);
  const withLesson = useSignal(lesson.value !== undefined);
  useEffect(() => {
    editOpenLesson();
    void packNet().then((packed) => (net.value = packed));
  }, []);
  const config = store.config.value;
  const schema = store.schema.value;
  if (!config || !schema) return null;

  const question = typed();
  const packed = net.value?.text === undefined ? undefined : net.value;
  const problem =
    kind.value === "model"
      ? addressProblem(address.value)
      : kind.value === "net" && packed?.words && !withVocabulary.value
        ? "Tick that the vocabulary may be in the link, or share the settings only."
        : undefined;
  const hash = writeLink(config, store.deviceChoice.value, schema, {
    ...(withQuestion.value && { question }),
    ...(withLesson.value && { lesson: pack(new TextEncoder().encode(writeLesson(written()))) }),
    ...(kind.value === "model" && { model: address.value.trim() }),
    ...(kind.value === "net" && packed && { net: packed.text }),
  });
  const link = location.href.replace(/#.*/s, "") + (hash && `#${hash}`);
  const choose = (value: Kind) => () => {
    kind.value = value;
  };
  const contents = {
    kind: kind.value,
    question: withQuestion.value,
    lesson: withLesson.value,
    net: packed,
  };
  return (
    <Dialog title="Share" close={close}>
      <div class="share" data-testid="share">
        <fieldset class="share-kinds">
          <legend class="hidden">What the link holds</legend>
          <KindOption
            label="The settings"
            about="Opens this page as it is set now. Who opens the link trains a network of their own."
            checked={kind.value === "settings"}
            choose={choose("settings")}
          />
          <KindOption
            label={`The settings and the trained network${packed ? `, ${size(packed.text.length)}` : ""}`}
            about={netAbout(net.value)}
            checked={kind.value === "net"}
            disabled={!packed}
            choose={choose("net")}
          >
            {kind.value === "net" && packed?.words && (
              <label class="check">
                <input
                  type="checkbox"
                  checked={withVocabulary.value}
                  onChange={(event) => (withVocabulary.value = event.currentTarget.checked)}
                />
                <span>
                  The network's vocabulary is in it: what it knows of the words or characters of{" "}
                  <span dir="auto">“{store.preview.value?.data.name}”</span>, with the names of classes and files, for
                  everyone who has the link to read. Put it into the link.
                </span>
              </label>
            )}
          </KindOption>
          <KindOption
            label="The address of a model file"
            about="For networks of any size: download the model, put the file on a web host, and give its address here. Who opens the link is asked before it is fetched."
            checked={kind.value === "model"}
            choose={choose("model")}
          >
            {kind.value === "model" && (
              <div class="share-address">
                <label for="model-address">Address of the file</label>
                <input
                  id="model-address"
                  type="text"
                  inputMode="url"
                  dir="ltr"
                  autocomplete="off"
                  value={address.value}
                  placeholder="https://example.org/models/translator.safetensors"
                  aria-describedby="model-address-help"
                  onInput={(event) => (address.value = event.currentTarget.value)}
                />
                <p class="muted" id="model-address-help">
                  It begins with https, or is relative to this page. The host must let other pages read it (CORS), as
                  GitHub Pages and Hugging Face do.
                </p>
              </div>
            )}
          </KindOption>
        </fieldset>
        {question !== "" && (
          <label class="check">
            <input
              type="checkbox"
              checked={withQuestion.value}
              onChange={(event) => (withQuestion.value = event.currentTarget.checked)}
            />
            <span>
              With the question{" "}
              <span dir="auto">“{question.length > 60 ? `${question.slice(0, 60)}…` : question}”</span>
            </span>
          </label>
        )}
        <label class="check" title="With a text beside the page, and controls that are fixed or hidden">
          <input
            type="checkbox"
            checked={withLesson.value}
            onChange={(event) => (withLesson.value = event.currentTarget.checked)}
          />
          For a class: as a lesson
        </label>
        {withLesson.value && <Teach />}
        <div class="share-contents">
          <Points title="In the link" testid="link-holds" points={holds(config, contents)} />
          <Points title="Not in it" testid="link-lacks" points={lacks(contents)} />
        </div>
        {problem ? (
          <p class="error" role="alert">
            {problem}
          </p>
        ) : (
          <Copy link={link} />
        )}
      </div>
    </Dialog>
  );
}

interface KindOptionProps {
  label: string;
  about: string;
  checked: boolean;
  disabled?: boolean;
  choose(): void;
  children?: ComponentChildren;
}

function KindOption({ label, about, checked, disabled, choose, children }: KindOptionProps) {
  return (
    <div class="share-kind">
      <label class="check">
        <input type="radio" name="link-kind" checked={checked} disabled={disabled} onChange={choose} />
        <span class="share-about">
          {label}
          <span class="muted">{about}</span>
        </span>
      </label>
      {children}
    </div>
  );
}

function Points({ title, testid, points }: { title: string; testid: string; points: string[] }) {
  return (
    <div data-testid={testid}>
      <h3>{title}</h3>
      <ul>
        {points.map((point) => (
          <li key={point} dir="auto">
            {point}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The link, to be copied or tried. */
function Copy({ link }: { link: string }) {
  const copied = useSignal<string | undefined>(undefined);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link);
      copied.value = "Copied.";
    } catch {
      // Without https, or where it is forbidden.
      document.querySelector<HTMLInputElement>("#share-link")?.select();
      copied.value = "The browser does not let the page copy. The link is selected: copy it by hand.";
    }
  };
  useEffect(() => {
    copied.value = undefined;
  }, [link]);
  return (
    <div class="share-copy">
      <label for="share-link" class="hidden">
        The link
      </label>
      <input
        id="share-link"
        type="text"
        dir="ltr"
        readOnly
        value={link}
        onFocus={(event) => event.currentTarget.select()}
      />
      <button type="button" class="primary" onClick={() => void copy()}>
        Copy link
      </button>
      <p class="muted">
        {count(link.length)} characters
        {link.length > SAFE_LENGTH && "; messengers may cut it, so send it in a file or an e-mail, or put it on a page"}
        .{" "}
        <a href={link} target="_blank" rel="noopener">
          Try it in a new tab
        </a>{" "}
        <span aria-live="polite">{copied.value}</span>
      </p>
    </div>
  );
}

/** The network as it is now, as exactly as a link can hold it. */
async function packNet(): Promise<PackedNet> {
  if (!hasProgress.value) {
    return { reason: "Train a network first. Small ones, such as those of the parity task, fit into a link." };
  }
  const parameters = store.preview.value?.model.parameters ?? 0;
  const reason = `This network is too large for a link: it has ${count(parameters)} parameters. Share the address of its file instead.`;
  if (parameters > MOST_PARAMETERS) return { reason };
  // What a model came with goes on with it.
  const { title, licence } = store.run.value?.from ?? { title: "", licence: "" };
  for (const precision of ["f16", "i8"] as const) {
    const model = currentModel({ title, licence, weights_only: true, precision, history: "none" });
    const bytes = await model.catch(() => undefined);
    if (!bytes) return { reason: "The network could not be packed. Close this window, and try again." };
    const text = pack(bytes);
    if (text.length <= MAX_NET) return { text, precision, words: holdsWords(bytes) };
  }
  return { reason };
}

function netAbout(net: PackedNet | undefined): string {
  if (!net) return "Packing the network …";
  return net.text === undefined ? net.reason : "Opens the network as it is now, trained, with no server at all.";
}

/** What the user typed for the network to read, if the task lets a link carry it. */
function typed(): string {
  return store.page.value?.typed?.read().trim().slice(0, MAX_QUESTION) ?? "";
}

/** Whether a model file holds a vocabulary. */
function holdsWords(model: Uint8Array): boolean {
  const length = Number(new DataView(model.buffer, model.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(model.subarray(8, 8 + length)));
  return JSON.parse(header.__metadata__.unrolled).vocabularies !== null;
}

function addressProblem(address: string): string | undefined {
  if (address.trim() === "") return "Give the address of the model file.";
  try {
    findPlace(address.trim(), document.baseURI);
    return undefined;
  } catch (error) {
    if (error instanceof LinkError) return error.message;
    throw error;
  }
}

interface Contents {
  kind: Kind;
  question: boolean;
  lesson: boolean;
  net: Exclude<PackedNet, { reason: string }> | undefined;
}

function holds(config: Config, { kind, question, lesson, net }: Contents): string[] {
  const points = [
    `The task “${info.value?.label}” and ${settings(config)}.`,
    `The seed ${config.seed}: on the CPU, the same data and settings train to the very same network.`,
  ];
  if (store.deviceChoice.value !== "auto") {
    points.push(`The choice of ${store.deviceChoice.value === "cpu" ? "the CPU" : "WebGPU"}.`);
  }
  if (kind === "net" && net) {
    points.push(`The trained network, its numbers rounded to ${net.precision === "f16" ? 16 : 8} bits.`);
    if (net.words) points.push("Its vocabulary, with the names of classes and files.");
  }
  if (kind === "model") points.push("The address of the model file.");
  if (question) points.push("The question.");
  if (lesson) points.push("The lesson: its title and text, and which controls are fixed or hidden.");
  return points;
}

function lacks({ kind, question }: Contents): string[] {
  const points: string[] = [];
  const { read, page } = store;
  if (read.value.length > 0) {
    points.push(
      `Your data, ${fileNames(read.value.map(({ name }) => name))}: the link opens the data that comes with the page.`,
    );
  }
  if (kind === "settings" && hasProgress.value) points.push("The trained network.");
  if (fromVectors.value) points.push("The word vectors that the network starts from.");
  if (!question && typed() !== "") points.push("The question that stands on the page.");
  points.push(kind === "settings" ? "Curves and samples." : "What it takes to train on exactly, curves and samples.");
  if (kind !== "net" && page.value?.files) points.push("Any word of the texts.");
  return points;
}

/** "3 settings that differ from where it starts: Bits 8, Hidden size 24 and Epochs 10" */
function settings(config: Config): string {
  const { schema } = store;
  if (!schema.value) return "";
  const start = defaultConfig(schema.value, config.task);
  const fields = schema.value.fields.filter(({ key }) => config[key] !== start[key]);
  if (fields.length === 0) return "all its settings as they start";
  const named = fields.slice(0, 8).map((field) => `${field.label} ${showValue(field, config)}`);
  const more = fields.length > named.length ? `, and ${fields.length - named.length} more` : "";
  return `what differs from its start: ${named.join(", ")}${more}`;
}
