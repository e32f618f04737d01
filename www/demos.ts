/** The trained networks that come with the page; scripts/train-demos.mjs makes them. */

import list from "./demos/demos.json";
import type { Config } from "./protocol";

/** One of them: there is one for each task, and it goes by the task's name. */
export interface Demo {
  task: Config["task"];
  /** In the folder `demos` beside the page. */
  file: string;
  title: string;
  /** What to try with it. */
  about: string;
  /** The name of the data that it was trained on. */
  data: string;
  licence: string;
  /** How good it is on what it has never seen, in a phrase. */
  score: string;
  parameters: number;
  bytes: number;
  /** That its training took. */
  seconds: number;
}

export const DEMOS = list as readonly Demo[];

/** The address of a demo's file, from that of the page. */
export function demoAddress({ file }: Demo): string {
  return `demos/${file}`;
}

/** The link that opens a demo, from the address of the page. */
export function demoLink({ task }: Demo): string {
  return `#demo=${task}`;
}
