/** The engine in a worker: the first message is its program, all others are commands. */

import type { Envelope } from "../protocol";
import { Engine } from "./engine";

let engine: Engine | undefined;

self.onmessage = ({ data }: MessageEvent<Uint8Array<ArrayBuffer> | Envelope>) => {
  if (data instanceof Uint8Array) engine = new Engine(data, (message) => self.postMessage(message));
  else engine?.take(data);
};
