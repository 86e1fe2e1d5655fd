/**
 * From a file's path to a checked, mono, cropped decay with its f0: what training, rendering and judging start from.
 * Results are cached by content, so a second run reads neither decoder nor detectors. The commands call it.
 */
import { basename } from "node:path";
import { cacheFolder, cacheKey, readCache, writeCache } from "../audio/cache.ts";
import { readFileBytes } from "../audio/read-recording.ts";
import { type Analysis, type AnalysisOptions, analyseRecording } from "./analyse.ts";

/** Changes whenever a cached result would come out differently: decoders, resampler, onset, f0, checks. */
const VERSION = 3;

/** What to do with a recording. */
export interface PrepareOptions extends AnalysisOptions {
  /** Default: see `cacheFolder`. */
  cacheDir?: string;
}

/** A recording ready to learn from. */
export interface PreparedRecording extends Omit<Analysis, "sentences"> {
  /** The file's name without its folder. */
  name: string;
  path: string;
  /** SHA-256 of the file's bytes. */
  contentHash: string;
  /** Mono, full scale ±1. */
  samples: Float32Array;
  /** Warnings and notes, each a sentence that begins with the file's name. */
  checks: string[];
}

/**
 * Read, check, crop and analyse a recording of one plucked string.
 * The tail is cut only where it is exact digital silence: noise at the end is kept, since losses and metrics need to
 * see the noise floor to leave it out.
 * @param path WAV, AIFF, OGG, FLAC or MP3
 * @param options see `PrepareOptions`
 * @returns see `PreparedRecording`
 * @throws UserError, beginning with the file's name, for every reason not to use the recording
 */
export async function prepareRecording(path: string, options: PrepareOptions): Promise<PreparedRecording> {
  const name = basename(path);
  const file = await readFileBytes(path);
  const folder = options.cacheDir ?? cacheFolder();
  const settings = {
    channel: options.channel ?? 0,
    sampleRate: options.sampleRate ?? null,
    f0: String(options.f0), // not null for NaN, as JSON would have it
    crop: options.crop,
  };
  const key = cacheKey(file.contentHash, settings, VERSION);

  const cached = await readCache<Analysis>(folder, key);
  const entry = cached ?? (await analyseRecording(file.bytes, name, options));
  const { sentences, ...analysis } = entry.header;
  const note = cached ? undefined : await writeCache(folder, key, entry);
  const checks = [...sentences, ...(note ? [note] : [])].map((sentence) => `${name}: ${sentence}`);
  return { name, path, contentHash: file.contentHash, ...analysis, samples: entry.samples, checks };
}
