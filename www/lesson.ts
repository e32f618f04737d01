/** A lesson: a text beside the page, and controls that are fixed or hidden. It helps a class to look at one thing; it keeps no one out. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Config, Field, Schema } from "./protocol";
import { LinkError, listed } from "./share";

/** How a control stands in a lesson. Fixed ones are visible, and cannot be changed. */
export type Standing = "shown" | "fixed" | "hidden";

/** Parts of the page that are no setting. What only shows something cannot be fixed. */
export const PANELS = [
  { key: "panel:device", label: "Choice of the device", fixable: true },
  { key: "panel:presets", label: "Presets", fixable: true },
  { key: "panel:data", label: "Own files and columns", fixable: true },
  { key: "panel:details", label: "A look at the data", fixable: false },
  { key: "panel:layers", label: "The network, layer by layer", fixable: false },
  { key: "panel:take", label: "Take it with you", fixable: false },
  { key: "panel:vectors", label: "Word vectors of the network", fixable: false },
] as const;

/** What a lesson may fix or hide. */
export type Control = Field["key"] | (typeof PANELS)[number]["key"];

/** What a teacher gives to a class. */
export interface Lesson {
  title: string;
  /** Paragraphs, with empty lines between them. */
  text: string;
  /** The tasks to choose from; all where it is empty. */
  tasks: Config["task"][];
  fixed: Control[];
  hidden: Control[];
}

export const MAX_TITLE = 100;
export const MAX_TEXT = 5_000;

/** A lesson as a link carries it, before it is packed. */
export function writeLesson({ title, text, tasks, fixed, hidden }: Lesson): string {
  return JSON.stringify({ title, text, tasks, fixed, hidden }, (_, value: unknown) =>
    value === "" || (Array.isArray(value) && value.length === 0) ? undefined : value,
  );
}

/**
 * Reads what `writeLesson` wrote. What the page does not know is left out, and named in the notices.
 *
 * @param task that of the link: a lesson cannot shut it out
 * @throws LinkError for what is no lesson
 */
export function readLesson(json: string, schema: Schema, task: Config["task"]): { lesson: Lesson; notices: string[] } {
  const given = parse(json);
  const unknown: string[] = [];
  const notices: string[] = [];
  const text = (key: "title" | "text", most: number): string => {
    const value = typeof given[key] === "string" ? printable(given[key]) : "";
    if (value.length > most) notices.push(`The ${key} of the lesson was cut to ${most} characters.`);
    return value.slice(0, most);
  };
  const list = <T extends string>(key: "tasks" | "fixed" | "hidden", known: readonly T[]): T[] => {
    const value = Array.isArray(given[key]) ? given[key].map(String) : [];
    unknown.push(...value.filter((item) => !known.some((one) => one === item)));
    return known.filter((one) => value.includes(one));
  };
  const settings = schema.fields.map(({ key }) => key);
  const tasks = list(
    "tasks",
    schema.tasks.map(({ kind }) => kind),
  );
  const hidden = list<Control>("hidden", [...settings, ...PANELS.map(({ key }) => key)]);
  const fixable = PANELS.flatMap(({ key, fixable }) => (fixable ? [key] : []));
  const fixed = list<Control>("fixed", [...settings, ...fixable]).filter((control) => !hidden.includes(control));
  const lesson: Lesson = {
    title: text("title", MAX_TITLE).replaceAll("\n", " "),
    text: text("text", MAX_TEXT),
    tasks,
    fixed,
    hidden,
  };
  if (tasks.length > 0 && !tasks.includes(task)) tasks.push(task);
  unknown.push(...Object.keys(given).filter((key) => !Object.hasOwn(lesson, key)));
  if (unknown.length > 0)
    notices.push(`The lesson has parts that this page does not know and leaves out: ${listed(unknown)}.`);
  return { lesson, notices };
}

function parse(json: string): Record<string, unknown> {
  try {
    const given: unknown = JSON.parse(json);
    if (typeof given === "object" && given !== null && !Array.isArray(given)) return given as Record<string, unknown>;
  } catch {
    // It is no lesson either.
  }
  throw new LinkError("What the link calls its lesson is none. Ask for the link again.");
}

/** Text without control characters but for tabs and line ends. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) => (control === "\n" || control === "\t" ? control : "")).trim();
}

// The lesson that is open

/** A lesson, where it started, and how it stands in the link. */
export interface OpenLesson extends Lesson {
  packed: string;
  /** The settings that it began with. */
  start: Config;
}

const opened = signal<OpenLesson | undefined>(undefined);
const left = signal(false);

/** The lesson that stands beside the page. */
export const lesson: ReadonlySignal<OpenLesson | undefined> = opened;

/** The lesson is read, but all controls are shown. */
export const isLeft: ReadonlySignal<boolean> = left;

const controls = computed(() => {
  const standings = new Map<Control, Standing>();
  if (!opened.value || left.value) return standings;
  for (const control of opened.value.fixed) standings.set(control, "fixed");
  for (const control of opened.value.hidden) standings.set(control, "hidden");
  return standings;
});

/** How a control stands now. */
export const standing = (control: Control): Standing => controls.value.get(control) ?? "shown";

/** Whether the lesson lets a task be opened. */
export function isOffered(task: Config["task"]): boolean {
  const tasks = left.value ? [] : (opened.value?.tasks ?? []);
  return tasks.length === 0 || tasks.includes(task);
}

/** Whether other settings can be taken as a whole: their task is offered, and what is fixed or hidden is in them as it is now. */
export function admits(config: Config, now: Config): boolean {
  if (!isOffered(config.task)) return false;
  if (config.task !== now.task) return true;
  return [...controls.value.keys()].every((key) => config[key as keyof Config] === now[key as keyof Config]);
}

/** Takes a lesson up. */
export function openLesson(lesson: OpenLesson): void {
  opened.value = lesson;
  left.value = false;
}

/** Shows all controls; the text stays. */
export function leaveLesson(): void {
  left.value = true;
}

/** Takes the lesson away. */
export function closeLesson(): void {
  opened.value = undefined;
}
