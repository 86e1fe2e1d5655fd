/**
 * Walks the chunk list that WAV (RIFF, little-endian) and AIFF (IFF, big-endian) files consist of.
 * Every size in the file is distrusted: a chunk is cut at the end of the bytes. wav.ts and aiff.ts call it.
 */

/** Real files have a dozen; a file of zeros would otherwise give one chunk per 8 bytes. */
const MAX_CHUNKS = 4096;

/** One chunk as found in the file. */
export interface Chunk {
  /** Four characters, e.g. "fmt ". */
  id: string;
  /** Offset of the first byte after id and size. */
  start: number;
  /** Bytes as the file claims (0 to 2^32 - 1, or more through `longSize`). */
  claimedSize: number;
  /** Bytes that are really there: min(claimedSize, rest of the file). */
  size: number;
}

/**
 * List the chunks of a file.
 * @param bytes the whole file
 * @param littleEndian true for RIFF, false for IFF
 * @param longSize the true size of a chunk whose 32-bit field is too small (RF64), or undefined to believe the field
 * @returns at most 4096 chunks in file order, from offset 12 on; the last one may be shorter than it claims
 * @throws never
 */
export function listChunks(
  bytes: Uint8Array,
  littleEndian: boolean,
  longSize?: (id: string, field: number) => number | undefined,
): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  let at = 12;
  while (at + 8 <= bytes.length && chunks.length < MAX_CHUNKS) {
    const id = fourCharacters(bytes, at);
    const field = view.getUint32(at + 4, littleEndian);
    const claimedSize = longSize?.(id, field) ?? field;
    const start = at + 8;
    chunks.push({ id, start, claimedSize, size: Math.min(claimedSize, bytes.length - start) });
    at = start + claimedSize + (claimedSize % 2); // chunks start at even offsets
  }
  return chunks;
}

/**
 * Read a four-character code.
 * @param bytes the whole file
 * @param at offset; bytes beyond the end are left out
 * @returns up to four characters, one per byte (Latin-1)
 * @throws never
 */
export function fourCharacters(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
