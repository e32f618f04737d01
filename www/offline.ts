/** The page without a network, and its newer versions: both are the service worker's work. */

import { type ReadonlySignal, signal } from "@preact/signals";
import type { ToServiceWorker } from "./service-worker/messages";

/** A page that stays open looks for a newer version when it is looked at again, but not more often than this. */
const LOOK_MS = 60 * 60 * 1000;

const kept = signal(false);
const newer = signal(false);
let registration: ServiceWorkerRegistration | undefined;

/** Whether the page's files are kept, so that it works without a network. */
export const worksOffline: ReadonlySignal<boolean> = kept;

/** Whether a newer version of the page waits for a reload. */
export const newVersion: ReadonlySignal<boolean> = newer;

/** Keeps the page's files for when there is no network. To be called once the page has what it needs itself. */
export async function keepOffline(): Promise<void> {
  // The development server has no service worker, and one that stayed would hide every change.
  if (!import.meta.env.PROD) return;
  try {
    const { serviceWorker } = navigator;
    // Browsers have it only over https or on localhost.
    if (!serviceWorker) return;
    registration = await serviceWorker.register("./service-worker.js");
    watch(registration, serviceWorker);
    const { active } = await serviceWorker.ready;
    active?.postMessage("started" satisfies ToServiceWorker);
    kept.value = true;
  } catch {
    // Forbidden, as in private windows of some browsers: then the page needs a network, like any other.
  }
}

/** Reloads the page with the newer version. */
export function reload(): void {
  const waiting = registration?.waiting;
  if (waiting) {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    waiting.postMessage("take over" satisfies ToServiceWorker);
  } else {
    // It has taken over already: another tab was reloaded.
    location.reload();
  }
}

/** Notices newer versions: one that waits, one that is on its way, and those to come. */
function watch(registration: ServiceWorkerRegistration, serviceWorker: ServiceWorkerContainer): void {
  const look = () => {
    // The first version waits, too, for a moment.
    if (registration.waiting && registration.active) newer.value = true;
  };
  const follow = () => registration.installing?.addEventListener("statechange", look);
  look();
  follow();
  registration.addEventListener("updatefound", follow);
  // Another tab has been reloaded with the newer version, and this one is of the older.
  if (serviceWorker.controller) serviceWorker.addEventListener("controllerchange", () => (newer.value = true));

  let looked = performance.now();
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || performance.now() - looked < LOOK_MS) return;
    looked = performance.now();
    registration.update().catch(() => {}); // no network: the next time, then
  });
}
