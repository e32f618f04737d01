/** The tasks' parts of the page, a line each; see `tasks!` in the crate for the other half. */

import type { TaskPage } from "./page";
import type { Config } from "./protocol";

export const TASKS: Record<Config["task"], () => Promise<TaskPage>> = {
  translation: () => import("./views/translate").then((view) => view.translation),
  parity: () => import("./views/parity").then((view) => view.parity),
  vectors: () => import("./views/vectors").then((view) => view.vectors),
};
