/** Where the engine runs: in a worker, or on the page itself where the browser lets a file on disk have none. */

import type { Port } from "../client";
import type { Envelope, Message } from "../protocol";
import { Engine } from "./engine";
import EngineWorker from "./worker?worker&inline";

/** Starts an engine with this program. */
export class EnginePort implements Port {
  onmessage: ((event: MessageEvent<Message>) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  #program: Uint8Array<ArrayBuffer>;
  #worker: Worker | undefined;
  /** On the page. */
  #engine: Engine | undefined;
  /** What was sent before the first sign of life. */
  #unanswered: Envelope[] | undefined = [];

  constructor(program: Uint8Array<ArrayBuffer>) {
    this.#program = program;
    try {
      this.#worker = new EngineWorker();
      this.#worker.postMessage(program);
      this.#worker.onmessage = (event: MessageEvent<Message>) => {
        this.#unanswered = undefined;
        this.onmessage?.(event);
      };
      this.#worker.onerror = (event) => {
        if (this.#unanswered) this.#stay();
        else this.onerror?.(event);
      };
    } catch {
      this.#stay();
    }
  }

  /** Runs the engine here, with all that was asked of the worker. */
  #stay(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const engine = new Engine(this.#program, (message) => {
      if (engine === this.#engine) this.onmessage?.(new MessageEvent("message", { data: message }));
    });
    this.#engine = engine;
    for (const envelope of this.#unanswered ?? []) engine.take(envelope);
    this.#unanswered = undefined;
  }

  postMessage(message: Envelope): void {
    this.#unanswered?.push(message);
    if (this.#engine) this.#engine.take(message);
    else this.#worker?.postMessage(message);
  }

  terminate(): void {
    this.#worker?.terminate();
    this.#engine = undefined;
  }
}
