/** Answers the page's commands with the crate without training: one model, on the CPU. */

import init, { Player, schema } from "../../pkg/player/unrolled.js";
import {
  type Command,
  type Envelope,
  isSessionError,
  type Message,
  type Results,
  type SessionError,
} from "../protocol";

/** Runs commands one after the other, in the order they come. */
export class Engine {
  #program: Uint8Array<ArrayBuffer>;
  #post: (message: Message) => void;
  #turn: Promise<void> = Promise.resolve();
  #player: Player | undefined;

  /**
   * @param program the WebAssembly
   * @param post gets the answers
   */
  constructor(program: Uint8Array<ArrayBuffer>, post: (message: Message) => void) {
    this.#program = program;
    this.#post = post;
    // A panic: what is under way may never come to an end.
    globalThis.unrolledFailed = (reason) => post({ type: "crashed", reason });
  }

  /** Takes a command, to be answered in its turn. */
  take(envelope: Envelope): void {
    this.#turn = this.#turn.then(() => this.#answer(envelope));
  }

  async #answer({ id, command }: Envelope): Promise<void> {
    try {
      this.#post({ type: "result", id, result: await this.#perform(command, id) });
    } catch (error) {
      if (isSessionError(error)) this.#post({ type: "error", id, error });
      else this.#post({ type: "crashed", reason: `The program failed in a way it should not (${error}).` });
    }
  }

  async #perform(command: Command, id: number): Promise<Results[Command["type"]]> {
    switch (command.type) {
      case "open":
        await init({ module_or_path: this.#program });
        this.#post({ type: "stage", stage: { name: "ready" } });
        return { schema: schema(), device: { kind: "cpu", name: "CPU" } };
      case "facts":
        return this.#load(command.model).facts();
      case "open_model": {
        const player = this.#load(command.model);
        return { info: player.info(), preview: player.preview() };
      }
      case "preview":
        return this.#loaded().preview();
      case "infer":
        return this.#loaded().infer(command.request, (answer) => this.#post({ type: "partial", id, answer }));
      default:
        throw stateError("This page has one network to ask, and nothing to train it with.");
    }
  }

  /** Opens a model in the place of the one before. */
  #load(model: Uint8Array): Player {
    const player = Player.open(model);
    this.#player?.free();
    this.#player = player;
    return player;
  }

  #loaded(): Player {
    if (this.#player) return this.#player;
    throw stateError("There is no network yet; wait a moment.");
  }
}

const stateError = (message: string): SessionError => ({ code: "state", message });
