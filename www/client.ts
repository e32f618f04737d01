/** The page's end of the worker. Whatever happens to the worker, the page goes on from the last checkpoint. */

import {
  type Answer,
  assertNever,
  type Command,
  type Config,
  type DeviceChoice,
  type DeviceReport,
  type Envelope,
  type Message,
  type ModelFacts,
  type Opened,
  type OpenedModel,
  type Preview,
  type Read,
  type Request,
  type Results,
  type RunInfo,
  type SessionError,
  type SessionEvent,
  type Slim,
  type Source,
  type Stage,
  type Start,
  type VectorsReport,
} from "./protocol";

/** What the client tells by itself. */
export interface Listener {
  /** The start, or a restart, came so far. */
  stage(stage: Stage): void;
  events(events: SessionEvent[]): void;
  /** A copy of the run as it is now was made. */
  saved(checkpoint: Uint8Array): void;
  /** Training stopped with an error. */
  halted(error: SessionError): void;
  /** The worker crashed and is being replaced. */
  crashed(reason: string): void;
  /** A worker took over: after a crash, or on another device. */
  rebuilt(rebuilt: Rebuilt): void;
  /** No worker could take over. */
  failed(error: SessionError): void;
}

/** The state after a worker was replaced. */
export interface Rebuilt {
  opened: Opened;
  /** The run as restored, if there was one. */
  info?: RunInfo;
  /** Whether training goes on. */
  training: boolean;
}

/** A worker, or what stands in for one. */
export interface Port {
  postMessage(message: Envelope): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<Message>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
}

interface Pending {
  resolve(result: Results[Command["type"]]): void;
  reject(error: SessionError): void;
  partial?: (answer: Answer) => void;
}

/** Crashes in a row, with no checkpoint in between, after which training is not taken up by itself, and the last. */
const RESUME_LIMIT = 2;
const REBUILD_LIMIT = 4;

/** Talks to the worker, and holds what a new worker needs to take over. */
export class Client {
  #worker: Port | undefined;
  #make: (() => Port) | undefined;
  #pending = new Map<number, Pending>();
  #next_id = 1;
  #listener: Listener;
  /** Settled when commands may be sent: while a worker is being replaced they wait. */
  #ready: Promise<void> = Promise.resolve();

  #device: DeviceChoice = "auto";
  #opened: DeviceReport | undefined;
  /** Why it is another device than the one asked for. */
  #note: string | undefined;
  #data: { task: Config["task"]; source: Source } | undefined;
  #config: Config | undefined;
  #vectors: File | undefined;
  #start: Start = { vectors: false, model: false };
  /** A model that was opened without its data: what is asked, or what the run began with. */
  #model: Uint8Array | undefined;
  #checkpoint: Uint8Array | undefined;
  #run = 0;
  #training = false;
  #crashes = 0;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** Starts a worker, one of those that `make` makes, and opens the device. */
  async open(device: DeviceChoice, make: () => Port): Promise<Opened> {
    this.#device = device;
    this.#make = make;
    this.#spawn();
    const opened = await this.#send({ type: "open", device });
    this.#opened = opened.device;
    return opened;
  }

  /** Goes on, with all that is loaded and trained, on another device. */
  async reopen(device: DeviceChoice): Promise<void> {
    if (this.#config) this.#checkpoint = await this.#request({ type: "checkpoint" });
    this.#device = device;
    this.#note = undefined;
    await this.#replace(this.#training);
  }

  /** Unpacks and decodes files; what is loaded stays. `advice` ends the sentence about one that is of no use. */
  read(files: File[], advice: string): Promise<Read> {
    return this.#request({ type: "read", files, advice });
  }

  /** Loads a task's built-in data, or files as `read` gave them. */
  async load(task: Config["task"], source: Source): Promise<void> {
    await this.#request({ type: "load", task, source });
    if (this.#data?.task !== task) this.#model = undefined;
    this.#data = { task, source };
    // The run that there was belongs to other data.
    this.#begun(this.#run, undefined);
  }

  /** `model`: the data as the opened model reads it. */
  preview(config: Config, model: boolean): Promise<Preview> {
    return this.#request({ type: "preview", config, model });
  }

  /** Loads word vectors, which new networks may start from; undefined for a file that holds none. */
  async loadVectors(file: File): Promise<VectorsReport | undefined> {
    const loaded = await this.#request({ type: "load_vectors", file });
    if (!loaded) return undefined;
    this.#vectors = loaded.file;
    return loaded.report;
  }

  /** A new network; it is trained after `train` or `step`. */
  async create(config: Config, start: Start): Promise<RunInfo> {
    const run = this.#run + 1;
    const info = await this.#request({ type: "create", run, config, start });
    this.#begun(run, config);
    this.#start = start;
    if (!start.model) this.#model = undefined;
    return info;
  }

  /** The run in a file goes on with the data that is loaded: the very data it was trained on. `start`: how it began. */
  async restore(checkpoint: Uint8Array, start: Start): Promise<RunInfo> {
    // A run that began with a model has read the data with that model's vocabularies, which are its own now.
    if (start.model) await this.openModel(checkpoint);
    const run = this.#run + 1;
    const info = await this.#request({ type: "restore", run, checkpoint, model: start.model });
    this.#begun(run, info.config);
    this.#start = start;
    this.#checkpoint = checkpoint;
    if (!start.model) this.#model = undefined;
    return info;
  }

  /** Opens a model without its data: it answers, and a new network may begin with it. */
  async openModel(model: Uint8Array): Promise<OpenedModel> {
    const run = this.#run + 1;
    const opened = await this.#request({ type: "open_model", run, model });
    this.#begun(run, undefined);
    this.#model = model;
    return opened;
  }

  /** What a file says of the model in it. */
  facts(model: Uint8Array): Promise<ModelFacts> {
    return this.#request({ type: "facts", model });
  }

  /** The run, or the model that was opened, as a file. */
  file(options: Slim): Promise<Uint8Array> {
    return this.#request({ type: "file", options });
  }

  #begun(run: number, config: Config | undefined): void {
    this.#run = run;
    this.#config = config;
    this.#checkpoint = undefined;
    this.#training = false;
  }

  /** Makes a copy of the run as it is now; none of a model that is not in training. */
  async save(): Promise<void> {
    if (!this.#config) return;
    const run = this.#run;
    const bytes = await this.#request({ type: "checkpoint" });
    if (run === this.#run) this.#keep(bytes);
  }

  async train(): Promise<void> {
    this.#training = true;
    await this.#request({ type: "train" });
  }

  async pause(): Promise<void> {
    this.#training = false;
    await this.#request({ type: "pause" });
  }

  /** One training step, and then a pause. */
  async step(): Promise<void> {
    this.#training = false;
    await this.#request({ type: "step" });
  }

  async setLive(config: Config): Promise<void> {
    this.#config = config;
    await this.#request({ type: "set_live", config });
  }

  infer(request: Request, partial: (answer: Answer) => void): Promise<Answer> {
    return this.#request({ type: "infer", request }, partial);
  }

  #spawn(): void {
    this.#worker?.terminate();
    const worker = this.#make?.();
    this.#worker = worker;
    if (!worker) return;
    worker.onmessage = ({ data }) => {
      if (worker === this.#worker) this.#receive(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (worker === this.#worker) this.#crash(event.message || "The worker could not be started.");
    };
  }

  /** Sends a command as soon as there is a worker to take it. */
  async #request<T extends Command["type"]>(
    command: Extract<Command, { type: T }>,
    partial?: (answer: Answer) => void,
  ): Promise<Results[T]> {
    let ready: Promise<void>;
    do {
      ready = this.#ready;
      await ready;
    } while (ready !== this.#ready);
    return this.#send<T>(command, partial);
  }

  #send<T extends Command["type"]>(
    command: Extract<Command, { type: T }>,
    partial?: (answer: Answer) => void,
  ): Promise<Results[T]> {
    return new Promise((resolve, reject) => {
      if (!this.#worker) {
        reject(GONE);
        return;
      }
      const id = this.#next_id++;
      const settle = resolve as (result: Results[Command["type"]]) => void;
      this.#pending.set(id, partial ? { resolve: settle, reject, partial } : { resolve: settle, reject });
      this.#worker.postMessage({ id, command } satisfies Envelope);
    });
  }

  #receive(message: Message): void {
    switch (message.type) {
      case "result":
        this.#take(message.id)?.resolve(message.result);
        break;
      case "error":
        this.#take(message.id)?.reject(message.error);
        break;
      case "partial":
        this.#pending.get(message.id)?.partial?.(message.answer);
        break;
      case "stage":
        this.#listener.stage(message.stage);
        break;
      case "events":
        if (message.run !== this.#run) break;
        if (message.events.some((event) => event.type === "finished")) this.#training = false;
        this.#listener.events(message.events);
        break;
      case "checkpoint":
        if (message.run !== this.#run) break;
        this.#keep(message.bytes);
        this.#crashes = 0;
        break;
      case "halted":
        if (message.run !== this.#run) break;
        this.#training = false;
        this.#listener.halted(message.error);
        break;
      case "crashed":
        this.#crash(message.reason);
        break;
      default:
        assertNever(message);
    }
  }

  #keep(checkpoint: Uint8Array): void {
    this.#checkpoint = checkpoint;
    this.#listener.saved(checkpoint);
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #crash(reason: string): void {
    this.#listener.crashed(reason);
    this.#crashes += 1;
    if (this.#crashes >= REBUILD_LIMIT) {
      this.#stop();
      this.#listener.failed({
        code: "device",
        message: "It failed again and again. Reload the page, and try a smaller network.",
      });
      return;
    }
    if (this.#device !== "cpu" && this.#opened?.kind !== "cpu") {
      this.#device = "cpu";
      this.#note = "WebGPU failed, so training runs on the CPU. Choose WebGPU to try it again.";
    }
    void this.#replace(this.#training && this.#crashes <= RESUME_LIMIT);
  }

  /** A new worker in the place of the old one, with the same data, network and progress. */
  #replace(resume: boolean): Promise<void> {
    const replaced = this.#rebuild(resume);
    // Whoever waits for the worker must not hear of a failure twice.
    this.#ready = replaced.catch(() => undefined);
    return this.#ready;
  }

  async #rebuild(resume: boolean): Promise<void> {
    this.#stop();
    this.#spawn();
    try {
      const opened = await this.#send({ type: "open", device: this.#device });
      if (this.#note) opened.note = this.#note;
      this.#opened = opened.device;
      if (this.#data) await this.#send({ type: "load", ...this.#data });
      if (this.#vectors) await this.#send({ type: "load_vectors", file: this.#vectors });
      if (this.#model) await this.#send({ type: "open_model", run: this.#run, model: this.#model });
      let info: RunInfo | undefined;
      if (this.#config) {
        this.#run += 1;
        info = this.#checkpoint
          ? await this.#send({
              type: "restore",
              run: this.#run,
              checkpoint: this.#checkpoint,
              model: this.#start.model,
            })
          : await this.#send({
              type: "create",
              run: this.#run,
              config: this.#config,
              start: this.#start,
            });
        await this.#send({ type: "set_live", config: this.#config });
      }
      this.#training = resume && info !== undefined && !info.finished;
      if (this.#training) await this.#send({ type: "train" });
      this.#listener.rebuilt(info ? { opened, info, training: this.#training } : { opened, training: false });
    } catch (error) {
      // Another crash during the rebuild has begun a new one, and rejected this one's commands.
      if ((error as SessionError) !== INTERRUPTED) this.#listener.failed(error as SessionError);
    }
  }

  #stop(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(INTERRUPTED);
  }
}

const GONE: SessionError = { code: "state", message: "The program has stopped. Reload the page." };

/** What commands get that were under way when their worker was replaced. */
export const INTERRUPTED: SessionError = { code: "state", message: "This was interrupted; try it again." };
