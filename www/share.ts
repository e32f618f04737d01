/** The state that a link carries, behind its `#`. A link is untrusted: unknown keys and values are dropped, and named. */

import type { Control, Field } from "../pkg/unrolled.js";
import type { Config, DeviceChoice, Schema } from "./protocol";

/** A link's content, checked. */
export interface Link {
  config: Config;
  /** What was not understood, in sentences. */
  notices: string[];
}

/** One value of a configuration. */
export type Value = Config[keyof Config];

const parameters = (hash: string): URLSearchParams => new URLSearchParams(hash.replace(/^#/, ""));

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
  const config = defaultConfig(schema, given.get("task"));
  const unknown: string[] = [];
  const notices: string[] = [];
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
    } else if (key === "task" ? text !== config.task : key !== "device" || !/^(auto|cpu|webgpu)$/.test(text)) {
      unknown.push(`${key}=${text}`);
    }
  }
  if (unknown.length > 0) {
    const list = unknown
      .map((item) => item.slice(0, 60))
      .slice(0, 5)
      .join(", ");
    notices.push(`The link has settings that this page does not know and leaves out: ${list}.`);
  }
  return { config, notices };
}

/** The part of an address behind `#`: all that differs from the task's start. Empty where nothing does. */
export function writeLink(config: Config, device: DeviceChoice, schema: Schema): string {
  const start = defaultConfig(schema, config.task);
  const given = new URLSearchParams();
  if (device !== "auto") given.set("device", device);
  if (config.task !== schema.tasks[0]?.kind) given.set("task", config.task);
  for (const { key } of schema.fields) if (config[key] !== start[key]) given.set(key, String(config[key]));
  return given.toString();
}

/** A copy's value is set by its key: the compiler cannot see that control and type of a field belong together. */
export function setValue(config: Config, key: Field["key"], value: Value): void {
  (config as unknown as Record<string, Value>)[key] = value;
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
