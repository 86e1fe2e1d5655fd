/**
 * Keeps decoded, resampled and analysed recordings on disk, named after what they were made from.
 * Decoding and analysing twenty seconds takes about a second per run otherwise. note/prepare.ts calls it; a cache that
 * cannot be read or written is never an error, only a note.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

// write-file-atomic has no types; it writes beside the file, syncs and renames
const writeFileAtomic = createRequire(import.meta.url)("write-file-atomic") as (
  file: string,
  data: Uint8Array,
) => Promise<void>;

/** First bytes of an entry; the digit counts versions of this layout. */
const MAGIC = "NSCACHE1";
const DIGEST_BYTES = 32;
/** magic, SHA-256 of everything after it, length of the JSON text (u32, little-endian) */
const HEADER_BYTES = MAGIC.length + DIGEST_BYTES + 4;

/** What one entry holds. */
export interface CacheEntry<Header> {
  /** Anything JSON can carry. */
  header: Header;
  /** Mono. */
  samples: Float32Array;
}

/**
 * Choose the cache's folder: NEURAL_STRING_CACHE, or node_modules/.cache/neural-string of the project around `from`.
 * @param from a folder; default the current one; its nearest parent with a package.json and node_modules is the project
 * @returns an absolute path, which need not exist; without a project, `.cache/neural-string` in `from`
 * @throws never
 */
export function cacheFolder(from: string = process.cwd()): string {
  const chosen = process.env.NEURAL_STRING_CACHE;
  if (chosen) return resolve(chosen);
  let project: string | undefined;
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    // the outermost one: a workspace has one cache, from whichever package a command is run
    if (existsSync(join(folder, "package.json")) && existsSync(join(folder, "node_modules")))
      project = folder;
    if (dirname(folder) === folder) break;
  }
  return project
    ? join(project, "node_modules", ".cache", "neural-string")
    : resolve(from, ".cache", "neural-string");
}

/**
 * Name an entry after everything its content depends on.
 * @param contentHash SHA-256 of the file's bytes
 * @param settings anything JSON can carry; the order of its keys counts
 * @param version number that changes when the code that makes the entry does
 * @returns 64 hexadecimal digits
 * @throws never
 */
export function cacheKey(contentHash: string, settings: unknown, version: number): string {
  return createHash("sha256")
    .update(JSON.stringify([version, contentHash, settings]))
    .digest("hex");
}

/**
 * Read an entry.
 * @returns the entry, or undefined when it is missing, damaged, cut off or unreadable
 * @throws never
 */
export async function readCache<Header>(
  folder: string,
  key: string,
): Promise<CacheEntry<Header> | undefined> {
  try {
    return unpack<Header>(await readFile(entryPath(folder, key)));
  } catch {
    return undefined;
  }
}

/**
 * Write an entry, atomically; an existing one is replaced.
 * @returns undefined, or one sentence that says why nothing was kept (disk full, no permission)
 * @throws never
 */
export async function writeCache<Header>(
  folder: string,
  key: string,
  entry: CacheEntry<Header>,
): Promise<string | undefined> {
  try {
    await mkdir(folder, { recursive: true });
    await writeFileAtomic(entryPath(folder, key), pack(entry));
    return undefined;
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    return `not cached in ${folder} (${reason}); the next run will read the recording again`;
  }
}

function entryPath(folder: string, key: string): string {
  return join(folder, `${key}.recording`);
}

/** magic | SHA-256 | length of JSON | JSON, padded with spaces to 4 bytes | float32 samples (little-endian) */
function pack<Header>({ header, samples }: CacheEntry<Header>): Uint8Array {
  const text = Buffer.from(JSON.stringify({ samples: samples.length, header }));
  const json = Buffer.concat([text, Buffer.alloc((4 - (text.length % 4)) % 4, " ")]);
  const bytes = Buffer.alloc(HEADER_BYTES + json.length + samples.length * 4);
  bytes.write(MAGIC, 0, "latin1");
  bytes.writeUInt32LE(json.length, MAGIC.length + DIGEST_BYTES);
  json.copy(bytes, HEADER_BYTES);
  const start = HEADER_BYTES + json.length;
  for (let i = 0; i < samples.length; i++) bytes.writeFloatLE(samples[i], start + i * 4);
  digestOf(bytes).copy(bytes, MAGIC.length);
  return bytes;
}

function unpack<Header>(bytes: Buffer): CacheEntry<Header> | undefined {
  const stored = bytes.subarray(MAGIC.length, MAGIC.length + DIGEST_BYTES);
  const genuine = bytes.toString("latin1", 0, MAGIC.length) === MAGIC && stored.equals(digestOf(bytes));
  if (!genuine) return undefined;
  const start = HEADER_BYTES + bytes.readUInt32LE(MAGIC.length + DIGEST_BYTES);
  const { header, samples: count } = JSON.parse(bytes.toString("utf8", HEADER_BYTES, start));
  const samples = new Float32Array(count);
  for (let i = 0; i < count; i++) samples[i] = bytes.readFloatLE(start + i * 4);
  return { header, samples };
}

function digestOf(bytes: Buffer): Buffer {
  return createHash("sha256")
    .update(bytes.subarray(MAGIC.length + DIGEST_BYTES))
    .digest();
}
