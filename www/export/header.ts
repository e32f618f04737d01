/** What a model file says of itself, read without the crate. Its layout is told in docs/model-file.md. */

import type { Config, DataReport, SessionEvent } from "../protocol";

/** How numbers are stored in a file. */
export type Precision = "F32" | "F16" | "I8";

/** What the scripts for other libraries are made from. */
export interface Header {
  config: Config;
  /** Styles that the network can write in; empty for tasks without any. */
  styles: string[];
  /** Whether some words have marks besides their letters, or are written without spaces between them. */
  scripts: boolean;
  /** Whether it was trained on several texts, which end where the next one begins. */
  several: boolean;
  /** The shape of each weight. */
  shapes: Map<string, number[]>;
  /** The coarsest among the weights. */
  precision: Precision;
  /** Curves, samples and scores, as far as the file keeps them. */
  history: SessionEvent[];
}

/** Reads the header of a whole model file. */
export function readHeader(bytes: Uint8Array): Header {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const json = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  const { __metadata__, ...tensors } = JSON.parse(json) as Record<string, { dtype: Precision; shape: number[] }> & {
    __metadata__: { unrolled: string };
  };
  const { config, vocabularies, data, progress } = JSON.parse(__metadata__.unrolled) as {
    config: Config;
    vocabularies: Record<string, unknown> | null;
    /** Since version 2. */
    data?: Pick<DataReport, "records">;
    progress: { history: SessionEvent[] };
  };
  const styles = (vocabularies?.styles ?? []) as string[];
  const weights = Object.entries(tensors).filter(([name]) => name.startsWith("model."));
  const has = (precision: Precision) => weights.some(([, { dtype }]) => dtype === precision);
  return {
    config,
    styles,
    scripts: [vocabularies?.source, vocabularies?.target, vocabularies?.vocabulary].flat().some(isOfScripts),
    several: Math.max(styles.length, config.task === "generation" ? (data?.records ?? 0) : 0) > 1,
    shapes: new Map(weights.map(([name, { shape }]) => [name, shape])),
    history: progress.history,
    precision: has("I8") ? "I8" : has("F16") ? "F16" : "F32",
  };
}

/** What a word has in scripts with marks and joiners, such as Hindi, and in Han, kana and Thai. */
const SCRIPTS = /[\p{M}\p{Join_Control}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

function isOfScripts(token: unknown): boolean {
  return typeof token === "string" && SCRIPTS.test(token);
}
