/**
 * The text of a link, behind its `#`; docs/links.md describes it. A link is untrusted: what is unknown is dropped and named,
 * what is too long is not read.
 */

import type { Control, Field } from "../pkg/unrolled.js";
import { count } from "./format";
import type { Config, DeviceChoice, Schema } from "./protocol";

/** What this page writes. A link without a version is from before there was one, and means the same as one of version 1. */
const VERSION = 1;
/** No link that this page makes has as many characters. */
const MAX_LINK = 100_000;
/** What is asked of the network may have so many characters. */
export const MAX_QUESTION = 1_000;

/** What a link may carry besides the settings. */
export interface Extras {
  /** What to ask the network. */
  question?: string;
  /** A lesson, packed. */
  lesson?: string;
  /** The address of a model file. */
  model?: string;
  /** A model file, packed. It wins over an address. */
  net?: string;
  /** The name of a network that comes with the page, which is that of its task. */
  demo?: string;
}

/** The keys of the extras, in the order in which they are written: the longest last, so that a link that is cut loses least. */
const EXTRAS: Record<string, keyof Extras> = {
  demo: "demo",
  ask: "question",
  lesson: "lesson",
  model: "model",
  net: "net",
};

/** A link's text, taken apart; of what is packed in it nothing is checked yet. */
export interface Link extends Extras {
  config: Config;
  /** What was not understood, in sentences. */
  notices: string[];
}

/** A part of a link is of no use; the message is a sentence that says why, and what to do. */
export class LinkError extends Error {}

/** One value of a configuration. */
export type Value = Config[keyof Config];

const parameters = (hash: string): URLSearchParams =>
  new URLSearchParams(hash.length > MAX_LINK ? "" : hash.replace(/^#/, ""));

/** The device that a link asks for: known before the schema is, which comes with the wasm. */
export function linkDevice(hash: string): DeviceChoice {
  const device = parameters(hash).get("device");
  return device === "cpu" || device === "webgpu" ? device : "auto";
}

/** What a task starts with. */
export function defaultConfig(schema: Schema, task: string | null): Config {
  const info = schema.tasks.find(({ kind }) => kind === task) ?? schema.tasks[0];
  if (!info?.presets[0]) throw new TypeError("The schema has no tasks.");
  return { ...info.presets[0].config };
}

/** Reads the part of an address behind `#`. */
export function parseLink(hash: string, schema: Schema): Link {
  const given = parameters(hash);
  const config = defaultConfig(schema, given.get("task") ?? given.get("demo"));
  const link: Link = { config, notices: [] };
  const { notices } = link;
  if (hash.length > MAX_LINK) {
    notices.push(
      `The link has ${count(hash.length)} characters, and at most ${count(MAX_LINK)} are read: nothing of it was.`,
    );
  }
  const unknown: string[] = [];
  const fields = new Map<string, Field>(schema.fields.map((field) => [field.key, field]));
  for (const [key, text] of given) {
    const field = fields.get(key);
    if (field) {
      const value = parseValue(field.control, text);
      if (value === undefined) unknown.push(`${key}=${text}`);
      else {
        setValue(config, field.key, value);
        if (String(value) !== text && typeof value === "number" && value !== Number(text)) {
          notices.push(`${field.label} cannot be ${text.slice(0, 40)}; it was set to ${value}.`);
        }
      }
    } else if (Object.hasOwn(EXTRAS, key)) {
      const extra = EXTRAS[key];
      if (extra && text !== "") link[extra] = text;
    } else if (key === "v") {
      if (!/^\d{1,6}$/.test(text)) unknown.push(`${key}=${text}`);
      else if (Number(text) > VERSION) {
        notices.push(
          `The link was made by a newer version of this page (its version is ${text}, this page reads ${VERSION}). What it knows was read; reload the page to see whether there is a newer one.`,
        );
      }
    } else if (key === "task" ? text !== config.task : key !== "device" || !/^(auto|cpu|webgpu)$/.test(text)) {
      unknown.push(`${key}=${text}`);
    }
  }
  if (unknown.length > 0)
    notices.push(`The link has settings that this page does not know and leaves out: ${listed(unknown)}.`);
  if (link.question && link.question.length > MAX_QUESTION) {
    link.question = link.question.slice(0, MAX_QUESTION);
    notices.push(`The question in the link was cut to ${count(MAX_QUESTION)} characters.`);
  }
  return link;
}

/** The first few of the things that a link says and the page does not know, shortened. */
export function listed(unknown: readonly string[]): string {
  const named = unknown.slice(0, 5).map((item) => item.slice(0, 60));
  if (unknown.length > named.length) named.push(`and ${count(unknown.length - named.length)} more`);
  return named.join(", ");
}

/** The part of an address behind `#`: all that differs from the task's start. Empty where nothing does. */
export function writeLink(config: Config, device: DeviceChoice, schema: Schema, extras: Extras = {}): string {
  const start = defaultConfig(schema, config.task);
  const given = new URLSearchParams();
  if (device !== "auto") given.set("device", device);
  if (config.task !== schema.tasks[0]?.kind) given.set("task", config.task);
  for (const { key } of schema.fields) if (config[key] !== start[key]) given.set(key, String(config[key]));
  for (const [key, extra] of Object.entries(EXTRAS)) if (extras[extra]) given.set(key, extras[extra]);
  if (given.size === 0) return "";
  // These mean nothing behind a `#`, and an address is easier to read with them.
  return `v=${VERSION}&${given}`.replaceAll("%2F", "/").replaceAll("%3A", ":");
}

/** A copy's value is set by its key: the compiler cannot see that control and type of a field belong together. */
export function setValue(config: Config, key: Field["key"], value: Value): void {
  (config as unknown as Record<string, Value>)[key] = value;
}

/** A field's value as people read it. */
export function showValue({ key, control }: Field, config: Config): string {
  const value = config[key];
  if (control.type === "flag") return value ? "on" : "off";
  if (control.type === "choice") return control.options.find((option) => option.value === value)?.label ?? "";
  return String(value);
}

/** A value as a control holds it, inside its range; undefined where the text means nothing. */
function parseValue(control: Control, text: string): Value | undefined {
  switch (control.type) {
    case "flag":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "choice":
      return control.options.find((option) => option.value === text)?.value as Value | undefined;
    case "integer":
    case "number": {
      const number = text.trim() === "" ? Number.NaN : Number(text);
      return Number.isFinite(number) ? clamp(control, number) : undefined;
    }
  }
}

/** The nearest number that a control can hold. */
export function clamp(control: Extract<Control, { type: "integer" | "number" }>, number: number): number {
  const whole = control.type === "integer" ? Math.round(number) : number;
  return Math.min(control.max, Math.max(control.min, whole));
}
