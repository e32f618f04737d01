/** The user's work, kept in the browser: saved as it grows, listed, opened again, compared. */

import { batch, computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals";
import type { Curve } from "./curve";
import { notify } from "./notices";
import { isSessionError } from "./protocol";
import {
  DamagedError,
  describeRun,
  type KeptData,
  type KeptRun,
  type KeptStatus,
  listRuns,
  MAX_TEXT,
  newId,
  readCurve,
  readWork,
  removeRuns,
  saveRun,
} from "./storage";
import { atStake, hideOld, info, openKept, ownFiles, type Run, renew, save, showOld, store } from "./store";

/** What the browser has kept for this site, in bytes, and whether it has promised not to clear it by itself. */
export interface Space {
  usage: number;
  quota: number;
  persisted: boolean;
}

/** More runs are not kept: the oldest without a name given by the user make way. */
export const MAX_RUNS = 30;
/** Nor more bytes, or more than half of what the browser grants. */
const MAX_BYTES = 512 * 2 ** 20;
/** A name is no longer than this. */
export const MAX_NAME = 80;

/** Who writes: two tabs may have the same run. */
const TAB = newId();
const LOCK = "unrolled run ";

const runs = signal<KeptRun[]>([]);
const unreadable = signal<IDBValidKey[]>([]);
const elsewhere = signal<ReadonlySet<string>>(new Set());
const space = signal<Space | undefined>(undefined);
const trouble = signal<string | undefined>(undefined);
const opening = signal<string | undefined>(undefined);
const declined = signal(false);
/** The run that was deleted from the list while it was on the page. */
const dropped = signal<string | undefined>(undefined);

const currentId = computed(() => store.run.value?.id);
/** What the run does. */
const status = computed<KeptStatus>(() => {
  const now = store.status.value;
  return now === "idle" || now === "starting" ? "paused" : now;
});
/** Every setting and the device in the form of a link: what a later version starts with may be something else. */
const settings = computed<string | undefined>(() => {
  const config = store.config.value;
  if (!config) return undefined;
  const entries = Object.entries(config).map(([key, value]): [string, string] => [key, String(value)]);
  return new URLSearchParams([["device", store.deviceChoice.value], ...entries]).toString();
});

/** The list of runs, and all about keeping them, for reading. */
export const work: {
  /** The newest first. */
  readonly runs: ReadonlySignal<KeptRun[]>;
  /** Keys of records that cannot be read. */
  readonly unreadable: ReadonlySignal<IDBValidKey[]>;
  /** The runs that other tabs have open. */
  readonly elsewhere: ReadonlySignal<ReadonlySet<string>>;
  readonly space: ReadonlySignal<Space | undefined>;
  /** Why nothing can be kept at present, and what to do, in sentences. */
  readonly trouble: ReadonlySignal<string | undefined>;
  /** The run that is being opened. */
  readonly opening: ReadonlySignal<string | undefined>;
} = { runs, unreadable, elsewhere, space, trouble, opening };

/** The run to go on with: offered until something else is trained, also beside a model that is opened. */
export const offer = computed<KeptRun | undefined>(() => {
  if (declined.value || atStake.value) return undefined;
  return runs.value.find(({ id }) => !elsewhere.value.has(id));
});

/** Leaving the page would lose what was trained. */
export const atRisk = computed(() => {
  return atStake.value && (trouble.value !== undefined || dropped.value === store.run.value?.id);
});

/** Other tabs list the same runs. */
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("unrolled work") : undefined;

/** Reads the list, and keeps the run from now on. */
export function startKeeping(): void {
  void refresh().then(() => {
    const count = unreadable.value.length;
    if (count === 0) return;
    const which = count === 1 ? "A kept run" : `${count} kept runs`;
    notify("info", `${which} cannot be read`, "What is damaged is left out. Your work has a button that deletes it.");
  });
  channel?.addEventListener("message", () => {
    stored.clear();
    void refresh();
  });
  store.saved.subscribe((checkpoint) => {
    if (checkpoint) untracked(() => keep(checkpoint));
  });
  effect(() => {
    if (currentId.value !== undefined && settings.value !== undefined && status.value) untracked(describe);
  });
  effect(() => holdOnly(currentId.value, opening.value));
  effect(() => {
    if (currentId.value !== undefined) seen = untracked(() => store.run.value?.progress);
  });
  effect(() => {
    if (atStake.value) declined.value = true;
  });
  // There is hardly time for it when the page goes. It is seldom closed unseen, and before a reload there is a moment.
  const hurry = () => {
    if (store.run.value?.progress !== seen) void save();
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hurry();
  });
  addEventListener("pagehide", hurry);
  addEventListener("beforeunload", hurry);
}

/** Reads the list anew. */
export async function refresh(): Promise<void> {
  try {
    const list = await listRuns();
    const { held = [] } = (await navigator.locks?.query()) ?? {};
    const ids = held.flatMap(({ name }) => (name?.startsWith(LOCK) ? [name.slice(LOCK.length)] : []));
    batch(() => {
      elsewhere.value = new Set(ids.filter((id) => !locks.has(id) && id !== currentId.value));
      runs.value = list.runs;
      unreadable.value = list.unreadable;
    });
  } catch (error) {
    trouble.value = sentence(error);
  }
}

function announce(): void {
  channel?.postMessage("changed");
}

// Saving

interface Job {
  run: KeptRun;
  checkpoint: Uint8Array;
  curve: Curve;
  files: File[] | undefined;
  found: KeptData["found"];
}

/** What waits to be saved, the newest of each run. */
const jobs = new Map<string, Job>();
let saving: Promise<void> | undefined;
/** How far the run on the page was when it was opened or handed in last. */
let seen: Run["progress"];
/** The runs that this tab has saved or opened. */
const known = new Set<string>();
let told = false;

/** A checkpoint of the run as it is at this moment. */
function keep(checkpoint: Uint8Array): void {
  const run = store.run.value;
  if (!run || run.step === 0 || run.progress === seen || settings.value === undefined) return;
  if (dropped.value === run.id) return;
  seen = run.progress;
  const files = ownFiles();
  const kept = runs.value.find(({ id }) => id === run.id);
  const epoch = run.epochs[run.epochs.length - 1];
  const loss = epoch?.validation?.loss ?? run.progress?.loss;
  const score = info.value?.score;
  const data = files ? { id: dataId(files), bytes: files.reduce((sum, { size }) => sum + size, 0) } : { bytes: 0 };
  const record: KeptRun = {
    id: run.id,
    task: run.config.task,
    label: info.value?.label ?? run.config.task,
    name: kept?.name ?? names.get(run.id) ?? defaultName(run),
    named: kept?.named ?? false,
    settings: settings.value,
    status: status.value,
    from_model: run.start.model,
    ...(run.from && { from: { title: cut(run.from.title), licence: cut(run.from.licence), step: run.from.step } }),
    step: run.step,
    ...(loss !== undefined && { loss }),
    ...(score && epoch?.score !== undefined && { score: { name: score.name, value: epoch.score } }),
    data: { ...data, name: dataName() },
    bytes: checkpoint.byteLength,
    changed: Date.now(),
    tab: TAB,
  };
  jobs.set(run.id, { run: record, checkpoint, curve: structuredClone(run.curve), files, found: store.read.value });
  void saveAll();
}

function saveAll(): Promise<void> {
  saving ??= saveJobs().finally(() => {
    saving = undefined;
  });
  return saving;
}

async function saveJobs(): Promise<void> {
  for (const [id, job] of jobs) {
    jobs.delete(id);
    await saveOne(job);
  }
}

/** Saves the run as it is at this moment; afterwards it is stored, or at risk. */
export async function saveNow(): Promise<void> {
  await save();
  await saving;
}

async function saveOne(job: Job): Promise<void> {
  const { run, checkpoint, curve } = job;
  try {
    const saved = await saveRun(run, checkpoint, curve, await packed(job), known.has(run.id));
    switch (saved) {
      case "saved":
        known.add(run.id);
        if (run.data.id) stored.add(run.data.id);
        trouble.value = undefined;
        announce();
        await refresh();
        describe();
        await makeRoom();
        break;
      case "incomplete":
        stored.clear();
        await saveOne(job);
        break;
      case "gone":
        drop(run.id);
        notify("info", "This run is not kept any more", "It was deleted in another tab. Training goes on.");
        break;
      case "taken":
        if (store.run.value?.id === run.id) becomeCopy(run);
        break;
    }
  } catch (error) {
    trouble.value = sentence(error);
    seen = undefined;
    if (told) return;
    told = true;
    notify("error", "Your work cannot be kept", trouble.value);
  }
}

/** Names of copies that were not saved yet. */
const names = new Map<string, string>();

/** Another tab goes on with the run, and this one with a copy. */
function becomeCopy(run: Pick<KeptRun, "name">): void {
  const id = newId();
  names.set(id, copyName(run.name));
  renew(id);
  seen = undefined;
  notify("info", "This run went on in another tab", "What is trained here is kept as a copy of its own.");
  void save();
}

const copyName = (name: string): string => `${name.slice(0, MAX_NAME - 7)} (copy)`;

/** The data that is stored already. */
const stored = new Set<string>();
const dataIds = new WeakMap<File[], string>();

function dataId(files: File[]): string {
  const id = dataIds.get(files) ?? newId();
  dataIds.set(files, id);
  return id;
}

/** The data to store with a run, unless it is there already. */
async function packed({ run, files, found }: Job): Promise<KeptData | undefined> {
  const { id } = run.data;
  if (id === undefined || !files || stored.has(id)) return undefined;
  const bytes = async (file: File) => ({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
  return { id, files: await Promise.all(files.map(bytes)), found };
}

const cut = (text: string): string => text.slice(0, MAX_TEXT);

const dataName = (): string => cut(store.preview.value?.data.name ?? "");

/** "phrase book · LSTM 128"; the next one like it "phrase book · LSTM 128 (2)" */
function defaultName({ config }: Run): string {
  const used = info.value?.settings ?? [];
  const cell = store.schema.value?.fields.find(({ key }) => key === "cell")?.control;
  const label = cell?.type === "choice" ? cell.options.find(({ value }) => value === config.cell)?.label : undefined;
  const network = used.includes("cell") && label ? [`${label} ${config.hidden}`] : [];
  const name = [dataName(), ...network].join(" · ").slice(0, MAX_NAME - 6);
  const taken = new Set(runs.value.map((run) => run.name));
  for (let number = 1; ; number++) {
    const next = number === 1 ? name : `${name} (${number})`;
    if (!taken.has(next)) return next;
  }
}

/** Status and settings change without a new checkpoint, too. */
function describe(): void {
  const kept = runs.value.find(({ id }) => id === currentId.value);
  if (!kept || kept.tab !== TAB || settings.value === undefined) return;
  if (kept.status === status.value && kept.settings === settings.value) return;
  // Where nothing can be kept, saving says so.
  void describeRun(kept.id, { status: status.value, settings: settings.value }).then(refresh, () => {});
}

/** The oldest runs make way for the newest, but not those with a name or those that are open. */
async function makeRoom(): Promise<void> {
  const quota = (await measure())?.quota ?? 2 * MAX_BYTES;
  const left = [...runs.value];
  const out: KeptRun[] = [];
  const bytes = () => {
    const data = new Map(left.map((run) => [run.data.id, run.data.bytes]));
    return left.reduce((sum, run) => sum + run.bytes, 0) + [...data.values()].reduce((sum, size) => sum + size, 0);
  };
  for (const run of runs.value.toReversed()) {
    if (left.length <= MAX_RUNS && bytes() <= Math.min(MAX_BYTES, quota / 2)) break;
    if (run.named || run.id === store.run.value?.id || run.id === opening.value || elsewhere.value.has(run.id))
      continue;
    left.splice(left.indexOf(run), 1);
    out.push(run);
  }
  if (out.length === 0) return;
  await removeRuns(out.map(({ id }) => id));
  announce();
  await refresh();
  const which = out.length === 1 ? `“${out[0]?.name}” was deleted` : `${out.length} runs were deleted`;
  notify("info", "Old work made way for new", `${which}: the oldest without a name. Runs that you rename stay.`);
}

// The list

/** Asks the browser how much it has room for; undefined where it does not say. */
export async function measure(): Promise<Space | undefined> {
  try {
    const { usage = 0, quota = 0 } = await navigator.storage.estimate();
    space.value = { usage, quota, persisted: await navigator.storage.persisted() };
  } catch {
    // An old browser, or a page without a secure connection.
    space.value = undefined;
  }
  return space.value;
}

/** Asks the browser not to clear what is kept when its disk fills up; it may ask the user. */
export async function persist(): Promise<boolean> {
  const granted = await navigator.storage.persist();
  await measure();
  return granted;
}

/** Opens a run in place of the one on the page. */
export async function openRun(id: string): Promise<void> {
  if (opening.value !== undefined) return;
  opening.value = id;
  try {
    const found = await readWork(id);
    if (!found) {
      notify("info", "This run is not there any more", "It was deleted, or cannot be read.");
      await refresh();
      return;
    }
    const { run, checkpoint, data } = found;
    const free = store.run.value?.id === id || (await claim(id));
    const files = data?.files.map(({ name, bytes }) => new File([bytes as BlobPart], name));
    if (data && files) {
      dataIds.set(files, data.id);
      stored.add(data.id);
    }
    const name = free ? run.name : copyName(run.name);
    const next = free ? id : newId();
    names.set(next, name);
    known.delete(id);
    if (free) {
      // A full disk must not keep it from being opened.
      await describeRun(id, { tab: TAB }).catch(() => {});
      known.add(id);
    }
    dropped.value = undefined;
    const opened = await openKept({
      id: next,
      settings: run.settings,
      data: data && files ? { files, found: data.found } : run.data.id ? "missing" : undefined,
      checkpoint,
      from_model: run.from_model,
      from: run.from,
      status: run.status,
    });
    if (!opened) return;
    declined.value = true;
    hideOld(next);
    if (!free) {
      notify(
        "info",
        "A copy was opened",
        `“${run.name}” is open in another tab. What is trained here is kept as “${name}”.`,
      );
    }
  } catch (error) {
    notify("error", "The run could not be opened", sentence(error));
  } finally {
    opening.value = undefined;
    announce();
    await refresh();
  }
}

/** Offers the last run no more; it stays in the list. */
export function declineOffer(): void {
  declined.value = true;
}

/** Gives a run a name, if there is a letter in it. */
export async function rename(id: string, name: string): Promise<void> {
  const text = name.trim().slice(0, MAX_NAME);
  if (text !== "") await attempt(describeRun(id, { name: text, named: true }));
}

/** Deletes runs for good. One that is on a page goes on there, and is not kept any more. */
export async function remove(ids: IDBValidKey[]): Promise<void> {
  const current = store.run.value?.id;
  if (current !== undefined && ids.includes(current)) drop(current);
  for (const id of ids) if (typeof id === "string") hideOld(id);
  stored.clear();
  await attempt(removeRuns(ids));
}

/** A run is kept no longer. */
function drop(id: string): void {
  jobs.delete(id);
  dropped.value = id;
}

/** Draws the curves of a kept run beside those of the run on the page, or no more. */
export async function compare(run: KeptRun, on: boolean): Promise<void> {
  if (!on) {
    hideOld(run.id);
    return;
  }
  try {
    const curve = await readCurve(run.id);
    if (curve) showOld({ id: run.id, name: run.name, chosen: true, curve });
    else notify("info", "Nothing to compare", `The curves of “${run.name}” are missing.`);
  } catch (error) {
    notify("error", "The curves could not be read", sentence(error));
  }
}

/** Changes what is kept, and lists it anew. */
async function attempt(change: Promise<void>): Promise<void> {
  try {
    await change;
  } catch (error) {
    notify("error", "Your work could not be changed", sentence(error));
  }
  announce();
  await refresh();
}

// Two tabs

/** The runs that this tab holds, and how to let go of them. */
const locks = new Map<string, () => void>();

/** Holds a run for this tab; false where another tab has it. Where the browser has no locks, whoever opens it last has it. */
function claim(id: string): Promise<boolean> {
  if (!navigator.locks || locks.has(id)) return Promise.resolve(true);
  return new Promise((resolve) => {
    const hold = (lock: Lock | null) => {
      resolve(lock !== null);
      if (!lock) return undefined;
      return new Promise<void>((release) => {
        locks.set(id, release);
      });
    };
    void navigator.locks.request(LOCK + id, { ifAvailable: true }, hold);
  });
}

/** Holds the run on the page and the one that is being opened, and lets go of all others. */
function holdOnly(current: string | undefined, next: string | undefined): void {
  for (const [id, release] of locks) {
    if (id === current || id === next) continue;
    locks.delete(id);
    release();
  }
  if (current !== undefined) void claim(current);
}

// Errors

const TRAINING_GOES_ON = "Training goes on, but closing this tab loses it, unless you download the model first.";

/** Why the browser does not keep anything, and what to do. */
function sentence(error: unknown): string {
  if (error instanceof DamagedError || isSessionError(error)) return error.message;
  const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
  switch (name) {
    case "QuotaExceededError":
      return `The browser has no room left. Delete runs under Your work, or free some of the disk. ${TRAINING_GOES_ON}`;
    case "VersionError":
      return `A newer version of this page has kept work in this browser. Reload the page to get that version. ${TRAINING_GOES_ON}`;
    default:
      return `The browser does not let this page keep anything, as in a private window. Allow it to keep data of this site, and reload. ${TRAINING_GOES_ON} (${message})`;
  }
}
