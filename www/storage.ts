/**
 * What the browser keeps: runs, each with its checkpoint, its curves and its data. The only file that touches IndexedDB.
 *
 * What is read is not trusted: it may come from another version of the page, or be damaged. A record that is not as it
 * should be is named as unreadable, and the others are read.
 */

import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import type { Curve, Series } from "./curve";
import type { ReadFile } from "./protocol";

/** What a run did when it was last kept. */
export type KeptStatus = "running" | "paused" | "stopped" | "finished";

/** A run as the list shows it. */
export interface KeptRun {
  id: string;
  task: string;
  /** The task's name on the page. */
  label: string;
  name: string;
  /** The user gave it the name: it does not make way for others. */
  named: boolean;
  /** The settings, as a link has them. */
  settings: string;
  status: KeptStatus;
  /** It began with a model that was opened. */
  from_model: boolean;
  /** Of the file that it came from: its title, what may be done with it, and how far it was. */
  from?: { title: string; licence: string; step: number };
  step: number;
  /** Nats a token: on validation data, or on training data before there was a validation. */
  loss?: number;
  /** The task's own score, with its name. */
  score?: { name: string; value: number };
  /** No id where the data comes with the page. */
  data: { name: string; id?: string; bytes: number };
  /** Of the checkpoint. */
  bytes: number;
  /** In milliseconds since 1970. */
  changed: number;
  /** The tab that wrote it last. */
  tab: string;
}

/** A record is not as it should be; the message says so in a sentence. */
export class DamagedError extends Error {}

/** Files as they were read. */
export interface KeptData {
  id: string;
  files: { name: string; bytes: Uint8Array }[];
  found: ReadFile[];
}

/** What to go on from. The checkpoint holds the weights of the last step and those of the best epoch. */
export interface KeptWork {
  run: KeptRun;
  checkpoint: Uint8Array;
  /** Undefined where it comes with the page, is missing or damaged. */
  data: KeptData | undefined;
}

/**
 * What became of a save. Nothing is written where the run was deleted meanwhile (`gone`), where another tab has made
 * it its own (`taken`), or where its data was to be there and is not (`incomplete`).
 */
export type Saved = "saved" | "gone" | "taken" | "incomplete";

interface Stores extends DBSchema {
  runs: { key: string; value: KeptRun };
  /** By the run's id. */
  checkpoints: { key: string; value: Uint8Array };
  curves: { key: string; value: Curve };
  data: { key: string; value: KeptData };
}

const NAME = "unrolled";
const STORES = ["runs", "checkpoints", "curves", "data"] as const;

/** Each takes the database one version further; the first makes it. They stay as they are once they were published. */
const UPGRADES: ((database: IDBPDatabase<Stores>) => void)[] = [
  (database) => {
    database.createObjectStore("runs", { keyPath: "id" });
    database.createObjectStore("checkpoints");
    database.createObjectStore("curves");
    database.createObjectStore("data", { keyPath: "id" });
  },
];

let opening: Promise<IDBPDatabase<Stores>> | undefined;

/** The database, opened when it is first needed, and again after it was closed or could not be opened. */
function database(): Promise<IDBPDatabase<Stores>> {
  const again = () => {
    opening = undefined;
  };
  opening ??= openDB<Stores>(NAME, UPGRADES.length, {
    upgrade(database, from) {
      for (const upgrade of UPGRADES.slice(from)) upgrade(database);
    },
    // A newer page in another tab waits for this one to let go.
    blocking(_current, _blocked, event) {
      (event.target as IDBDatabase).close();
      again();
    },
    terminated: again,
  });
  opening.catch(again);
  return opening;
}

type Writing = IDBPTransaction<Stores, typeof STORES, "readwrite">;

/** Does all of some work on the database, or none of it. */
async function change<T>(work: (writing: Writing) => Promise<T>): Promise<T> {
  const writing = (await database()).transaction(STORES, "readwrite");
  // Looked at below, unless the work fails before.
  writing.done.catch(() => {});
  try {
    const result = await work(writing);
    await writing.done;
    return result;
  } catch (error) {
    try {
      writing.abort();
    } catch {
      // The browser has given it up by itself.
    }
    throw error;
  }
}

/** An id unlike any other. */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join("-");
}

/** All runs, the newest first, and the keys of those that cannot be read. */
export async function listRuns(): Promise<{ runs: KeptRun[]; unreadable: IDBValidKey[] }> {
  const runs: KeptRun[] = [];
  const unreadable: IDBValidKey[] = [];
  for (const value of await (await database()).getAll("runs")) {
    const run = readRun(value);
    if (run) runs.push(run);
    else unreadable.push(value.id);
  }
  runs.sort((a, b) => b.changed - a.changed);
  return { runs, unreadable };
}

/**
 * Keeps a run as it is now, in place of what was kept of it.
 *
 * @param data what it is trained on; undefined where that comes with the page, or was stored before
 * @param known whether this tab has kept it before
 */
export function saveRun(
  run: KeptRun,
  checkpoint: Uint8Array,
  curve: Curve,
  data: KeptData | undefined,
  known: boolean,
): Promise<Saved> {
  return change(async (writing) => {
    const there = await writing.objectStore("runs").get(run.id);
    if (!there && known) return "gone";
    if (there && there.tab !== run.tab) return "taken";
    if (data) await writing.objectStore("data").put(data);
    else if (run.data.id !== undefined && (await writing.objectStore("data").getKey(run.data.id)) === undefined)
      return "incomplete";
    await writing.objectStore("checkpoints").put(checkpoint, run.id);
    await writing.objectStore("curves").put(curve, run.id);
    // A name may have been given in another tab.
    await writing.objectStore("runs").put(there?.named ? { ...run, name: there.name, named: true } : run);
    return "saved";
  });
}

/** Changes what the list says of a run; nothing where it is not kept. */
export function describeRun(id: string, changes: Partial<KeptRun>): Promise<void> {
  return change(async (writing) => {
    const runs = writing.objectStore("runs");
    const run = await runs.get(id);
    if (run) await runs.put({ ...run, ...changes, id });
  });
}

/** What to go on from; undefined where the run is not kept any more. */
export async function readWork(id: string): Promise<KeptWork | undefined> {
  const reading = (await database()).transaction(STORES);
  const run = readRun(await reading.objectStore("runs").get(id));
  if (!run) return undefined;
  const checkpoint: unknown = await reading.objectStore("checkpoints").get(id);
  const data: unknown = run.data.id === undefined ? undefined : await reading.objectStore("data").get(run.data.id);
  await reading.done;
  if (!(checkpoint instanceof Uint8Array))
    throw new DamagedError("Its checkpoint is damaged or missing. Delete it under Your work.");
  return { run, checkpoint, data: readData(data) };
}

/** The curves of a run; undefined where they are missing or damaged. */
export async function readCurve(id: string): Promise<Curve | undefined> {
  const curve: unknown = await (await database()).get("curves", id);
  if (!isRecord(curve) || !isSeries(curve.train) || !isSeries(curve.validation)) return undefined;
  return { train: curve.train, validation: curve.validation };
}

/** Deletes runs, and the data that no other run is trained on. */
export function removeRuns(ids: IDBValidKey[]): Promise<void> {
  return change(async (writing) => {
    for (const id of ids as string[]) {
      await writing.objectStore("runs").delete(id);
      await writing.objectStore("checkpoints").delete(id);
      await writing.objectStore("curves").delete(id);
    }
    const left: unknown[] = await writing.objectStore("runs").getAll();
    const used = new Set(left.map((run) => readRun(run)?.data.id));
    for (const id of await writing.objectStore("data").getAllKeys()) {
      if (!used.has(id)) await writing.objectStore("data").delete(id);
    }
  });
}

// Reading what is not trusted

const STATUSES: readonly unknown[] = ["running", "paused", "stopped", "finished"] satisfies KeptStatus[];
/** No text of a record is longer. */
export const MAX_TEXT = 4_096;

type Unknown = Record<string, unknown>;

const isRecord = (value: unknown): value is Unknown => typeof value === "object" && value !== null;
const isText = (value: unknown): value is string => typeof value === "string" && value.length <= MAX_TEXT;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isNumber = (value: unknown): value is number => Number.isFinite(value);
const isNumbers = (value: unknown): value is number[] => Array.isArray(value) && value.every(isNumber);

function readRun(value: unknown): KeptRun | undefined {
  if (!isRecord(value) || !isRecord(value.data)) return undefined;
  const {
    id,
    task,
    label,
    name,
    named,
    settings,
    status,
    from_model,
    from,
    step,
    loss,
    score,
    data,
    bytes,
    changed,
    tab,
  } = value;
  const whole =
    [id, task, label, name, settings, tab, data.name].every(isText) &&
    [step, bytes, changed, data.bytes].every(isCount) &&
    [named, from_model].every((flag) => typeof flag === "boolean") &&
    STATUSES.includes(status) &&
    (from === undefined || (isRecord(from) && isText(from.title) && isText(from.licence) && isCount(from.step))) &&
    (loss === undefined || isNumber(loss)) &&
    (score === undefined || (isRecord(score) && isText(score.name) && isNumber(score.value))) &&
    (data.id === undefined || isText(data.id));
  return whole ? (value as unknown as KeptRun) : undefined;
}

function readData(value: unknown): KeptData | undefined {
  if (!isRecord(value) || !Array.isArray(value.files) || !Array.isArray(value.found)) return undefined;
  const whole =
    isText(value.id) &&
    value.files.every((file) => isRecord(file) && isText(file.name) && file.bytes instanceof Uint8Array) &&
    value.found.every((file) => isRecord(file) && isText(file.name) && isText(file.encoding));
  return whole ? (value as unknown as KeptData) : undefined;
}

function isSeries(value: unknown): value is Series {
  if (!isRecord(value)) return false;
  const { x, loss, accuracy } = value;
  const whole = isNumbers(x) && isNumbers(loss) && isNumbers(accuracy);
  return whole && loss.length === x.length && accuracy.length === x.length;
}
