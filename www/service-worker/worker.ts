/**
 * The service worker: keeps the files of a version of the page, and serves them with or without a network.
 * scripts/offline.mjs builds it, and gives it the list of files.
 *
 * A newer version is fetched beside the one in use and waits until the user reloads the page, or has closed all its tabs.
 * Tabs of the older version go on: their files stay until no such tab is open.
 *
 * To be rid of it one day, publish in its place a service worker that takes over, deletes its caches and calls
 * `registration.unregister()`. To delete the file is not enough: browsers keep the worker that they have.
 */

import { PrecacheController, type PrecacheEntry, PrecacheRoute, PrecacheStrategy } from "workbox-precaching";
import { registerRoute } from "workbox-routing";
import { NetworkFirst } from "workbox-strategies";
import type { ToServiceWorker } from "./messages";

declare const self: ServiceWorkerGlobalScope;
/** The files of this version; those without the hash of their content in their name carry it as their revision. */
declare const FILES: PrecacheEntry[];

const files = new PrecacheController();
files.addToCacheList(FILES);

registerRoute(new PrecacheRoute(files));
// Parts of an older version, which a tab of it loads on first use. Names in this folder carry the hash of their content.
registerRoute(isIn("assets/"), new PrecacheStrategy());
// Models are large, and few of them are looked at: kept once they have been.
registerRoute(isIn("demos/"), new NetworkFirst());

self.addEventListener("install", (event) => void files.install(event));

// A page on its first visit has started without this worker. From now on it, too, can start again after a crash without
// a network.
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  const message: ToServiceWorker = event.data;
  if (message === "take over") void self.skipWaiting();
  else event.waitUntil(tidy(event));
});

/** Deletes what is left of older versions, unless a tab of one may still be open, or a newer one is being kept. */
async function tidy(event: ExtendableEvent): Promise<void> {
  const tabs = await self.clients.matchAll({ type: "window" });
  const { installing, waiting } = self.registration;
  if (tabs.length === 1 && !installing && !waiting) await files.activate(event);
}

/** Whether an address is in a folder of the page. */
function isIn(folder: string): (request: { url: URL }) => boolean {
  const start = self.registration.scope + folder;
  return ({ url }) => url.href.startsWith(start);
}
