/** Dropped files to decoded text: unpacks archives, finds the encoding, refuses in words what is no text. */

import { unzipSync } from "fflate";
import type { TextFile } from "../pkg/unrolled.js";
import { isSessionError, type SessionError } from "./protocol";

/** A text file and the encoding it was found in. */
export interface DecodedFile extends TextFile {
  encoding: string;
}

const MAX_BYTES = 100 * 2 ** 20;
const MAX_UNPACKED_BYTES = 250 * 2 ** 20;
/** How much of a file is looked at to tell text from other things. */
const SAMPLE_BYTES = 64 * 2 ** 10;

/** First bytes of what people drop by mistake, and what it is called. */
const SIGNATURES: [prefix: string, name: string][] = [
  ["%PDF", "a PDF document"],
  ["\x89PNG", "a picture (PNG)"],
  ["\xff\xd8\xff", "a picture (JPEG)"],
  ["GIF8", "a picture (GIF)"],
  ["RIFF", "a sound, video or picture file"],
  ["ID3", "a sound file (MP3)"],
  ["OggS", "a sound file (Ogg)"],
  ["\xd0\xcf\x11\xe0", "an old Office document"],
  ["{\\rtf", "a rich text document (RTF)"],
  ["\x1f\x8b", "a gzip archive"],
  ["7z\xbc\xaf", "a 7-Zip archive"],
  ["Rar!", "a RAR archive"],
  ["BZh", "a bzip2 archive"],
  ["\xfd7zXZ", "an xz archive"],
  ["SQLite format 3", "a database (SQLite)"],
  ["\x7fELF", "a program"],
  ["\0asm", "a WebAssembly program"],
];

/**
 * Reads files as the user dropped them. A file of a folder or an archive keeps its path as its name; what is no text
 * by its name, or empty, is passed over there.
 *
 * @param advice what the task takes, in a sentence that goes with every refusal
 * @throws SessionError with code "file" that names the file.
 */
export async function readFiles(files: readonly File[], advice: string): Promise<DecodedFile[]> {
  const together = files.reduce((sum, file) => sum + file.size, 0);
  if (together > MAX_UNPACKED_BYTES) {
    const size = Math.round(together / 2 ** 20);
    throw fileError(commonName(files), `These files have ${size} MB together; the limit is 250 MB. Choose fewer.`);
  }
  const decoded: DecodedFile[] = [];
  for (const file of files) {
    if (isInFolder(file.name) && !(isTextEntry(file.name) && file.size > 0)) continue;
    if (file.size > MAX_BYTES) {
      const size = Math.round(file.size / 2 ** 20);
      throw fileError(file.name, `${file.name} has ${size} MB; the limit is 100 MB. Cut it into smaller files.`);
    }
    const bytes = await readBytes(file);
    try {
      if (startsWith(bytes, "PK\x03\x04") || startsWith(bytes, "PK\x05\x06")) {
        for (const entry of unpack(file.name, bytes)) decoded.push(decode(entry.name, entry.bytes));
      } else {
        decoded.push(decode(file.name, bytes));
      }
    } catch (error) {
      if (error instanceof Refusal) throw fileError(error.file, `${error.message} ${advice}`);
      throw error;
    }
  }
  if (decoded.length === 0) {
    const name = commonName(files);
    throw fileError(name, `${name} holds no text file that could be read. ${advice}`);
  }
  return decoded;
}

/** A file that is not what a task can use: the task's advice belongs behind the reason. */
class Refusal extends Error {
  constructor(
    readonly file: string,
    reason: string,
  ) {
    super(reason);
  }
}

const isInFolder = (name: string): boolean => name.includes("/");

/** The folder that files were chosen as, or the first file's name. */
const commonName = (files: readonly File[]): string => files[0]?.name.replace(/\/.*/, "") ?? "The folder";

async function readBytes(file: File): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw fileError(file.name, `${file.name} could not be read. If it was moved or changed, choose it again.`);
  }
}

/** The text files in a zip archive, without the notes that such archives carry. */
function unpack(archive: string, bytes: Uint8Array): { name: string; bytes: Uint8Array }[] {
  const names: string[] = [];
  let unpacked = 0;
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        names.push(name);
        if (!isTextEntry(name) || originalSize === 0) return false;
        unpacked += originalSize;
        if (unpacked > MAX_UNPACKED_BYTES) {
          throw fileError(archive, `${archive} unpacks to more than 250 MB. Unpack it and drop a smaller file.`);
        }
        return true;
      },
    });
  } catch (error) {
    if (isSessionError(error)) throw error;
    throw fileError(
      archive,
      `${archive} is damaged or locked with a password. Unpack it yourself and drop the text file in it.`,
    );
  }
  const office = officeName(names);
  if (office) throw new Refusal(archive, `${archive} is ${office}. Save it as plain text or CSV first.`);
  const files = Object.entries(entries).map(([name, bytes]) => ({ name, bytes }));
  if (files.length === 0) throw new Refusal(archive, `${archive} holds no .txt, .tsv or .csv file.`);
  return files;
}

const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/**
 * Text or a table, one language of a corpus (`corpus.en`), or a message whose name is a number; not a read-me, a licence
 * or a system file.
 */
function isTextEntry(path: string): boolean {
  const name = baseName(path);
  if (path.startsWith("__MACOSX/") || /^[._]|^(read_?me|licen[cs]e|copying|about)\b/i.test(name)) return false;
  // A conversation of a Messenger export.
  if (/^message_\d+\.json$/i.test(name)) return true;
  if (/\.(txt|tsv|csv|tab)$/i.test(name) || /^\d+$/.test(name)) return true;
  return /\.[a-z]{2}$/.test(name) && !/\.(md|js|ts|py|sh|gz|db)$/.test(name);
}

function officeName(names: string[]): string | undefined {
  if (names.some((name) => name.startsWith("word/"))) return "a Word document";
  if (names.some((name) => name.startsWith("xl/"))) return "an Excel workbook";
  if (names.some((name) => name.startsWith("ppt/"))) return "a PowerPoint presentation";
  if (names.includes("META-INF/container.xml")) return "an e-book";
  if (names[0] === "mimetype") return "an OpenDocument file";
  return undefined;
}

/** Text of one file: UTF-16 or UTF-8 where it is that, and else Windows-1252, which includes Latin-1. */
function decode(name: string, bytes: Uint8Array): DecodedFile {
  if (bytes.length === 0) throw new Refusal(name, `${name} is empty.`);
  const signature = SIGNATURES.find(([prefix]) => startsWith(bytes, prefix));
  if (signature) throw new Refusal(name, `${name} is ${signature[1]}, not text.`);
  const { text, encoding } = decodeBytes(name, bytes);
  if (text.trim() === "") throw new Refusal(name, `${name} holds nothing but blank space.`);
  if (/^\s*(<!doctype html|<html)/i.test(text)) {
    throw fileError(
      name,
      `${name} is a web page (HTML). Open it in the browser, and copy its text or download the file it offers.`,
    );
  }
  if (/^\s*<\?xml/.test(text)) {
    throw new Refusal(name, `${name} is XML (such as TMX). Convert it to a table first.`);
  }
  return { name, text, encoding };
}

function decodeBytes(name: string, bytes: Uint8Array): { text: string; encoding: string } {
  const utf16 = findUtf16(bytes);
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  if (utf16) {
    const text = new TextDecoder(utf16).decode(bytes);
    if (!isProse(new TextDecoder(utf16).decode(sample.subarray(0, sample.length & ~1)))) throw notText(name);
    return { text, encoding: utf16 === "utf-16le" ? "UTF-16 LE" : "UTF-16 BE" };
  }
  if (!isProse(new TextDecoder("windows-1252").decode(sample))) throw notText(name);
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), encoding: "UTF-8" };
  } catch {
    return { text: new TextDecoder("windows-1252").decode(bytes), encoding: "Windows-1252" };
  }
}

/** UTF-16 by its byte order mark; without one, by the zero byte beside blanks and line ends. */
function findUtf16(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  if (startsWith(bytes, "\xff\xfe")) return "utf-16le";
  if (startsWith(bytes, "\xfe\xff")) return "utf-16be";
  const isBlank = (byte: number | undefined) => byte === 9 || byte === 10 || byte === 13 || byte === 32;
  let little = 0;
  let big = 0;
  for (let i = 0; i + 1 < Math.min(bytes.length, SAMPLE_BYTES); i += 2) {
    if (isBlank(bytes[i]) && bytes[i + 1] === 0) little += 1;
    if (bytes[i] === 0 && isBlank(bytes[i + 1])) big += 1;
  }
  if (little === big) return undefined;
  return little > big ? "utf-16le" : "utf-16be";
}

/** Whether text has next to no control characters and no character that means nothing. */
function isProse(text: string): boolean {
  let odd = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0) return false;
    if (code < 9 || (code > 13 && code < 32) || code === 0xfffd) odd += 1;
  }
  return odd <= text.length / 100;
}

function notText(name: string): Refusal {
  return new Refusal(name, `${name} is not a text file.`);
}

/** Whether the bytes begin with these characters, one byte each. */
function startsWith(bytes: Uint8Array, prefix: string): boolean {
  for (let i = 0; i < prefix.length; i++) if (bytes[i] !== prefix.charCodeAt(i)) return false;
  return true;
}

function fileError(file: string, message: string): SessionError {
  return { code: "file", message, file };
}
