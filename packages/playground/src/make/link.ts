/**
 * A whole string in a link, for those small enough: the model's bytes, compressed, after the "#", which browsers send to
 * nobody. Free of the DOM.
 */
import { UserError } from "@neural-string/shared";

/** Of what a link holds; a page that meets a later one says so. */
const VERSION = "1";
const PREFIX = "string=";
/** Characters: what current browsers open whole, and a clipboard carries. */
export const MOST_CHARACTERS = 400_000;
/** A link may unpack to this much, and no more: a small one must not fill the memory. */
const MOST_BYTES = 8_000_000;
/** Bytes of a float: lying plane by plane, the similar ones beside each other, they compress better. */
const PLANES = 4;

/** Pack a model. @returns what comes after the "#", whatever its length */
export async function packModel(bytes: Uint8Array): Promise<string> {
  const packed = await through(planes(bytes), new CompressionStream("deflate-raw"), MOST_BYTES);
  return `${PREFIX}${VERSION}.${base64url(packed)}`;
}

/**
 * Unpack a model.
 * @param hash with or without the "#"
 * @returns the model's bytes, not checked to be one; null for a hash that means something else
 * @throws UserError for a link that is damaged, cut off, or of a later version
 */
export async function unpackModel(hash: string): Promise<Uint8Array | null> {
  const text = hash.replace(/^#/, "");
  if (!text.startsWith(PREFIX)) return null;
  const [, version, packed] = /^(\d+)\.([\w-]*)$/.exec(text.slice(PREFIX.length)) ?? [];
  if (packed === undefined) throw damaged("it holds characters that no such link has");
  if (version !== VERSION) {
    throw new UserError(
      `This link is of version ${version}, and this page knows version ${VERSION}; reload the page, or ask for a new link.`,
    );
  }
  let shuffled: Uint8Array;
  try {
    shuffled = await through(fromBase64url(packed), new DecompressionStream("deflate-raw"), MOST_BYTES);
  } catch (error) {
    throw error instanceof UserError ? error : damaged("its end is missing, or a part was changed");
  }
  return joined(shuffled);
}

function damaged(why: string): UserError {
  return new UserError(`This link carries no whole string: ${why}; ask for it again, or for the file.`);
}

/** @throws UserError where more comes out than `most` bytes */
async function through(
  bytes: Uint8Array,
  transform: CompressionStream | DecompressionStream,
  most: number,
): Promise<Uint8Array> {
  const source = new Blob([bytes as BlobPart]).stream();
  const reader = source.pipeThrough(transform as ReadableWritablePair<Uint8Array, BufferSource>).getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) {
      await reader.cancel();
      throw damaged(`it unpacks to more than ${most / 1e6} MB`);
    }
    parts.push(value);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Every fourth byte together; what does not fill a float stays at the end. */
function planes(bytes: Uint8Array): Uint8Array {
  const count = Math.floor(bytes.length / PLANES);
  const out = bytes.slice();
  for (let i = 0; i < count * PLANES; i++) out[(i % PLANES) * count + Math.floor(i / PLANES)] = bytes[i];
  return out;
}

function joined(bytes: Uint8Array): Uint8Array {
  const count = Math.floor(bytes.length / PLANES);
  const out = bytes.slice();
  for (let i = 0; i < count * PLANES; i++) out[i] = bytes[(i % PLANES) * count + Math.floor(i / PLANES)];
  return out;
}

function base64url(bytes: Uint8Array): string {
  let text = "";
  // a call takes only so many arguments
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64url(text: string): Uint8Array {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
