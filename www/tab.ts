/** The browser's tab: its title, the screen that it keeps on, the question before it is closed. */

import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { atStake, runShare, store } from "./store";

const wanted = signal(false);
const held = computed(() => wanted.value && store.status.value === "running");
let lock: WakeLockSentinel | undefined;

/** Whether the screen is to stay on while training runs. */
export const awake: ReadonlySignal<boolean> = wanted;

/** Lets the screen stay on while training runs, or not. */
export function setAwake(value: boolean): void {
  wanted.value = value;
}

/** Makes the tab follow the training. */
export function watchTab(): void {
  effect(() => {
    document.title = title();
  });
  effect(() => {
    if (held.value) void holdScreen();
    else void lock?.release();
  });
  // The browser takes the lock back when the tab is hidden.
  document.addEventListener("visibilitychange", () => {
    if (held.value) void holdScreen();
  });
  addEventListener("beforeunload", (event) => {
    if (atStake.value) event.preventDefault();
  });
}

/** "12 % · loss 1.23 · Unrolled" */
function title(): string {
  const run = store.run.value;
  if (!run?.progress) return "Unrolled";
  const status = store.status.value;
  const part = status === "running" ? `${Math.floor(runShare(run) * 100)} %` : status;
  return `${part} · loss ${run.progress.loss.toFixed(2)} · Unrolled`;
}

async function holdScreen(): Promise<void> {
  if (!("wakeLock" in navigator) || document.hidden) return;
  // A browser may refuse, on low battery for one: then the screen just goes dark.
  lock = await navigator.wakeLock.request("screen").catch(() => undefined);
}
