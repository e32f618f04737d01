/** Links with all that they carry: what is packed in them is unpacked and checked. */

import { DEMOS, demoAddress } from "./demos";
import { type OpenLesson, readLesson } from "./lesson";
import type { Config, Schema } from "./protocol";
import { findPlace, type Place } from "./remote";
import { type Extras, LinkError, parseLink } from "./share";

/** A link's content, checked. */
export interface OpenedLink {
  config: Config;
  lesson?: OpenLesson;
  model?: LinkedModel;
  /** What to ask the network. */
  question?: string;
  /** What was not understood, in sentences. */
  notices: string[];
}

/** A trained network that a link has: in itself, or in a file at some place. */
export type LinkedModel = {
  /** Where it stands in the link. */
  part: Pick<Extras, "net" | "model" | "demo">;
} & ({ bytes: Uint8Array } | { place: Place });

/** A network that a link carries has at most so many characters, packed. */
export const MAX_NET = 30_000;
/** Networks of that size unpack to a fraction of this. */
const MAX_NET_BYTES = 1024 * 1024;
const MAX_LESSON_BYTES = 64 * 1024;

/**
 * Reads the part of an address behind `#`. A part that is of no use is left out, and the rest is read.
 *
 * @param page the address of the page, which that of a model may be relative to
 */
export async function openLink(hash: string, schema: Schema, page: string): Promise<OpenedLink> {
  const { config, question, lesson, net, model, demo, notices } = parseLink(hash, schema);
  const link: OpenedLink = { config, notices };
  if (question !== undefined) link.question = question;
  if (lesson !== undefined) {
    await part(notices, async () => {
      const bytes = await unpacked(lesson, "The lesson in the link", MAX_LESSON_BYTES);
      const read = readLesson(new TextDecoder().decode(bytes), schema, config.task);
      link.lesson = { ...read.lesson, packed: lesson, start: config };
      notices.push(...read.notices);
    });
  }
  if (net !== undefined) {
    await part(notices, async () => {
      link.model = { part: { net }, bytes: await unpacked(net, "The network in the link", MAX_NET_BYTES) };
    });
    if (model !== undefined) {
      notices.push("The link has a network in it and the address of one, too. Only the one in it counts.");
    }
  } else if (model !== undefined) {
    await part(notices, async () => {
      link.model = { part: { model }, place: findPlace(model, page) };
    });
  } else if (demo !== undefined) {
    const found = DEMOS.find(({ task }) => task === demo);
    if (found) link.model = { part: { demo }, place: findPlace(demoAddress(found), page) };
    else {
      const names = DEMOS.map(({ task }) => task).join(", ");
      notices.push(`The page has no trained network with the name ${demo.slice(0, 40)}. It has ${names}.`);
    }
  }
  return link;
}

async function part(notices: string[], read: () => Promise<void>): Promise<void> {
  try {
    await read();
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    notices.push(error.message);
  }
}

async function unpacked(text: string, name: string, most: number): Promise<Uint8Array> {
  const packing = await import("./packing").catch(() => undefined);
  if (!packing) throw new LinkError(`${name} could not be opened: the page is not whole. Reload it with a connection.`);
  return packing.unpack(text, name, most);
}
