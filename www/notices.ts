/** What the page has to say, until it is dismissed. */

import { type ReadonlySignal, signal } from "@preact/signals";

/** Something to tell: a title, and a sentence or two. */
export interface Notice {
  id: number;
  kind: "info" | "error";
  title: string;
  text: string;
  /** What can be done about it by a button, which takes the notice away, too. */
  action?: { label: string; act(): void };
}

const MAX_NOTICES = 3;

const told = signal<Notice[]>([]);
let last_id = 0;

/** The notices on show, the newest last. */
export const notices: ReadonlySignal<Notice[]> = told;

/** Tells something. The same thing is not told twice at a time. */
export function notify(kind: Notice["kind"], title: string, text: string, action?: Notice["action"]): void {
  const others = told.value.filter((notice) => notice.title !== title || notice.text !== text);
  last_id += 1;
  const notice = { id: last_id, kind, title, text };
  told.value = [...others, action ? { ...notice, action } : notice].slice(-MAX_NOTICES);
}

/** Takes a notice away. */
export function dismiss(id: number): void {
  told.value = told.value.filter((notice) => notice.id !== id);
}
