/** A model file at an address that a link names: whether it may be fetched, and fetching it. */

import { type ReadonlySignal, signal } from "@preact/signals";
import { size } from "./format";
import { LinkError } from "./share";

/** Where a file is. */
export interface Place {
  url: URL;
  /** On the host that the page itself came from. */
  own: boolean;
}

const MAX_ADDRESS = 2_000;
const MAX_BYTES = 200 * 2 ** 20;

/**
 * Checks an address. It may be relative to the page; other hosts must be reached by https. The visitor's own computer is out
 * of reach, unless the page itself comes from there, as it does for its developers.
 *
 * @throws LinkError
 */
export function findPlace(address: string, page: string): Place {
  if (address.length > MAX_ADDRESS) throw new LinkError("The address of the model is too long to be one.");
  if (!URL.canParse(address, page)) throw new LinkError(`“${address.slice(0, 60)}” is no address of a model.`);
  const [url, here] = [new URL(address, page), new URL(page)];
  url.hash = "";
  if (url.username || url.password) {
    throw new LinkError("The address of the model has a name or a password in it, which this page does not send.");
  }
  if (url.origin === here.origin && /^https?:$/.test(url.protocol)) return { url, own: true };
  if (isLoopback(url)) {
    if (isLoopback(here)) return { url, own: false };
    throw new LinkError(
      `The model's address, ${url.host}, is the computer that you sit at. It takes a host on the web.`,
    );
  }
  if (url.protocol !== "https:") {
    throw new LinkError(`The model's address begins with ${url.protocol} It takes one that begins with https:`);
  }
  return { url, own: false };
}

function isLoopback({ hostname }: URL): boolean {
  return /^(127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::(1|ffff:(0|7f..?):.+)?\]|(.+\.)?localhost)$/.test(hostname);
}

/** The name of the file that an address stands for. */
export function fileName({ url }: Place): string {
  const name = url.pathname.slice(url.pathname.lastIndexOf("/") + 1);
  try {
    return decodeURIComponent(name) || url.host;
  } catch {
    return name;
  }
}

/**
 * Fetches a file. Nothing goes with the request that could tell who asks, but the network address that it comes from.
 *
 * @param progress is told the bytes that came, and all that will where that is known
 * @throws LinkError; what `signal` was aborted with, if it was
 */
export async function fetchModel(
  { url, own }: Place,
  progress: (bytes: number, total: number | undefined) => void,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url, {
    signal,
    credentials: own ? "same-origin" : "omit",
    referrerPolicy: "no-referrer",
    // To another host only after a yes.
    redirect: own ? "error" : "follow",
  }).catch(async (error: unknown) => {
    if (signal.aborted) throw error;
    throw new LinkError(await unreachable(url));
  });
  if (!response.ok || !response.body) throw new LinkError(refused(response.status, { url, own }));
  if (/^text\/html\b/i.test(response.headers.get("content-type") ?? "")) throw new LinkError(webPage(url));
  // A host that packs what it sends tells the size of the packet.
  const packed = response.headers.has("content-encoding");
  const length = Number(response.headers.get("content-length"));
  const total = packed || !(length > 0) ? undefined : length;
  if (total && total > MAX_BYTES) throw new LinkError(tooLarge(url, total));

  const pieces: Uint8Array[] = [];
  let bytes = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      if (signal.aborted) throw error;
      throw new LinkError(`The download from ${url.host} broke off after ${size(bytes)}. Try again.`);
    });
    if (done) break;
    pieces.push(value);
    bytes += value.length;
    if (bytes > MAX_BYTES) {
      void reader.cancel();
      throw new LinkError(tooLarge(url, bytes));
    }
    progress(bytes, total);
  }
  const file = new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer());
  const start = new TextDecoder("latin1").decode(file.subarray(0, 200)).trimStart();
  if (/^<(!doctype|html|\?xml)/i.test(start)) throw new LinkError(webPage(url));
  if (start.startsWith("version https://git-lfs")) {
    throw new LinkError(
      `At this address, ${url.host} has only a note of Git LFS that says where the file is. Use the address behind its download button.`,
    );
  }
  return file;
}

/**
 * Why a request failed. The browser does not tell a page; but a request whose answer the page may not read goes through
 * where a host is only unwilling.
 */
async function unreachable(url: URL): Promise<string> {
  if (!navigator.onLine) return "This computer is offline. Connect it, and try again.";
  const answers = await fetch(url, {
    method: "HEAD",
    mode: "no-cors",
    credentials: "omit",
    referrerPolicy: "no-referrer",
  }).then(
    () => true,
    () => false,
  );
  return answers
    ? `${url.host} answers, but lets no other page read this file: it sends no header Access-Control-Allow-Origin (CORS), or the file is not there. Download the file yourself and drop it on this page, or ask for it on a host that sends the header, as GitHub Pages and Hugging Face do.`
    : `${url.host} could not be reached. Check the address and your connection, and try again.`;
}

function refused(status: number, { url, own }: Place): string {
  if (own)
    return `The file is not on the host of this page (${status}). Tell those who run the page, or train a network yourself.`;
  if (status === 404 || status === 410)
    return `${url.host} has no file at this address (${status}). Ask for a new link.`;
  if (status === 401 || status === 403) {
    return `${url.host} does not give this file to everyone (${status}). Ask for one that is public.`;
  }
  return `${url.host} could not give the file (${status}). Try again later.`;
}

function webPage(url: URL): string {
  return `At this address, ${url.host} has a web page and not a model file. Use the address behind its download button: on GitHub that of “Raw”, on Hugging Face the one with “resolve” in it.`;
}

function tooLarge(url: URL, bytes: number): string {
  return `The file on ${url.host} has ${size(bytes)} or more; at most ${size(MAX_BYTES)} are fetched. Download it yourself and drop it on this page.`;
}

// The file that is offered

/** A file that a link names, and how far it is. Only one on the page's own host is fetched without a yes. */
export type Offer = { place: Place } & (
  | { stage: "asking" }
  | { stage: "fetching"; bytes: number; total: number | undefined }
  | { stage: "failed"; message: string }
);

/** A file that was fetched. */
export interface RemoteFile {
  name: string;
  bytes: Uint8Array;
}

const offered = signal<Offer | undefined>(undefined);
let abort = new AbortController();
let settle: (file: RemoteFile | undefined) => void = () => {};

/** What waits for a yes, or is on its way. */
export const offer: ReadonlySignal<Offer | undefined> = offered;

/** Offers a file to the user: undefined where it is not wanted, or could not be had. */
export function offerModel(place: Place): Promise<RemoteFile | undefined> {
  closeOffer();
  const answer = new Promise<RemoteFile | undefined>((resolve) => {
    settle = resolve;
  });
  offered.value = { place, stage: "asking" };
  if (place.own) void acceptOffer();
  return answer;
}

/** Yes: fetches the file, or tries again. */
export async function acceptOffer(): Promise<void> {
  const { place } = offered.value ?? {};
  if (!place) return;
  abort = new AbortController();
  const { signal } = abort;
  offered.value = { place, stage: "fetching", bytes: 0, total: undefined };
  try {
    const bytes = await fetchModel(
      place,
      (bytes, total) => {
        if (!signal.aborted) offered.value = { place, stage: "fetching", bytes, total };
      },
      signal,
    );
    if (signal.aborted) return;
    offered.value = undefined;
    settle({ name: fileName(place), bytes });
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof LinkError)) throw error;
    offered.value = { place, stage: "failed", message: error.message };
  }
}

/** No, or no more. */
export function closeOffer(): void {
  abort.abort();
  offered.value = undefined;
  settle(undefined);
}
