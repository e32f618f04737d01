/** What the page tells the service worker: that it has started, or that the user wants the version that waits. */
export type ToServiceWorker = "started" | "take over";
