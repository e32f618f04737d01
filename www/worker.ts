/** The worker: owns the Session and runs commands one at a time, with slices of training in between. */

import init, { is_word_vectors, model_facts, Session, schema, slim, type TextFile } from "../pkg/unrolled.js";
import wasmUrl from "../pkg/unrolled_bg.wasm?url";
import { chooseDevice } from "./devices";
import { readFiles } from "./files";
import {
  assertNever,
  type Command,
  type Config,
  type DeviceChoice,
  type Envelope,
  isSessionError,
  type LoadedVectors,
  type Message,
  type Opened,
  type Read,
  type Results,
  type Schema,
  type SessionError,
  type Source,
} from "./protocol";

declare global {
  /** The crate calls this when it panics or the GPU is lost: a pending await may never come back. */
  var unrolledFailed: ((reason: string) => void) | undefined;
}

/** Training goes on for about so long before commands are looked at again. */
const SLICE_MS = 100;
/** Copies of the run are not made more often than this, however short the epochs are. */
const CHECKPOINT_MS = 2_000;
/** And in a long epoch after so long at the latest. */
const LONG_EPOCH_MS = 20_000;

/** A file of word vectors is known by so much of it, and no more of it than this is read. */
const BEGINNING_BYTES = 64 * 2 ** 10;
const MAX_VECTOR_BYTES = 100 * 2 ** 20;

const queue: Envelope[] = [];
let wake: (() => void) | undefined;
let crashed = false;

let session: Session | undefined;
/** What goes on between commands. Before a single step comes what the epoch's end has left to do, such as validating. */
let activity: "none" | "training" | "step" = "none";
let run = 0;
/** Steps were made since the last checkpoint. */
let unsaved = false;
let saved_at = 0;
/** The run was copied since it came: until then it is nowhere else. */
let copied = false;

self.onmessage = ({ data }: MessageEvent<Envelope>) => {
  queue.push(data);
  wake?.();
};
// A panic inside a promise of the crate ends in one of these two, and the promise stays open for ever.
self.addEventListener("error", (event) => {
  event.preventDefault();
  crash(event.error ?? event.message);
});
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  crash(event.reason);
});
globalThis.unrolledFailed = crash;

void work();

function post(message: Message, transfer: Transferable[] = []): void {
  if (!crashed) self.postMessage(message, { transfer });
}

/** Tells the page that this worker is done for. */
function crash(cause: unknown): void {
  post({ type: "crashed", reason: describe(cause) });
  crashed = true;
}

function describe(cause: unknown): string {
  if (typeof cause === "string") return cause;
  if (isSessionError(cause)) return cause.message;
  return `The program failed in a way it should not (${cause instanceof Error ? cause.message : String(cause)}).`;
}

async function work(): Promise<void> {
  while (!crashed) {
    const envelope = queue.shift();
    if (envelope) await answer(envelope);
    else if (activity !== "none") await train(activity === "step" ? 0 : SLICE_MS);
    else if (unsaved) await save();
    else await new Promise<void>((resolve) => (wake = resolve));
    await turn();
  }
}

/** Lets messages in. Unlike a timer, a message channel is not slowed down in a background tab. */
const channel = new MessageChannel();
function turn(): Promise<void> {
  return new Promise((resolve) => {
    channel.port1.onmessage = () => resolve();
    channel.port2.postMessage(null);
  });
}

async function answer({ id, command }: Envelope): Promise<void> {
  try {
    const result = await perform(command, id);
    post({ type: "result", id, result });
  } catch (error) {
    if (!isSessionError(error) || (error.code === "device" && command.type !== "open")) crash(error);
    else post({ type: "error", id, error });
  }
}

function perform(command: Command, id: number): Results[Command["type"]] | Promise<Results[Command["type"]]> {
  switch (command.type) {
    case "open":
      return open(command.device);
    case "read":
      return read(command.files, command.advice);
    case "load":
      return load(command.task, command.source);
    case "preview":
      return opened().preview(command.config, command.model);
    case "create":
      return begin(command.run, opened().create(command.config, command.start));
    case "open_model":
      return begin(command.run, opened().open_model(command.model));
    case "facts":
      opened();
      return model_facts(command.model);
    case "file":
      return opened()
        .checkpoint()
        .then((model) => slim(model, command.options));
    case "load_vectors":
      return loadVectors(command.file);
    case "restore":
      return begin(command.run, opened().restore(command.checkpoint, command.model));
    case "train":
      opened().go_on();
      saved_at = performance.now();
      activity = "training";
      return null;
    case "pause":
      activity = "none";
      return null;
    case "step":
      opened().go_on();
      activity = "step";
      return null;
    case "set_live":
      opened().set_live(command.config);
      return null;
    case "infer":
      return opened().infer(command.request, (partial) => post({ type: "partial", id, answer: partial }));
    case "checkpoint":
      return opened().checkpoint();
    default:
      return assertNever(command);
  }
}

function opened(): Session {
  if (session) return session;
  const error: SessionError = { code: "state", message: "The device is not open yet; wait a moment." };
  throw error;
}

async function open(choice: DeviceChoice): Promise<Opened> {
  await download();
  post({ type: "stage", stage: { name: "device" } });
  const chosen = await chooseDevice(choice);
  let note = chosen.note;
  if (chosen.kind === "webgpu") {
    // Opening runs the self-test, which compiles the first shaders.
    post({ type: "stage", stage: { name: "shaders" } });
    try {
      session = await Session.open("webgpu");
    } catch (error) {
      if (!isSessionError(error)) throw error;
      note = `${error.message} Training runs on the CPU.`;
    }
  }
  session ??= await Session.open("cpu");
  post({ type: "stage", stage: { name: "ready" } });
  const device = session.device();
  const opened: Opened = { schema: schema() as Schema, device: { ...device, name: chosen.name || device.name } };
  return note === undefined ? opened : { ...opened, note };
}

/** Downloads and compiles the wasm, and reports the bytes as they come. */
async function download(): Promise<void> {
  const response = await fetch(wasmUrl).catch(() => undefined);
  if (!response?.ok || !response.body) {
    const message = "The program could not be downloaded. Check the connection and reload the page.";
    throw { code: "state", message } satisfies SessionError;
  }
  // Of a compressed response the length says nothing about the bytes that come out.
  const length = response.headers.has("content-encoding") ? 0 : Number(response.headers.get("content-length"));
  let bytes = 0;
  let told = 0;
  const report = () => {
    told = performance.now();
    post({
      type: "stage",
      stage: length > 0 ? { name: "download", bytes, total: length } : { name: "download", bytes },
    });
  };
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (performance.now() - told > 50) report();
      controller.enqueue(chunk);
    },
    flush: report,
  });
  const counted = new Response(response.body.pipeThrough(count), { headers: { "content-type": "application/wasm" } });
  await init({ module_or_path: counted });
}

async function read(files: File[], advice: string): Promise<Read> {
  const decoded = await readFiles(files, advice);
  return {
    files: decoded.map(({ name, text }) => new File([text], name)),
    found: decoded.map(({ name, encoding }) => ({ name, encoding })),
  };
}

async function load(task: Config["task"], source: Source): Promise<null> {
  opened().load(task, await filesOf(source));
  // The run that there was is gone with its data.
  activity = "none";
  unsaved = false;
  return null;
}

async function filesOf(source: Source): Promise<TextFile[]> {
  if (source.kind === "files")
    return Promise.all(source.files.map(async (file) => ({ name: file.name, text: await file.text() })));
  if (!source.url) return [];
  const name = source.url.slice(source.url.lastIndexOf("/") + 1);
  const response = await fetch(source.url).catch(() => undefined);
  if (!response?.ok) {
    const message = `The built-in data (${name}) could not be downloaded. Check the connection, or open a file of your own.`;
    throw { code: "file", message } satisfies SessionError;
  }
  return [{ name, text: await response.text() }];
}

/** Loads word vectors for new networks to start from; null for a file that is something else. */
async function loadVectors(file: File): Promise<LoadedVectors | null> {
  const session = opened();
  // What cannot be read is for the reader of files to explain.
  const beginning = await file
    .slice(0, BEGINNING_BYTES)
    .text()
    .catch(() => "");
  if (!is_word_vectors(beginning)) return null;
  let text = await file.slice(0, MAX_VECTOR_BYTES).text();
  // The most frequent words stand first: they are enough, without the line that is cut.
  if (file.size > MAX_VECTOR_BYTES) text = text.slice(0, text.lastIndexOf("\n"));
  const { name } = file;
  return { report: session.load_vectors({ name, text }), file: new File([text], name) };
}

/** Another run takes the place of the one before, unless that fails. */
function begin<T>(next: number, info: T): T {
  activity = "none";
  run = next;
  unsaved = false;
  copied = false;
  return info;
}

/** One slice of training; a budget of 0 is a single step, or a single batch of validation. */
async function train(budget_ms: number): Promise<void> {
  try {
    const events = await opened().advance(budget_ms);
    post({ type: "events", run, events });
    unsaved = true;
    const stepped = events.some((event) => event.type === "progress" && event.phase === "training");
    if (events.some((event) => event.type === "finished") || (activity === "step" && stepped)) activity = "none";
    const since = performance.now() - saved_at;
    const soon = !copied || events.some((event) => event.type === "epoch");
    if (since > (soon ? CHECKPOINT_MS : LONG_EPOCH_MS)) await save();
  } catch (error) {
    activity = "none";
    if (!isSessionError(error) || error.code === "device") crash(error);
    else post({ type: "halted", run, error });
  }
}

/** Hands the page a copy of the run. */
async function save(): Promise<void> {
  unsaved = false;
  copied = true;
  saved_at = performance.now();
  const bytes = await opened().checkpoint();
  post({ type: "checkpoint", run, bytes }, [bytes.buffer as ArrayBuffer]);
}
