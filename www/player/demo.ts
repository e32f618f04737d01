/** A demo: one HTML file with the engine, one network and what is said of it. The page writes it, and the file reads itself. */

/** What a demo holds besides the network. */
export interface Notes {
  /** Texts to try, for tasks that are asked in words. */
  examples: string[];
  /** The address of the page that wrote it, if others can open that. */
  origin?: string;
}

/** The file beside the page that becomes a demo. */
export const TEMPLATE = "demos/template.html";

/** A part of the template that is filled in: empty there, and the first of its kind. */
type Part = "title" | "notes" | "model";

const OPENING: Record<Part, string> = {
  title: "<title>",
  notes: '<script type="application/json" id="notes">',
  model: '<script type="application/octet-stream" id="model">',
};

/**
 * Writes a demo.
 *
 * @param template the text of the file TEMPLATE
 * @param model as `pack` leaves it
 * @throws Error where the template is none
 */
export function writeDemo(template: string, title: string, notes: Notes, model: string): string {
  // Nothing that a user has written may end the element that it stands in.
  const escaped = title.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  const json = JSON.stringify(notes).replaceAll("<", "\\u003c");
  const contents: [Part, string][] = [
    ["title", escaped],
    ["notes", json],
    ["model", model],
  ];
  return contents.reduce((text, [part, content]) => insert(text, OPENING[part], content), template);
}

/** A file's name from a title, without what file systems cannot take. */
export function fileName(title: string, extension: string): string {
  const name = title.replace(/\s*[\p{Cc}\\/:*?"<>|]+\s*/gu, " ").trim();
  return `${[...name].slice(0, MAX_NAME).join("") || "network"}.${extension}`;
}

const MAX_NAME = 80;

function insert(text: string, opening: string, content: string): string {
  const at = text.indexOf(`${opening}</`);
  if (at < 0) throw new Error(`The template of demos has no ${opening}.`);
  const start = at + opening.length;
  return text.slice(0, start) + content + text.slice(start);
}

/** What a demo says of itself. */
export const readNotes = (): Notes => JSON.parse(content("notes"));

/** The network of a demo; undefined in the template. */
export async function readModel(): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const packed = content("model");
  return packed === "" ? undefined : unpack(packed);
}

/** The WebAssembly of a demo. */
export const readProgram = (): Promise<Uint8Array<ArrayBuffer>> => unpack(content("program"));

const content = (id: string): string => document.getElementById(id)?.textContent ?? "";

/** Bytes as text: zlib, then base64. */
export async function pack(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const packed = await through(bytes, new CompressionStream("deflate")).blob();
  const reader = new FileReader();
  return new Promise((resolve, reject) => {
    reader.onload = () => resolve(String(reader.result).replace(/^.*?,/s, ""));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(packed);
  });
}

/** The bytes of a text from `pack`. */
async function unpack(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Uint8Array(await through(packed, new DecompressionStream("deflate")).arrayBuffer());
}

const through = (bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream): Response =>
  new Response(new Blob([bytes]).stream().pipeThrough(stream));
