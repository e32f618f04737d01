/** The page's state, in signals, and all that changes it. Views read signals and call actions; only actions write. */

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { Field } from "../pkg/unrolled.js";
import { Client, INTERRUPTED, type Rebuilt } from "./client";
import { type Curve, emptyCurve, extend } from "./curve";
import { notify } from "./notices";
import {
  type Answer,
  type Config,
  type DeviceChoice,
  type DeviceReport,
  isSessionError,
  type Opened,
  type Preview,
  type ReadFile,
  type Request,
  type RunInfo,
  type Schema,
  type SessionError,
  type SessionEvent,
  type Source,
  type Stage,
} from "./protocol";
import { defaultConfig, linkDevice, parseLink, setValue, type Value, writeLink } from "./share";

export type Progress = Extract<SessionEvent, { type: "progress" }>;
export type Epoch = Extract<SessionEvent, { type: "epoch" }>;
export type Finished = Extract<SessionEvent, { type: "finished" }>;

/** One network in training, or one from before, kept to compare. */
export interface Run {
  /** Counted from 1 since the page was opened. */
  number: number;
  /** As it was made; live settings as they are now. */
  config: Config;
  step: number;
  steps_per_epoch: number;
  /** Drawn by the chart; grows in place. */
  curve: Curve;
  progress?: Progress;
  epochs: Epoch[];
  finished?: Finished;
}

/** What the run does. `starting`: Train was pressed, and the first step is not made yet. */
export type Status = "idle" | "starting" | "running" | "paused" | "stopped" | "finished";

/** What waits for a yes, because it would end the run that is there. */
export type Pending =
  | { kind: "load"; source: Source; found: ReadFile[]; label: string }
  | { kind: "task"; config: Config }
  | { kind: "restart" }
  | { kind: "settings"; fields: Field[] };

/** What "Train longer" adds. */
export const MORE_EPOCHS = 10;
const MAX_OLD_RUNS = 4;
/** More epochs than this are thinned out to every other one. */
const MAX_EPOCHS = 200;
/** The answer on show follows the training, but not faster than this. */
const REFRESH_MS = 1_500;
/** Typing pauses for so long before the sentence is translated. */
const TYPING_MS = 200;

const state = {
  schema: signal<Schema | undefined>(undefined),
  config: signal<Config | undefined>(undefined),
  deviceChoice: signal<DeviceChoice>("auto"),
  device: signal<DeviceReport | undefined>(undefined),
  deviceNote: signal<string | undefined>(undefined),
  stage: signal<Stage>({ name: "download", bytes: 0 }),
  /** The files as read; empty for the phrase book. */
  read: signal<ReadFile[]>([]),
  loading: signal(false),
  preview: signal<Preview | undefined>(undefined),
  /** Why there is no preview of these settings. */
  previewError: signal<SessionError | undefined>(undefined),
  run: signal<Run | undefined>(undefined),
  oldRuns: signal<Run[]>([]),
  status: signal<Status>("idle"),
  asked: signal<Exclude<Pending, { kind: "settings" }> | undefined>(undefined),
  text: signal(""),
  bits: signal("1011001"),
  answer: signal<Answer | undefined>(undefined),
  inferring: signal(false),
};

/** The state, for reading. */
export const store: { readonly [K in keyof typeof state]: ReadonlySignal<(typeof state)[K]["value"]> } = state;

const client = new Client({
  stage: (stage) => {
    state.stage.value = stage;
  },
  events: receive,
  halted: (error) => {
    state.status.value = "paused";
    notify("error", "Training has stopped", error.message);
  },
  crashed: (reason) => {
    state.stage.value = { name: "download", bytes: 0 };
    if (state.inferring.value) crashesAsking += 1;
    notify(
      "error",
      "Something failed, and the page is repairing it",
      `${reason} Your text, data and settings are kept.`,
    );
  },
  rebuilt,
  failed: (error) => {
    state.status.value = state.run.value ? "stopped" : "idle";
    notify("error", "The program has stopped", error.message);
  },
});

/** The run has steps in it, which a new network would throw away. */
export const hasProgress = computed(() => (state.run.value?.step ?? 0) > 0);

/** Settings that differ from those of the run, and need a new network. */
const changed = computed<Field[]>(() => {
  const { schema, config, run } = state;
  const [now, made] = [config.value, run.value?.config];
  if (!now || !made || !schema.value || now.task !== made.task) return [];
  return schema.value.fields.filter(
    ({ key, applies, tasks }) => applies === "new_run" && tasks.includes(now.task) && now[key] !== made[key],
  );
});

/** The question to ask, if any. */
export const pending = computed<Pending | undefined>(() => {
  if (!hasProgress.value) return undefined;
  if (state.asked.value) return state.asked.value;
  return changed.value.length > 0 ? { kind: "settings", fields: changed.value } : undefined;
});

// Starting

/** Opens the device, loads the phrase book and the settings of the link. */
export async function start(): Promise<void> {
  addEventListener("hashchange", followLink);
  effect(writeAddress);
  state.deviceChoice.value = linkDevice(location.hash);
  await setUp(client.open(state.deviceChoice.value));
}

async function setUp(opening: Promise<Opened>): Promise<void> {
  try {
    await prepare(await opening);
  } catch (error) {
    if (error !== INTERRUPTED) state.status.value = "idle";
    report("The page could not start", error);
  }
}

/** The device is open: gets all that a run needs, and trains if Train was pressed meanwhile. */
async function prepare(opened: Opened): Promise<void> {
  state.schema.value = opened.schema;
  state.device.value = opened.device;
  state.deviceNote.value = opened.note;
  await client.load({ kind: "phrase_book" });
  if (!state.config.value) readLink(opened.schema);
  await refreshPreview();
  await begin();
  if (inferDue) void infer();
}

function followLink(): void {
  if (!state.schema.value) return;
  const device = linkDevice(location.hash);
  if (device !== state.deviceChoice.value) void setDevice(device);
  readLink(state.schema.value);
  void refreshPreview();
}

function readLink(schema: Schema): void {
  const { config, notices } = parseLink(location.hash, schema);
  if (state.config.value?.task === config.task) {
    for (const field of schema.fields) setSetting(field, config[field.key]);
  } else if (hasProgress.value) {
    state.asked.value = { kind: "task", config };
  } else {
    if (state.config.value) forget();
    state.config.value = config;
  }
  for (const text of notices) notify("info", "About this link", text);
}

function writeAddress(): void {
  const { schema, config, deviceChoice } = state;
  if (!schema.value || !config.value) return;
  const hash = writeLink(config.value, deviceChoice.value, schema.value);
  if (hash !== location.hash.slice(1))
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
}

/** How much of a run is done, from 0 to 1. */
export function runShare({ step, steps_per_epoch, config }: Run): number {
  return Math.min(1, step / (steps_per_epoch * config.epochs));
}

// Settings

/** Changes one setting. Live ones apply at once; others wait for a yes where a run is under way. */
export function setSetting(field: Field, value: Value): void {
  const { config, run, status } = state;
  if (!config.value || config.value[field.key] === value) return;
  const next = { ...config.value };
  setValue(next, field.key, value);
  config.value = next;
  if (field.applies === "live") {
    if (field.group === "decoding") void infer();
    else if (run.value) applyLive(field.key, value);
    return;
  }
  if (run.value && !hasProgress.value && status.value === "idle") forget();
  void refreshPreview();
}

function applyLive(key: Field["key"], value: Value): void {
  const { run, status } = state;
  if (!run.value) return;
  const config = { ...run.value.config };
  setValue(config, key, value);
  run.value = { ...run.value, config };
  if (status.value === "finished" && key === "epochs" && config.epochs * run.value.steps_per_epoch > run.value.step) {
    status.value = "paused";
  }
  void attempt("The setting could not be applied", client.setLive(config));
}

/** Takes all settings of the task back to where they started. */
export function resetSettings(): void {
  const { schema, config } = state;
  if (!schema.value || !config.value) return;
  const start = defaultConfig(schema.value, config.value.task);
  for (const field of schema.value.fields) setSetting(field, start[field.key]);
}

/** Source becomes target, and target source. */
export function swapDirection(): void {
  const config = state.config.value;
  if (config) setColumns(config.target_column, config.source_column);
}

/** Chooses the columns to translate from and into; choosing the other one's column swaps them. */
export function setColumns(source_column: number, target_column: number): void {
  const { config } = state;
  if (!config.value) return;
  const former = config.value;
  if (source_column === target_column) {
    if (source_column === former.source_column) source_column = former.target_column;
    else target_column = former.source_column;
  }
  config.value = { ...former, source_column, target_column };
  if (state.run.value && !hasProgress.value && state.status.value === "idle") forget();
  prefill = true;
  void refreshPreview();
}

/** Opens another device, and goes on there from where the run is. */
export async function setDevice(choice: DeviceChoice): Promise<void> {
  state.deviceChoice.value = choice;
  state.stage.value = { name: "device" };
  await attempt("The device could not be changed", client.reopen(choice));
}

/** Switches between the tasks. */
export function setTask(task: Config["task"]): void {
  const { config, schema } = state;
  if (!schema.value || config.value?.task === task) return;
  const start = defaultConfig(schema.value, task);
  if (hasProgress.value) {
    state.asked.value = { kind: "task", config: start };
    return;
  }
  forget();
  state.oldRuns.value = [];
  config.value = start;
  void refreshPreview();
}

// Data

/** Loads files as the user dropped, chose or pasted them; asks first where a run would end by it. */
export async function loadFiles(files: File[]): Promise<void> {
  const { asked, config, loading } = state;
  if (!config.value) {
    notify("info", "One moment", "The page is still starting. Drop the file again when the device is ready.");
    return;
  }
  const name = files.map((file) => file.name).join(" and ");
  loading.value = true;
  try {
    const read = await client.read(files);
    const source: Source = { kind: "files", files: read.files };
    if (hasProgress.value) asked.value = { kind: "load", source, found: read.found, label: name };
    else await load(source, read.found, name);
  } catch (error) {
    report(`Not loaded: ${name}`, error);
  } finally {
    loading.value = false;
  }
}

/** Back to the pairs that come with the page. */
export function loadPhraseBook(): void {
  const source: Source = { kind: "phrase_book" };
  const label = "the phrase book";
  if (hasProgress.value) state.asked.value = { kind: "load", source, found: [], label };
  else void load(source, [], label);
}

/** Loads data that was read; what was there before stays where that fails. */
async function load(source: Source, found: ReadFile[], label: string): Promise<boolean> {
  const { config, schema, read, answer } = state;
  if (!schema.value || !config.value) return false;
  try {
    await client.load(source);
  } catch (error) {
    report(`Not loaded: ${label}`, error);
    return false;
  }
  archive();
  const { task } = config.value;
  const settings = task === "translation" ? config.value : defaultConfig(schema.value, "translation");
  config.value = { ...settings, source_column: 1, target_column: 2 };
  read.value = found;
  answer.value = undefined;
  prefill = true;
  await refreshPreview();
  return true;
}

let previewing = false;
let previewDue = false;

/** Asks for the preview of the settings as they are; while one is on its way, only the newest waits. */
async function refreshPreview(): Promise<void> {
  previewDue = true;
  if (previewing) return;
  previewing = true;
  while (previewDue && state.config.value) {
    previewDue = false;
    try {
      state.preview.value = await client.preview(state.config.value);
      state.previewError.value = undefined;
      prefillText();
    } catch (error) {
      if (error === INTERRUPTED) previewDue = true;
      else if (isSessionError(error)) state.previewError.value = error;
      else throw error;
    }
  }
  previewing = false;
}

/** The next preview brings the text to translate: its first sentence. */
let prefill = true;

function prefillText(): void {
  const first = state.preview.value?.data.rows[0]?.[0];
  if (!prefill || state.config.value?.task !== "translation" || first === undefined) return;
  prefill = false;
  state.text.value = first;
  state.answer.value = undefined;
}

// Training

/** Trains: goes on with the run that is there, or makes one. */
export async function train(): Promise<void> {
  const { status } = state;
  if (status.value === "running" || status.value === "starting") return;
  status.value = "starting";
  // While the page still starts, begin() takes it up.
  if (state.preview.value || state.previewError.value) await begin();
}

async function begin(): Promise<void> {
  const { status } = state;
  if (status.value !== "starting") return;
  if (!(await ensureRun())) {
    status.value = "idle";
    return;
  }
  status.value = "running";
  await attempt("Training could not start", client.train());
}

/** There is a network of these settings, trained or not. */
async function ensureRun(): Promise<boolean> {
  const { config, run } = state;
  if (run.value) return true;
  if (!config.value) return false;
  const made = { ...config.value };
  try {
    const info = await client.create(made);
    runs += 1;
    run.value = openRun(runs, made, info);
    return true;
  } catch (error) {
    report("The network could not be made", error);
    return false;
  }
}

let runs = 0;

function openRun(number: number, config: Config, info: RunInfo): Run {
  const run: Run = {
    number,
    config,
    step: info.step,
    steps_per_epoch: info.steps_per_epoch,
    curve: emptyCurve(),
    epochs: [],
  };
  for (const event of info.history) take(run, event);
  return run;
}

/** Takes one event into a run. */
function take(run: Run, event: SessionEvent): void {
  extend(run.curve, event, run.steps_per_epoch);
  switch (event.type) {
    case "progress":
      if (event.phase === "training") {
        run.step = event.step;
        run.steps_per_epoch = event.steps_per_epoch;
        run.progress = event;
      } else if (run.progress) {
        run.progress = { ...run.progress, phase: event.phase };
      }
      break;
    case "epoch":
      run.step = event.step;
      run.epochs = [...run.epochs, event];
      if (run.epochs.length > MAX_EPOCHS) run.epochs = run.epochs.filter((_, i) => i % 2 === 1);
      break;
    case "finished":
      run.finished = event;
      break;
  }
}

function receive(events: SessionEvent[]): void {
  const { run, status } = state;
  if (!run.value || events.length === 0) return;
  const next = { ...run.value };
  for (const event of events) take(next, event);
  run.value = next;
  const finished = events.find((event): event is Finished => event.type === "finished");
  if (finished) {
    status.value = "finished";
    if (finished.reason === "diverged") notify("error", "Training has stopped", finished.message);
  }
  refreshAnswer(finished !== undefined);
}

/** Stops after the step that is under way. `stopped` ends the run, but Train longer can still take it up. */
export async function pause(as: "paused" | "stopped" = "paused"): Promise<void> {
  const { status } = state;
  if (status.value !== "running" && status.value !== "starting" && as === "paused") return;
  status.value = as;
  await attempt("Training could not be paused", client.pause());
  refreshAnswer(true);
}

/** One training step. */
export async function step(): Promise<void> {
  const { status } = state;
  if (!(await ensureRun())) return;
  status.value = "paused";
  await attempt("The step could not be made", client.step());
}

/** Goes on after the end, for some more epochs. */
export async function trainLonger(): Promise<void> {
  const { config, run, status } = state;
  if (!config.value || !run.value) return;
  const more = Math.ceil(run.value.step / run.value.steps_per_epoch) + MORE_EPOCHS;
  const epochs = status.value === "stopped" ? Math.max(run.value.config.epochs, more) : more;
  config.value = { ...config.value, epochs };
  const live = { ...run.value.config, epochs };
  run.value = { ...run.value, config: live };
  status.value = "running";
  await attempt("Training could not go on", client.setLive(live));
  await attempt("Training could not go on", client.train());
}

/** Asks whether to throw the network away and begin again. */
export function restart(): void {
  if (hasProgress.value) state.asked.value = { kind: "restart" };
}

/** Yes to the pending question. */
export async function accept(): Promise<void> {
  const { asked, config, status } = state;
  const question = pending.value;
  asked.value = undefined;
  if (!question) return;
  await attempt("Training could not be paused", client.pause());
  switch (question.kind) {
    case "load": {
      const before = status.value;
      const loaded = await load(question.source, question.found, question.label);
      if (!loaded && before === "running") await attempt("Training could not go on", client.train());
      break;
    }
    case "task":
      forget();
      state.oldRuns.value = [];
      config.value = question.config;
      await refreshPreview();
      break;
    case "restart":
    case "settings":
      archive();
      await train();
      break;
  }
}

/** No to the pending question: everything stays as it was. */
export function decline(): void {
  const { asked, config, run } = state;
  const question = pending.value;
  asked.value = undefined;
  if (question?.kind !== "settings" || !config.value || !run.value) return;
  const next = { ...config.value };
  for (const { key } of question.fields) setValue(next, key, run.value.config[key]);
  config.value = next;
  void refreshPreview();
}

/** The run makes place for a new one; its curve stays to compare. */
function archive(): void {
  const { run, oldRuns } = state;
  if (run.value && hasProgress.value) oldRuns.value = [...oldRuns.value, run.value].slice(-MAX_OLD_RUNS);
  forget();
}

function forget(): void {
  state.run.value = undefined;
  state.answer.value = undefined;
  state.status.value = "idle";
}

function rebuilt({ opened, info, training }: Rebuilt): void {
  const { run, status } = state;
  if (!state.preview.value) {
    // The worker that failed had not come as far as this.
    void setUp(Promise.resolve(opened));
    return;
  }
  state.device.value = opened.device;
  state.deviceNote.value = opened.note;
  if (info && run.value) {
    run.value = openRun(run.value.number, run.value.config, info);
    status.value = training ? "running" : info.finished ? "finished" : info.step > 0 ? "paused" : "idle";
    const where = info.step > 0 ? `from step ${info.step}` : "from the start";
    const going = training ? `Training goes on ${where}` : `The network is back ${where}`;
    notify(
      "info",
      `${going}, on the ${opened.device.kind === "cpu" ? "CPU" : "GPU"}`,
      opened.note ?? "Nothing was lost but the last moments.",
    );
  } else if (status.value === "starting") {
    void begin();
  }
  void refreshPreview();
  if (inferDue) refreshAnswer(true);
}

// Asking the network

/** The text to translate. */
export function setText(text: string): void {
  prefill = false;
  state.text.value = text;
  clearTimeout(typing);
  typing = setTimeout(infer, TYPING_MS);
}

/** The bits to judge. */
export function setBits(bits: string): void {
  state.bits.value = bits;
  void infer();
}

let typing: ReturnType<typeof setTimeout> | undefined;
let inferDue = false;
let refreshed = 0;

/** Whether the answer is shown as it grows: not where it only replaces an older one to the same question. */
let growing = true;

/** Asks the network about the text or the bits; while it thinks, only the newest question waits. */
export async function infer(): Promise<void> {
  growing = true;
  crashesAsking = 0;
  await ask();
}

/** A question that crashed the network twice is not asked again until the user does. */
let crashesAsking = 0;
const MAX_CRASHES_ASKING = 2;

async function ask(): Promise<void> {
  const { config, inferring } = state;
  inferDue = true;
  if (inferring.value || !config.value || state.stage.value.name !== "ready") return;
  inferring.value = true;
  try {
    while (inferDue) {
      inferDue = false;
      const request = question();
      if (!request) {
        state.answer.value = undefined;
        continue;
      }
      if (!(await ensureRun())) break;
      refreshed = performance.now();
      state.answer.value = await client.infer(request, (partial) => {
        if (growing) state.answer.value = partial;
      });
      crashesAsking = 0;
    }
  } catch (error) {
    state.answer.value = undefined;
    inferDue = error === INTERRUPTED;
    report("The network could not answer", error);
  } finally {
    inferring.value = false;
  }
}

function question(): Request | undefined {
  const config = state.config.value;
  if (!config) return undefined;
  if (config.task === "parity") return state.bits.value ? { task: "parity", bits: state.bits.value } : undefined;
  const { beam, length_penalty, max_output } = config;
  const text = state.text.value.trim();
  return text ? { task: "translation", text, beam, length_penalty, max_output } : undefined;
}

/** Lets the answer on show follow the training. */
function refreshAnswer(now: boolean): void {
  if (document.hidden || crashesAsking >= MAX_CRASHES_ASKING) return;
  if (!now && performance.now() - refreshed < REFRESH_MS) return;
  if (!state.inferring.value) growing = false;
  void ask();
}

// Errors

function report(title: string, error: unknown): void {
  if (error === INTERRUPTED) return;
  if (!isSessionError(error)) throw error;
  notify("error", title, error.message);
}

async function attempt(title: string, promise: Promise<unknown>): Promise<void> {
  try {
    await promise;
  } catch (error) {
    report(title, error);
  }
}
