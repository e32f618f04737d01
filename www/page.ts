/** What a task brings to the page. Each lives in a file of its own, loaded when the task is opened. */

import type { ComponentType } from "preact";
import type { Config, DataReport, Field, Request, Sample, Scores } from "./protocol";

/** One task's part of the page. */
export interface TaskPage {
  /** Below the training card: ask the network, look inside, see samples. */
  Card: ComponentType;
  /** In the data card, between the buttons for files and the settings: columns and the like. */
  DataControls?: ComponentType;
  /** Settings that have controls of their own in the task's components, and go back to their start with other data. */
  controlled?: Field["key"][];
  /** What the records are called: "pairs". */
  records: string;
  /** What the two columns of the first records hold. */
  columns: [input: string, answer: string];
  /** What is asked as soon as something changes, and again as training goes on; undefined where there is nothing to ask. */
  question(config: Config): Request | undefined;
  /** What the user has typed for the network to read, as far as a link may carry it and fill it in again. */
  typed?: { read(): string; write(text: string): void };
  /** New data or a model is there: a chance to fill in the first question, with a held-out one where the network was asked any. */
  prefill?(data: DataReport, sample: Sample | undefined): void;
  /** A demo was opened: shows at once what it can do, where a question by itself would not. */
  show?(sample: Sample | undefined): void;
  /** Texts to ask it, for tasks that are asked in words. */
  examples?(): string[];
  /** Before training: "The network reads 3,000 sentence pairs over and over, and learns to …" */
  invite(data: DataReport): string;
  /** As it trains: "It guesses 80 % of the words right in sentences that it has never trained on." */
  success(validation: Scores): string;
  /** The task's own component shows its word vectors. */
  looks?: true;
  /** Words about files; undefined where the task makes its own data. */
  files?: FileWords;
}

/** What the page says about the files of a task. */
export interface FileWords {
  /** The name of the hidden file input: "Files with sentence pairs". */
  label: string;
  /** On hover over the button that opens files. */
  help: string;
  /** Above the box for pasting. */
  pasteLabel: string;
  placeholder: string;
  /** What to do about a file of another kind, in a sentence. */
  advice: string;
}
