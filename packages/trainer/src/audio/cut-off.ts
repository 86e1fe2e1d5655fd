/**
 * Notices compressed files that end before their sound does: a download that broke off, say. The decoder libraries
 * give what is there and stay silent about the rest; compressed.ts asks here and adds a note.
 */
import { fourCharacters } from "./chunks.ts";

/** Bit of an OGG page's header type that says: the last page of its stream. */
const LAST_PAGE = 4;

/**
 * Whether an OGG file breaks off: its last page is cut, or says that another was to come.
 * Source: RFC 3533 (page layout).
 */
export function isOggCutOff(bytes: Uint8Array): boolean {
  let at = 0;
  let saysLast = false;
  while (at + 27 <= bytes.length && fourCharacters(bytes, at) === "OggS") {
    const segments = bytes[at + 26];
    const table = bytes.subarray(at + 27, at + 27 + segments);
    const end = at + 27 + segments + table.reduce((sum, length) => sum + length, 0);
    if (table.length < segments || end > bytes.length) return true;
    saysLast = (bytes[at + 5] & LAST_PAGE) !== 0;
    at = end;
  }
  return !saysLast;
}

/**
 * How many frames a FLAC file says it has.
 * @returns null where it does not say, or is wrapped in something else
 * Source: RFC 9639, section 8.2 (STREAMINFO).
 */
export function flacFrames(bytes: Uint8Array): number | null {
  if (bytes.length < 26 || fourCharacters(bytes, 0) !== "fLaC" || (bytes[4] & 0x7f) !== 0) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames = (bytes[21] & 0x0f) * 2 ** 32 + view.getUint32(22);
  return frames > 0 ? frames : null;
}
