/** The page's state, in signals, and all that changes it. Views read signals and call actions; only actions write. */

import { batch, computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { Client, INTERRUPTED, type Port, type Rebuilt } from "./client";
import { type Curve, emptyCurve, extend } from "./curve";
import { type Demo, demoAddress } from "./demos";
import { count, fileNames, size } from "./format";
import { admits, closeLesson, isLeft, isOffered, leaveLesson, lesson, openLesson, standing } from "./lesson";
import { type LinkedModel, type OpenedLink, openLink } from "./links";
import { notify } from "./notices";
import type { TaskPage } from "./page";
import {
  type Answer,
  type Config,
  type DeviceChoice,
  type DeviceReport,
  type Field,
  isSessionError,
  type ModelFacts,
  type Opened,
  type OpenedModel,
  type Preview,
  type ReadFile,
  type Request,
  type RunInfo,
  type Sample,
  type Schema,
  type SessionError,
  type SessionEvent,
  type Slim,
  type Source,
  type Stage,
  type Start,
  type TaskInfo,
  type VectorsReport,
} from "./protocol";
import { closeOffer, findPlace, offerModel } from "./remote";
import { defaultConfig, type Extras, linkDevice, parseLink, setValue, type Value, writeLink } from "./share";
import { newId } from "./storage";
import { TASKS } from "./tasks";

export type Progress = Extract<SessionEvent, { type: "progress" }>;
export type Epoch = Extract<SessionEvent, { type: "epoch" }>;
export type Finished = Extract<SessionEvent, { type: "finished" }>;

/** What the network could do at some time of a run. */
export interface Entry {
  epoch: number;
  step: number;
  /** False in the middle of the epoch. */
  whole: boolean;
  samples: Sample[];
  score?: number;
}

/** One network in training, or one from before, kept to compare. */
export interface Run {
  /** Counted from 1 since the page was opened. */
  number: number;
  /** What it is kept under. */
  id: string;
  /** As it was made; live settings as they are now. */
  config: Config;
  /** What it began with, besides chance. */
  start: Start;
  /** What its file says of it, where it comes from one. */
  from?: ModelFacts;
  /** It is a model without its data, which can be asked and not trained: its file. */
  model?: Uint8Array;
  step: number;
  steps_per_epoch: number;
  /** Drawn by the chart; grows in place. */
  curve: Curve;
  progress?: Progress;
  epochs: Epoch[];
  /** Samples in the order they were taken, the oldest thinned out. */
  diary: Entry[];
  finished?: Finished;
}

/** A run from before, drawn beside the one that is there. */
export interface OldRun {
  id: string;
  name: string;
  /** Chosen by the user for comparison, and not just the one before. */
  chosen: boolean;
  curve: Curve;
}

/** What the run does. `starting`: Train was pressed, and the first step is not made yet. */
export type Status = "idle" | "starting" | "running" | "paused" | "stopped" | "finished";

/** What waits for a yes, because it would end the run that is there. */
export type Pending =
  | { kind: "load"; source: Source; found: ReadFile[]; label: string }
  | { kind: "task"; config: Config }
  | { kind: "model"; model: Uint8Array; facts: ModelFacts; label: string; part: LinkedModel["part"] | undefined }
  | { kind: "link"; link: OpenedLink }
  | { kind: "restart" }
  | { kind: "settings"; fields: Field[] }
  /** The next network is to start from word vectors, or no more. */
  | { kind: "vectors"; from: string | undefined };

/** What "Train longer" adds. */
export const MORE_EPOCHS = 10;
/** The chart draws no more runs from before than these. */
export const MAX_OLD_RUNS = 4;
/** More epochs, or entries of the diary, than this are thinned out to every other one. */
const MAX_EPOCHS = 200;
/** The answer on show follows the training, but not faster than this. */
const REFRESH_MS = 1_500;

const state = {
  schema: signal<Schema | undefined>(undefined),
  config: signal<Config | undefined>(undefined),
  deviceChoice: signal<DeviceChoice>("auto"),
  device: signal<DeviceReport | undefined>(undefined),
  deviceNote: signal<string | undefined>(undefined),
  stage: signal<Stage>({ name: "download", bytes: 0 }),
  /** The task's part of the page, once it is loaded. */
  page: signal<TaskPage | undefined>(undefined),
  /** The files as read; empty for built-in data. */
  read: signal<ReadFile[]>([]),
  loading: signal(false),
  preview: signal<Preview | undefined>(undefined),
  /** Why there is no preview of these settings. */
  previewError: signal<SessionError | undefined>(undefined),
  run: signal<Run | undefined>(undefined),
  oldRuns: signal<OldRun[]>([]),
  /** The last copy of the run as bytes: a checkpoint. */
  saved: signal<Uint8Array | undefined>(undefined),
  /** The page shows one model and nothing else. */
  alone: signal(false),
  status: signal<Status>("idle"),
  asked: signal<Exclude<Pending, { kind: "settings" | "vectors" }> | undefined>(undefined),
  answer: signal<Answer | undefined>(undefined),
  inferring: signal(false),
  /** The part of the address that holds a trained network, and what the page was when it was opened. */
  linked: signal<{ part: LinkedModel["part"]; opened?: { config: Config; run: number; step: number } } | undefined>(
    undefined,
  ),
  /** Word vectors that new networks start from, but not those of the tasks that they are switched off for. */
  vectors: signal<{ report: VectorsReport; off: Config["task"][] } | undefined>(undefined),
};

/** The state, for reading. */
export const store: { readonly [K in keyof typeof state]: ReadonlySignal<(typeof state)[K]["value"]> } = state;

const client = new Client({
  stage: (stage) => {
    state.stage.value = stage;
  },
  events: receive,
  saved: (checkpoint) => {
    state.saved.value = checkpoint;
  },
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

/** The task that is open. */
export const info = computed<TaskInfo | undefined>(() => taskInfo(state.config.value?.task));

function taskInfo(task: Config["task"] | undefined): TaskInfo | undefined {
  return state.schema.value?.tasks.find(({ kind }) => kind === task);
}

/** The name of the preset that the settings are those of, if there is one. */
export const preset = computed<string | undefined>(() => {
  const config = state.config.value;
  const settings = (info.value?.settings ?? []).filter((key) => !state.page.value?.controlled?.includes(key));
  const same = info.value?.presets.find((preset) => settings.every((key) => preset.config[key] === config?.[key]));
  return same?.name;
});

/** The run has steps in it, which a new network would throw away. */
export const hasProgress = computed(() => (state.run.value?.step ?? 0) > 0);

/** The run has steps in it that would be lost: a network from a file is still there. */
export const atStake = computed(() => hasProgress.value && state.run.value?.from?.step !== state.run.value?.step);

/** Settings that differ from those of the run, and need a new network. */
const changed = computed<Field[]>(() => {
  const { schema, config, run } = state;
  const [now, made] = [config.value, run.value?.config];
  if (!now || !made || !schema.value || now.task !== made.task) return [];
  // Columns and the like are a model's no more than the data is that it is trained on with.
  const free = run.value?.model ? (state.page.value?.controlled ?? []) : [];
  const asks = ({ key, applies }: Field) =>
    applies === "new_run" && info.value?.settings.includes(key) && !free.includes(key);
  return schema.value.fields.filter((field) => asks(field) && now[field.key] !== made[field.key]);
});

/** Whether the next network starts from word vectors. */
export const fromVectors = computed(() => {
  const { vectors, preview, config } = state;
  const task = config.value?.task;
  if (!vectors.value || !task || vectors.value.off.includes(task)) return false;
  return (preview.value?.tables.length ?? 0) > 0;
});

/** The question to ask, if any. */
export const pending = computed<Pending | undefined>(() => {
  if (!hasProgress.value) return undefined;
  if (state.asked.value) return state.asked.value;
  const start = state.run.value?.start;
  if (state.preview.value && !start?.model && start?.vectors !== fromVectors.value) {
    return { kind: "vectors", from: fromVectors.value ? state.vectors.value?.report.name : undefined };
  }
  return changed.value.length > 0 ? { kind: "settings", fields: changed.value } : undefined;
});

// Starting

/** Opens the device, and the task and the settings of the link with the task's data. */
export async function start(worker: () => Port): Promise<void> {
  addEventListener("hashchange", followLink);
  effect(writeAddress);
  state.deviceChoice.value = linkDevice(location.hash);
  started = setUp(client.open(state.deviceChoice.value, worker));
  await started;
}

/** Settled when the first task is open, or could not be opened. */
let started = Promise.resolve();

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
  if (state.config.value) await openTask(state.config.value);
  else await readLink(opened.schema);
  if (inferDue) void infer();
}

/**
 * Shows one model and nothing else: there is no data, no training and no link.
 *
 * @param examples texts to try
 */
export async function play(worker: () => Port, model: Uint8Array, examples: string[]): Promise<void> {
  const { schema, page, alone } = state;
  alone.value = true;
  try {
    schema.value = (await client.open("cpu", worker)).schema;
    const facts = await client.facts(model);
    const opened = await client.openModel(model);
    page.value = await TASKS[facts.config.task]();
    const rows = examples.map((text): [string, string] => [text, text]);
    showModel(model, facts, { ...opened, preview: { ...opened.preview, data: { ...opened.preview.data, rows } } });
    fillIn();
    await infer();
  } catch (error) {
    // It failed once, and would fail again.
    const title = "The network could not be opened";
    if (error === INTERRUPTED) notify("error", title, "Reload the page, or open it in another browser.");
    else report(title, error);
  }
}

function followLink(): void {
  if (!state.schema.value) return;
  const device = linkDevice(location.hash);
  if (device !== state.deviceChoice.value) void setDevice(device);
  void readLink(state.schema.value);
}

/** Opens what the address says; asks first where a run would end by it. */
async function readLink(schema: Schema): Promise<void> {
  const { hash } = location;
  const link = await openLink(hash, schema, document.baseURI);
  // Another one may have been followed meanwhile.
  if (location.hash !== hash) return;
  for (const text of link.notices) notify("info", "About this link", text);
  const whole = link.lesson || link.model || link.config.task !== state.config.value?.task;
  if (whole && atStake.value) {
    state.asked.value = { kind: "link", link };
    return;
  }
  if (whole && hasProgress.value) archive();
  await takeLink(link);
}

/** Takes a link's lesson and settings, and opens its network on top of them. */
async function takeLink({ config, lesson: given, model, question }: OpenedLink): Promise<void> {
  const { linked, page } = state;
  const closed = given ? undefined : lesson.value;
  const here: typeof linked.value = model && { part: model.part };
  closeOffer();
  const opening = batch(() => {
    closeLesson();
    linked.value = here;
    const same = state.config.value?.task === config.task;
    const opening = same ? setSettings(config) : openTask(config);
    if (given) {
      left.clear();
      openLesson(given);
    }
    return opening;
  });
  writeAddress();
  if (closed) {
    notify(
      "info",
      "The lesson is closed",
      "The link that you opened has none. Go back in the browser to return to it.",
    );
  }
  const file = model && ("bytes" in model ? { bytes: model.bytes, name: "the link" } : await offerModel(model.place));
  await opening;
  // Another link may have been opened meanwhile.
  if (linked.value !== here) return;
  if (file) await openModel(file.bytes, file.name, model?.part);
  // It could not be opened.
  if (linked.value === here) linked.value = undefined;
  if (question !== undefined) page.value?.typed?.write(question);
}

/** What the address says of the network on show; nothing once that is another one than the link's. */
export const linkedPart = computed<LinkedModel["part"]>(() => {
  const { linked, config, run } = state;
  const { part, opened } = linked.value ?? {};
  const same =
    !opened || (opened.config === config.value && opened.run === run.value?.number && opened.step === run.value.step);
  return same && part ? part : {};
});

function writeAddress(): void {
  const { schema, config, deviceChoice } = state;
  if (!schema.value || !config.value) return;
  const extras: Extras = { ...linkedPart.value };
  if (lesson.value) extras.lesson = lesson.value.packed;
  const hash = writeLink(config.value, deviceChoice.value, schema.value, extras);
  if (hash !== location.hash.slice(1))
    history.replaceState(null, "", hash ? `#${hash}` : location.pathname + location.search);
}

/** How much of a run is done, from 0 to 1. */
export function runShare({ step, steps_per_epoch, config }: Run): number {
  return Math.min(1, step / (steps_per_epoch * config.epochs));
}

// Settings

/** Changes some settings. Live ones apply at once; others wait for a yes where a run is under way. */
export function setSettings(changes: Partial<Config>): void {
  const { schema, config, run, status } = state;
  const before = config.value;
  if (!before || !schema.value) return;
  const wanted = schema.value.fields.filter(({ key }) => key in changes && changes[key] !== before[key]);
  const fields = wanted.filter(({ key }) => standing(key) === "shown");
  if (fields.length < wanted.length) {
    const kept = wanted.filter((field) => !fields.includes(field)).map(({ label }) => label);
    notify("info", "The lesson keeps some settings", `They stay as they are: ${kept.join(", ")}.`);
  }
  if (fields.length === 0) return;
  const next = { ...before };
  for (const { key } of fields) setValue(next, key, changes[key] as Value);
  config.value = next;
  const live = fields.filter(({ applies }) => applies === "live");
  if (live.some(({ group }) => group === "decoding")) void infer();
  if (run.value && live.some(({ group }) => group !== "decoding")) applyLive(live, changes);
  if (live.length === fields.length) return;
  if (run.value && !hasProgress.value && status.value === "idle") forget();
  void refreshPreview();
}

/** Changes one setting. */
export function setSetting({ key }: Field, value: Value): void {
  setSettings({ [key]: value });
}

function applyLive(fields: Field[], changes: Partial<Config>): void {
  const { run, status } = state;
  if (!run.value) return;
  const config = { ...run.value.config };
  for (const { key } of fields) setValue(config, key, changes[key] as Value);
  const longer = config.epochs > run.value.config.epochs;
  run.value = { ...run.value, config };
  if (status.value === "finished" && longer && config.epochs * run.value.steps_per_epoch > run.value.step) {
    status.value = "paused";
  }
  // A model without data has no training that they could change; they wait for it.
  if (!run.value.model) void attempt("The setting could not be applied", client.setLive(config));
}

/** Takes all settings of the task back to where they started: those of a lesson to where the lesson did. */
export function resetSettings(): void {
  const { schema, config } = state;
  if (!schema.value || !config.value) return;
  const { task } = config.value;
  const start = isLeft.value ? undefined : lesson.value?.start;
  setSettings(start?.task === task ? start : defaultConfig(schema.value, task));
}

/** Takes the settings of a preset, but for those that belong to the data. */
export function choosePreset(name: string): void {
  const chosen = info.value?.presets.find((preset) => preset.name === name);
  if (!chosen) return;
  const changes: Partial<Config> = { ...chosen.config };
  for (const key of state.page.value?.controlled ?? []) delete changes[key];
  setSettings(changes);
}

/** Opens another device, and goes on there from where the run is. */
export async function setDevice(choice: DeviceChoice): Promise<void> {
  state.deviceChoice.value = choice;
  state.stage.value = { name: "device" };
  await attempt("The device could not be changed", client.reopen(choice));
}

/** Switches between the tasks; asks first where a run would end by it. */
export function setTask(task: Config["task"]): void {
  const { config, schema, asked } = state;
  if (!schema.value || config.value?.task === task || !isOffered(task)) return;
  const start = left.get(task) ?? defaultConfig(schema.value, task);
  if (atStake.value) asked.value = { kind: "task", config: start };
  else void openTask(start);
}

/** Each task's own data, and its settings as they were left, for when the user comes back to it. */
const own = new Map<Config["task"], { source: Source; found: ReadFile[] }>();
const left = new Map<Config["task"], Config>();
/** The task that was opened last. */
let open: Config["task"] | undefined;

/**
 * Opens a task: its part of the page, its data. False where that fails, or another one was opened meanwhile.
 *
 * @param fit whether settings may follow the loaded word vectors
 */
async function openTask(config: Config, fit = true): Promise<boolean> {
  const { task } = config;
  const before = state.config.value;
  if (open && open !== task) {
    if (before?.task === open) left.set(open, before);
    forget();
    state.oldRuns.value = [];
  }
  open = task;
  loads += 1;
  state.config.value = fit ? fitting(config) : config;
  state.page.value = undefined;
  state.preview.value = undefined;
  state.previewError.value = undefined;
  state.answer.value = undefined;
  const { source, found } = own.get(task) ?? { source: builtIn(task), found: [] };
  const loading = client.load(task, source);
  // It is looked at further down, after the page's part.
  loading.catch(() => {});
  const page = await TASKS[task]().catch(() => undefined);
  // Another one may have been chosen meanwhile.
  if (open !== task) return false;
  if (!page) {
    const message =
      "This part of the page could not be downloaded. Check the connection, or reload the page: a newer version may have come out.";
    // Another task may be open by then.
    const act = () => (open === task ? void openTask(config, fit) : setTask(task));
    notify("error", "The task could not be opened", message, { label: "Try again", act });
    return false;
  }
  state.page.value = page;
  state.read.value = found;
  prefill = true;
  try {
    await loading;
  } catch (error) {
    if (error === INTERRUPTED || open !== task) return false;
    if (isSessionError(error)) state.previewError.value = error;
    report("The task could not be opened", error);
    return false;
  }
  if (open !== task) return false;
  await refreshPreview();
  await begin();
  return open === task;
}

/** Settings with an embedding as long as the word vectors that it starts from. */
function fitting(config: Config): Config {
  const { vectors } = state;
  if (!vectors.value || vectors.value.off.includes(config.task) || standing("embedding") !== "shown") return config;
  if (!taskInfo(config.task)?.settings.includes("embedding")) return config;
  return { ...config, embedding: vectors.value.report.size };
}

function builtIn(task: Config["task"]): Source {
  const file = taskInfo(task)?.built_in?.file;
  return file ? { kind: "built_in", url: new URL(`data/${file}`, document.baseURI).href } : { kind: "built_in" };
}

// Data

/** Loads files as the user dropped, chose or pasted them; asks first where a run would end by it. */
export async function loadFiles(files: File[]): Promise<void> {
  const { asked, config, loading, page } = state;
  const name = fileNames(files.map((file) => file.name));
  if (!config.value || !page.value) {
    notify("info", "One moment", "The page is still starting. Drop the file again when the device is ready.");
    return;
  }
  if (standing("panel:data") !== "shown") {
    notify("info", "The lesson has its own data", "To load yours, press “Show all controls” beside the lesson's text.");
    return;
  }
  const task = open;
  const [file] = files;
  if (file && files.length === 1) {
    if (await isModelFile(file)) return openModelFile(file);
    if (await takeVectors(file)) return;
  }
  if (!page.value.files) {
    const message = `${info.value?.label} makes its own data. Choose another task for files.`;
    notify("error", `Not loaded: ${name}`, message);
    return;
  }
  loading.value = true;
  try {
    const read = await client.read(files, page.value.files.advice);
    if (open !== task) {
      notify(
        "info",
        `Not loaded: ${name}`,
        "Another task was opened meanwhile. Go back to it and drop the files again.",
      );
      return;
    }
    const source: Source = { kind: "files", files: read.files };
    if (atStake.value) asked.value = { kind: "load", source, found: read.found, label: name };
    else await load(source, read.found, name);
  } catch (error) {
    report(`Not loaded: ${name}`, error);
  } finally {
    loading.value = false;
  }
}

/** Takes word vectors for networks to start from; false for a file that holds none. */
async function takeVectors(file: File): Promise<boolean> {
  const { loading, preview } = state;
  loading.value = true;
  try {
    const vectors = await client.loadVectors(file);
    if (!vectors) return false;
    offerVectors(vectors, []);
    const use =
      preview.value?.tables.length === 0
        ? "This network has no words to give them to; those of other tasks will start from them."
        : "New networks start from them; the switch is among the settings of the network.";
    const facts = `${count(vectors.words)} words with ${vectors.size} numbers each.`;
    notify("info", `Word vectors: ${vectors.name}`, `${facts} ${use}`);
  } catch (error) {
    report(`Not loaded: ${file.name}`, error);
  } finally {
    loading.value = false;
  }
  return true;
}

/** Keeps vectors that this task has learnt, for networks of the other tasks to start from. */
export async function keepVectors(text: string, name: string): Promise<void> {
  const { config } = state;
  if (!config.value) return;
  const { task } = config.value;
  try {
    const vectors = await client.loadVectors(new File([text], name));
    if (vectors) offerVectors(vectors, [task]);
  } catch (error) {
    report("The word vectors could not be kept", error);
  }
}

function offerVectors(vectors: VectorsReport, off: Config["task"][]): void {
  state.vectors.value = { report: vectors, off };
  startAnew();
}

/** Switches for the open task whether its networks start from word vectors. */
export function switchVectors(on: boolean): void {
  const { vectors, config } = state;
  const task = config.value?.task;
  if (!vectors.value || !task) return;
  const others = vectors.value.off.filter((other) => other !== task);
  vectors.value = { ...vectors.value, off: on ? others : [...others, task] };
  startAnew();
}

/** What networks start from is another: one that has learnt nothing yet makes way for it. */
function startAnew(): void {
  const { config, run, status, vectors } = state;
  if (!config.value) return;
  const { embedding } = fitting(config.value);
  if (embedding !== config.value.embedding) {
    setSettings({ embedding });
    notify("info", `Embedding size ${embedding}`, `That is how long the vectors of ${vectors.value?.report.name} are.`);
  }
  if (run.value && !hasProgress.value && status.value === "idle") forget();
  void refreshPreview();
}

/** Back to the data that comes with the page. */
export function loadBuiltIn(): void {
  const { config, asked } = state;
  if (!config.value) return;
  const source = builtIn(config.value.task);
  const label = `the data that comes with the page`;
  if (atStake.value) asked.value = { kind: "load", source, found: [], label };
  else void load(source, [], label);
}

/** A model with all that is known of it. */
const whole = ({ title, licence }: ModelFacts): Slim => ({
  title,
  licence,
  weights_only: false,
  precision: "f32",
  history: "all",
});

/** Loads data that was read; what was there before stays where that fails. A model stays, to be trained on with it. */
async function load(source: Source, found: ReadFile[], label: string): Promise<boolean> {
  const { config, schema, read, run } = state;
  if (!schema.value || !config.value) return false;
  const { task } = config.value;
  const from = atStake.value ? undefined : run.value?.from;
  let model = run.value?.model;
  try {
    // As it was opened: with this data it may be trained on.
    if (from && !model) model = await client.file(whole(from));
    await client.load(task, source);
  } catch (error) {
    report(`Not loaded: ${label}`, error);
    return false;
  }
  loads += 1;
  if (!model) archive();
  if (source.kind === "files") own.set(task, { source, found });
  else own.delete(task);
  const next = withColumns(config.value, defaultConfig(schema.value, task));
  config.value = next;
  read.value = found;
  prefill = true;
  if (from && model) await attempt(`Not loaded: ${label}`, fitModel(model, from, next));
  else await refreshPreview();
  return true;
}

/** Other data for a model: it may be the very data it was trained on; if not, columns and the like are those of the data. */
async function fitModel(model: Uint8Array, from: ModelFacts, data: Config): Promise<void> {
  const { config, run } = state;
  await putOnPage(() => place(model, from));
  if (!run.value?.model) return;
  const fitted = withColumns(run.value.config, data);
  config.value = fitted;
  run.value = { ...run.value, config: fitted };
  await refreshPreview();
}

/** Settings with the columns, and what else belongs to the data, of others. */
function withColumns(config: Config, others: Config): Config {
  const next = { ...config };
  for (const key of state.page.value?.controlled ?? []) setValue(next, key, others[key]);
  return next;
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
      state.preview.value = await client.preview(state.config.value, state.run.value?.start.model ?? false);
      state.previewError.value = undefined;
      fillIn();
    } catch (error) {
      if (error === INTERRUPTED) previewDue = true;
      else if (isSessionError(error)) state.previewError.value = error;
      else throw error;
    }
  }
  previewing = false;
}

/** The next preview is that of other data: the page fills in a first question. */
let prefill = true;

function fillIn(): void {
  const { page, preview, answer } = state;
  if (!prefill || !preview.value || !page.value) return;
  prefill = false;
  page.value.prefill?.(preview.value.data, newestSample());
  answer.value = undefined;
}

/** The next preview fills in the first question anew. */
export function fillInAgain(): void {
  prefill = true;
}

// Models in files

/** No file larger than this is taken for a model. */
const MAX_MODEL_BYTES = 500 * 2 ** 20;

/** Whether a file begins as safetensors do: the length of a header, and the header. */
async function isModelFile(file: File): Promise<boolean> {
  if (file.name.endsWith(".safetensors")) return true;
  const start = new DataView(
    await file
      .slice(0, 9)
      .arrayBuffer()
      .catch(() => new ArrayBuffer(0)),
  );
  return start.byteLength === 9 && start.getBigUint64(0, true) < file.size && start.getUint8(8) === 0x7b;
}

async function openModelFile(file: File): Promise<void> {
  if (file.size > MAX_MODEL_BYTES) {
    notify(
      "error",
      `Not opened: ${file.name}`,
      `It has ${size(file.size)}; models have ${size(MAX_MODEL_BYTES)} at most.`,
    );
    return;
  }
  const bytes = await file.arrayBuffer().catch(() => undefined);
  if (bytes) await openModel(new Uint8Array(bytes), file.name);
  else notify("error", `Not opened: ${file.name}`, "The file could not be read. Choose it again.");
}

/**
 * Opens a model from a file, a link or a demo; asks first where a run would end by it.
 *
 * @param part what the address is to say of it as long as it stays as it is
 */
export async function openModel(model: Uint8Array, name: string, part?: LinkedModel["part"]): Promise<void> {
  const { asked, loading } = state;
  loading.value = true;
  try {
    const facts = await client.facts(model);
    const label = facts.title || name;
    if (atStake.value) asked.value = { kind: "model", model, facts, label, part };
    else await takeModel(model, facts, part);
  } catch (error) {
    notOpened(name, error);
  } finally {
    loading.value = false;
  }
}

function notOpened(name: string, error: unknown): void {
  const title = `Not opened: ${name}`;
  // The page repairs itself, but does not open the model again.
  if (error === INTERRUPTED) notify("error", title, "Something failed meanwhile. Open it again.");
  else report(title, error);
}

/** Opens a model in the place of what is there: the whole run where its data is at hand, else the network alone. */
async function takeModel(model: Uint8Array, facts: ModelFacts, part: LinkedModel["part"] | undefined): Promise<void> {
  const { config, run, linked, page } = state;
  const { task } = facts.config;
  fitLesson(facts.config);
  archive();
  if (open !== task) state.oldRuns.value = [];
  await openTask(facts.config, false);
  if (open !== task || !state.page.value) return;
  await putOnPage(() => place(model, facts));
  if (part && config.value && run.value) {
    linked.value = { part, opened: { config: config.value, run: run.value.number, step: run.value.step } };
  }
  void infer();
  if (part?.demo) page.value?.show?.(newestSample());
}

/** Opens a network that comes with the page; asks first where a run would end by it. */
export async function openDemo(demo: Demo): Promise<void> {
  const file = await offerModel(findPlace(demoAddress(demo), document.baseURI));
  if (file) await openModel(file.bytes, demo.title, { demo: demo.task });
}

/** A held-out question that the network was asked last. */
function newestSample(): Sample | undefined {
  const { diary } = state.run.value ?? {};
  return diary?.[diary.length - 1]?.samples[0];
}

/** A lesson ends where it has fixed other settings than those of a network that is opened. */
function fitLesson(config: Config): void {
  if (!state.config.value || admits(config, state.config.value)) return;
  leaveLesson();
  notify("info", "All controls are shown", "The model has other settings than those that the lesson has fixed.");
}

/** Puts a network from elsewhere on the page: whoever asks for one meanwhile waits for it, and makes none. */
async function putOnPage(put: () => Promise<boolean>): Promise<boolean> {
  await making?.catch(interrupted);
  making = put().finally(() => {
    making = undefined;
  });
  return making;
}

/** The run in a file goes on where its data is loaded; else the network alone is there to be asked. */
async function place(file: Uint8Array, facts: ModelFacts): Promise<boolean> {
  const { config, run, status } = state;
  const start: Start = { vectors: false, model: false };
  // Where the data is another one, or could not be loaded, the run cannot go on.
  const info = await client.restore(file, start).catch((error: unknown) => {
    if (!isSessionError(error) || error === INTERRUPTED) throw error;
  });
  if (info) {
    config.value = info.config;
    run.value = { ...openRun({ id: newId(), config: info.config, start }, info), from: facts };
    status.value = info.finished ? "finished" : "paused";
    prefill = true;
    await refreshPreview();
  } else {
    showModel(file, facts, await client.openModel(file));
    await refreshPreview();
  }
  return true;
}

/** A model without its data takes the place of the run. */
function showModel(file: Uint8Array, facts: ModelFacts, { info, preview }: OpenedModel): void {
  state.config.value = info.config;
  const made = { id: newId(), config: info.config, start: { vectors: false, model: true } };
  state.run.value = { ...openRun(made, info), from: facts, model: file };
  state.status.value = "stopped";
  state.preview.value = preview;
  prefill = true;
}

/** The network that is there, as a file. */
export function currentModel(options: Slim): Promise<Uint8Array> {
  return client.file(options);
}

/** Trains a model that was opened without its data: a new run, from its weights, on the data that is loaded. */
export async function trainOn(): Promise<void> {
  const { config, run, status } = state;
  const model = run.value;
  if (!model?.model || !config.value) return;
  status.value = "starting";
  const made = withColumns(model.config, config.value);
  try {
    const info = await client.create(made, model.start);
    showOld(oldRun(model));
    run.value = openRun({ id: newId(), config: made, start: model.start }, info);
  } catch (error) {
    status.value = "stopped";
    report("The model could not be trained on with this data", error);
    return;
  }
  status.value = "running";
  await attempt("Training could not start", client.train());
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
  const made = await ensureRun().catch(interrupted);
  // Pause may have been pressed meanwhile; and after a crash it begins again.
  if (status.value !== "starting" || made === undefined) return;
  if (!made) {
    status.value = "idle";
    return;
  }
  status.value = "running";
  await attempt("Training could not start", client.train());
}

/**
 * There is a network of these settings, trained or not. Whoever asks while one is made waits for the same one.
 *
 * @throws INTERRUPTED where the worker was replaced meanwhile
 */
function ensureRun(): Promise<boolean> {
  if (state.run.value) return Promise.resolve(true);
  making ??= makeRun().finally(() => {
    making = undefined;
  });
  return making;
}

let making: Promise<boolean> | undefined;
/** Counts what was loaded: a network made for what was there before is of no more use. */
let loads = 0;

async function makeRun(): Promise<boolean> {
  const { config, run } = state;
  if (!config.value) return false;
  const made = { ...config.value };
  const load = loads;
  try {
    const start: Start = { vectors: fromVectors.value, model: false };
    const info = await client.create(made, start);
    if (load !== loads) return false;
    run.value = openRun({ id: newId(), config: made, start }, info);
    return true;
  } catch (error) {
    if (error === INTERRUPTED) throw error;
    report("The network could not be made", error);
    return false;
  }
}

/** A crash ended what was under way; the page says so by itself. */
function interrupted(error: unknown): undefined {
  if (error !== INTERRUPTED) throw error;
}

let runs = 0;

function openRun(made: Pick<Run, "id" | "config" | "start" | "from">, info: RunInfo, number = ++runs): Run {
  const run: Run = {
    number,
    ...made,
    step: info.step,
    steps_per_epoch: info.steps_per_epoch,
    curve: emptyCurve(),
    epochs: [],
    diary: [],
  };
  for (const event of info.history) take(run, event);
  return run;
}

/** What a run was made of. */
function made({ id, config, start, from }: Run): Parameters<typeof openRun>[0] {
  return { id, config, start, ...(from && { from }) };
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
      run.epochs = thinned([...run.epochs, event]);
      note(run, event);
      break;
    case "samples":
      note(run, event);
      break;
    case "finished":
      run.finished = event;
      break;
  }
}

/** Takes samples into the diary. */
function note(run: Run, event: Epoch | Extract<SessionEvent, { type: "samples" }>): void {
  if (event.samples.length === 0) return;
  const { epoch, step, samples } = event;
  const entry: Entry = { epoch, step, samples, whole: event.type === "epoch" };
  if (event.type === "epoch" && event.score !== undefined) entry.score = event.score;
  run.diary = thinned([...run.diary, entry]);
}

function thinned<T>(list: T[]): T[] {
  return list.length > MAX_EPOCHS ? list.filter((_, i) => i % 2 === 1) : list;
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
  if (!(await ensureRun().catch(interrupted))) return;
  status.value = "paused";
  await attempt("The step could not be made", client.step());
}

/** Goes on after the end, for some more epochs. */
export async function trainLonger(): Promise<void> {
  const { config, run, status } = state;
  if (!config.value || !run.value) return;
  const more = Math.ceil(run.value.step / run.value.steps_per_epoch) + MORE_EPOCHS;
  const longer = status.value === "stopped" ? Math.max(run.value.config.epochs, more) : more;
  const epochs = standing("epochs") === "shown" ? longer : run.value.config.epochs;
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
  const { asked, status } = state;
  const question = pending.value;
  asked.value = undefined;
  if (!question) return;
  await attempt("Training could not be paused", client.pause());
  await save();
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
      await openTask(question.config);
      break;
    case "model":
      await takeModel(question.model, question.facts, question.part).catch((error: unknown) =>
        notOpened(question.label, error),
      );
      break;
    case "link":
      archive();
      await takeLink(question.link);
      break;
    case "restart":
    case "settings":
    case "vectors": {
      const model = state.run.value?.start.model;
      archive();
      // The data was read with a model's vocabularies.
      if (model) await refreshPreview();
      await train();
      break;
    }
  }
}

/** No to the pending question: everything stays as it was. */
export function decline(): void {
  const { asked, config, run } = state;
  const question = pending.value;
  asked.value = undefined;
  // A link may have asked.
  writeAddress();
  if ((question?.kind !== "settings" && question?.kind !== "vectors") || !config.value || !run.value) return;
  const next = { ...config.value };
  for (const { key } of changed.value) setValue(next, key, run.value.config[key]);
  config.value = next;
  if (question.kind === "vectors") switchVectors(run.value.start.vectors);
  else void refreshPreview();
}

/** The run makes place for a new one; its curve stays to compare. */
function archive(): void {
  const { run } = state;
  if (run.value && hasProgress.value) showOld(oldRun(run.value));
  forget();
}

function oldRun({ id, number, curve }: Run): OldRun {
  return { id, name: `run ${number}`, chosen: false, curve };
}

/** Draws a run from before beside the one that is there; where they are too many, the first makes way. */
export function showOld(old: OldRun): void {
  const { oldRuns } = state;
  oldRuns.value = [...oldRuns.value.filter(({ id }) => id !== old.id), old].slice(-MAX_OLD_RUNS);
}

/** Draws a run from before no more. */
export function hideOld(id: string): void {
  const { oldRuns } = state;
  oldRuns.value = oldRuns.value.filter((old) => old.id !== id);
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
    if (!state.alone.value) void setUp(Promise.resolve(opened));
    return;
  }
  state.device.value = opened.device;
  state.deviceNote.value = opened.note;
  if (info && run.value) {
    run.value = openRun(made(run.value), info, run.value.number);
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

// Keeping the run

/** Makes a copy of the run as it is now, if it has learnt anything; `store.saved` gets it. */
export async function save(): Promise<void> {
  if (hasProgress.value) await attempt("The run could not be saved", client.save());
}

/** The files of the open task's data as they were read; undefined for data that comes with the page. */
export function ownFiles(): File[] | undefined {
  const source = open && own.get(open)?.source;
  return source?.kind === "files" ? source.files : undefined;
}

/** The run goes on under another id. */
export function renew(id: string): void {
  const { run } = state;
  if (run.value) run.value = { ...run.value, id };
}

/** All that a run needs to go on, as it was kept. */
export interface KeptState {
  id: string;
  /** Every setting and the device, in the form of a link. */
  settings: string;
  /** Undefined for data that comes with the page. */
  data: { files: File[]; found: ReadFile[] } | "missing" | undefined;
  checkpoint: Uint8Array;
  /** It began with a model, whose vocabularies are in the checkpoint. */
  from_model: boolean;
  /** Of the file that it came from. */
  from: Pick<ModelFacts, "title" | "licence" | "step"> | undefined;
  status: Exclude<Status, "idle" | "starting">;
}

/**
 * Opens a run that was kept, in place of the one that is there: its task, device, settings and data. It trains on
 * where it was in training.
 *
 * @returns false where that is not possible; the page says why
 */
export async function openKept(kept: KeptState): Promise<boolean> {
  await started;
  const { schema, asked, deviceChoice } = state;
  if (!schema.value) return false;
  asked.value = undefined;
  await attempt("Training could not be paused", client.pause());
  await save();
  const { config } = parseLink(kept.settings, schema.value);
  const { task } = config;
  fitLesson(config);
  if (task === open) archive();
  else forget();
  const device = linkDevice(kept.settings);
  if (device !== deviceChoice.value) await setDevice(device);
  if (kept.data && kept.data !== "missing") {
    own.set(task, { source: { kind: "files", files: kept.data.files }, found: kept.data.found });
  } else own.delete(task);
  if (!(await openTask(config, false))) return false;
  if (!(await putOnPage(() => restoreRun(kept, config)).catch(interrupted))) return false;
  if (kept.status === "running") await train();
  else refreshAnswer(true);
  return true;
}

async function restoreRun(kept: KeptState, live: Config): Promise<boolean> {
  const { id, checkpoint, from_model, from, status } = kept;
  const { config, run, schema } = state;
  // Vectors that it may have begun with are in its weights: those that are loaded now are no question.
  const start: Start = { vectors: fromVectors.value, model: from_model };
  if (kept.data === "missing") return openAlone(checkpoint, NO_DATA);
  try {
    const info = await client.restore(checkpoint, start);
    const file = from && { ...(await client.facts(checkpoint)), ...from };
    const made = { ...info.config };
    for (const { key, applies } of schema.value?.fields ?? []) if (applies === "live") setValue(made, key, live[key]);
    config.value = made;
    run.value = openRun({ id, config: made, start, ...(file && { from: file }) }, info);
    state.status.value = info.finished ? "finished" : status === "stopped" ? "stopped" : "paused";
    await client.setLive(made);
  } catch (error) {
    if (error === INTERRUPTED || !isSessionError(error)) throw error;
    return openAlone(checkpoint, error);
  }
  await refreshPreview();
  return true;
}

const NO_DATA: SessionError = {
  code: "state",
  message: "The data that it was trained on is not in this browser any more. Load it again to go on.",
};

/** A kept run without the data it was trained on is still a network. */
async function openAlone(checkpoint: Uint8Array, reason: SessionError): Promise<boolean> {
  const facts = await client.facts(checkpoint).catch(() => undefined);
  if (!facts) {
    report("The run could not be opened", reason);
    return false;
  }
  try {
    await place(checkpoint, facts);
  } catch (error) {
    report("The run could not be opened", error);
    return false;
  }
  notify(
    "info",
    "Opened without its data",
    `${reason.message} Until then it can be asked, or trained on with other data.`,
  );
  return true;
}

// Asking the network

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
      const request = state.page.value?.question(config.value);
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

/**
 * Asks the network something whose answer is for the asker alone.
 *
 * @returns undefined where it could not answer; the page says why
 */
export async function askOnce(
  request: Request,
  partial: (answer: Answer) => void = () => {},
): Promise<Answer | undefined> {
  try {
    return (await ensureRun()) ? await client.infer(request, partial) : undefined;
  } catch (error) {
    report("The network could not answer", error);
    return undefined;
  }
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
