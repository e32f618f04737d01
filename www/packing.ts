/** Bytes as text that a link can carry: zlib, then base64url. Loaded only where a link has or gets such a part. */

import { Unzlib, zlibSync } from "fflate";
import { LinkError } from "./share";

/** How much is unpacked at a time: what it grows to is known before the next piece is. */
const PIECE_BYTES = 1024;
/** zlib ends with the Adler-32 sum of the bytes that went in. */
const SUM_BYTES = 4;

/** Packs bytes. */
export function pack(bytes: Uint8Array): string {
  const packed = zlibSync(bytes, { level: 9 });
  const characters = Array.from(packed, (byte) => String.fromCharCode(byte)).join("");
  return btoa(characters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Unpacks what `pack` made.
 *
 * @param name what it is, to begin a sentence with: "The network in the link"
 * @param most bytes that it may grow to
 * @throws LinkError
 */
export function unpack(text: string, name: string, most: number): Uint8Array {
  const stray = /[^A-Za-z0-9_-]/u.exec(text)?.[0];
  if (stray) throw new LinkError(`${name} is damaged: “${stray}” cannot stand in it. Copy the link again, whole.`);
  const packed = decode(text, name);
  const pieces: Uint8Array[] = [];
  let grown = 0;
  let whole = false;
  const stream = new Unzlib((piece, last) => {
    pieces.push(piece);
    grown += piece.length;
    whole = last;
    if (grown > most) {
      const limit = Math.round(most / 1024);
      throw new LinkError(
        `${name} unpacks to more than ${limit} KB, which no link of this page does. It was left out.`,
      );
    }
  });
  try {
    for (let start = 0; start < packed.length; start += PIECE_BYTES) {
      const end = start + PIECE_BYTES;
      stream.push(packed.subarray(start, end), end >= packed.length);
    }
  } catch (error) {
    if (error instanceof LinkError) throw error;
    throw cut(name);
  }
  const bytes = new Uint8Array(grown);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  // The library makes the sum, but does not compare it.
  const sum = zlibSync(bytes, { level: 0 }).subarray(-SUM_BYTES);
  if (!whole || packed.subarray(-SUM_BYTES).some((byte, i) => byte !== sum[i])) throw cut(name);
  return bytes;
}

function decode(text: string, name: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) =>
      character.charCodeAt(0),
    );
  } catch {
    throw cut(name);
  }
}

function cut(name: string): LinkError {
  return new LinkError(
    `${name} is cut off or was changed on its way, as messengers do with long links. Ask for the link again, in a file or an e-mail.`,
  );
}
