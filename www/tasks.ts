/** The tasks' parts of the page, a line each; see `tasks!` in the crate for the other half. */

import type { TaskPage } from "./page";
import type { Config } from "./protocol";

export const TASKS: Record<Config["task"], () => Promise<TaskPage>> = {
  translation: () => import("./views/translate").then((view) => view.translation),
  parity: () => import("./views/parity").then((view) => view.parity),
  generation: () => import("./views/generation").then((view) => view.generation),
  chat: () => import("./views/chat").then((view) => view.chat),
  classification: () => import("./views/classification").then((view) => view.classification),
  vectors: () => import("./views/vectors").then((view) => view.vectors),
};
