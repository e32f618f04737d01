/** Every message between the page and its worker. Each command has an id and gets exactly one reply. */

import type {
  Answer,
  Config,
  DataReport,
  DeviceReport,
  ErrorCode,
  Field,
  ModelFacts,
  OpenedModel,
  Preview,
  Request,
  RunInfo,
  Sample,
  Schema,
  Scores,
  Error as SessionError,
  Event as SessionEvent,
  Slim,
  Start,
  TaskInfo,
  VectorsReport,
} from "../pkg/unrolled.js";

export type {
  Answer,
  Config,
  DataReport,
  DeviceReport,
  Field,
  ModelFacts,
  OpenedModel,
  Preview,
  Request,
  RunInfo,
  Sample,
  Schema,
  Scores,
  SessionError,
  SessionEvent,
  Slim,
  Start,
  TaskInfo,
  VectorsReport,
};

/** What the user asked for; `auto` takes the GPU where there is a real one. */
export type DeviceChoice = "auto" | "webgpu" | "cpu";

/** Where a task's data comes from. Built-in data without an address is made by the program itself. */
export type Source = { kind: "built_in"; url?: string } | { kind: "files"; files: File[] };

/** The device is open. */
export interface Opened {
  schema: Schema;
  device: DeviceReport;
  /** Why it is not the device one would expect, in a sentence. */
  note?: string;
}

/** One file as it was read. */
export interface ReadFile {
  name: string;
  /** "UTF-8", "Windows-1252", … */
  encoding: string;
}

/** Files unpacked and decoded, and not loaded yet. */
export interface Read {
  /** Copies in UTF-8: the page keeps them to load them again after a crash, when those on disk may have changed. */
  files: File[];
  /** What was found, in the same order. */
  found: ReadFile[];
}

/** Word vectors, loaded for new networks to start from. */
export interface LoadedVectors {
  report: VectorsReport;
  /** A copy of what was used of the file, to load it again after a crash. */
  file: File;
}

/** What the page asks the worker for. */
export type Command =
  | { type: "open"; device: DeviceChoice }
  /** Files may be packed, and in any encoding that files.ts knows. */
  | { type: "read"; files: File[]; advice: string }
  | { type: "load"; task: Config["task"]; source: Source }
  /** `model`: the data as the opened model reads it. */
  | { type: "preview"; config: Config; model: boolean }
  /** Answers null for a file that holds no word vectors. */
  | { type: "load_vectors"; file: File }
  | { type: "create"; run: number; config: Config; start: Start }
  /** Opens a model without its data, in place of the run. */
  | { type: "open_model"; run: number; model: Uint8Array }
  /** What a file says of the model in it. */
  | { type: "facts"; model: Uint8Array }
  /** The run, or the model that was opened, as a file. */
  | { type: "file"; options: Slim }
  /** `model`: the run began with the opened model, and its data is read as that reads it. */
  | { type: "restore"; run: number; checkpoint: Uint8Array; model: boolean }
  | { type: "train" }
  | { type: "pause" }
  | { type: "step" }
  | { type: "set_live"; config: Config }
  | { type: "infer"; request: Request }
  | { type: "checkpoint" };

/** What each command answers. */
export interface Results {
  open: Opened;
  read: Read;
  load: null;
  preview: Preview;
  load_vectors: LoadedVectors | null;
  create: RunInfo;
  open_model: OpenedModel;
  facts: ModelFacts;
  file: Uint8Array;
  restore: RunInfo;
  train: null;
  pause: null;
  step: null;
  set_live: null;
  infer: Answer;
  checkpoint: Uint8Array;
}

/** A command on its way. */
export interface Envelope {
  id: number;
  command: Command;
}

/** How far the start is. Training is the stage after these. */
export type Stage =
  | { name: "download"; bytes: number; total?: number }
  | { name: "device" }
  | { name: "shaders" }
  | { name: "ready" };

/** What the worker tells the page. */
export type Message =
  | { type: "result"; id: number; result: Results[Command["type"]] }
  | { type: "error"; id: number; error: SessionError }
  /** An unfinished answer to an `infer` command. */
  | { type: "partial"; id: number; answer: Answer }
  | { type: "stage"; stage: Stage }
  /** What happened in training. */
  | { type: "events"; run: number; events: SessionEvent[] }
  /** A copy to go on from, held outside the wasm memory. */
  | { type: "checkpoint"; run: number; bytes: Uint8Array }
  /** Training stopped by itself, for a reason that can be typed. */
  | { type: "halted"; run: number; error: SessionError }
  /** The crate panicked or its device is gone: this worker is of no more use. */
  | { type: "crashed"; reason: string };

const CODES: Record<ErrorCode, true> = {
  file: true,
  setting: true,
  memory: true,
  device: true,
  checkpoint: true,
  state: true,
};

/** Whether something thrown is one of the crate's own errors, and not a panic. */
export function isSessionError(error: unknown): error is SessionError {
  if (typeof error !== "object" || error === null) return false;
  const { code, message } = error as Partial<SessionError>;
  return typeof message === "string" && typeof code === "string" && code in CODES;
}

/** Makes the compiler check that a switch handles every case. */
export function assertNever(value: never): never {
  throw new TypeError(`Unexpected value: ${JSON.stringify(value)}`);
}
