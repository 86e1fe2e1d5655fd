/**
 * From a file's path to a checked, mono, cropped decay with its f0: what training, rendering and judging start from.
 * Results are cached by content, so a second run reads neither decoder nor detectors. The commands call it.
 */
import { basename } from "node:path";
import { UserError } from "@neural-string/shared";
import { cacheFolder, cacheKey, readCache, writeCache } from "../audio/cache.ts";
import { decodeAudio, type FileBytes, pickChannel, readFileBytes } from "../audio/read-recording.ts";
import { resample } from "../audio/resample.ts";
import { checkRecording } from "./checks.ts";
import { estimateF0 } from "./f0.ts";
import { estimateNoiseFloor } from "./noise-floor.ts";
import { endOfSound, findOnset } from "./onset.ts";

/** Changes whenever a cached result would come out differently: decoders, resampler, onset, f0, checks. */
const VERSION = 2;
/** Hz; below it nothing is heard as a pitch. */
const LOWEST_F0 = 10;

/** What to do with a recording. */
export interface PrepareOptions {
  /** From 0; default 0. */
  channel?: number;
  /** Hz; default the file's own. */
  sampleRate?: number;
  /** Hz, when the person knows it; default: estimated. */
  f0?: number;
  /** "decay": from the onset on, without digital zeros at the end; "all": the whole file. */
  crop: "decay" | "all";
  /** Default: see `cacheFolder`. */
  cacheDir?: string;
}

/** A recording ready to learn from. */
export interface PreparedRecording {
  /** The file's name without its folder. */
  name: string;
  path: string;
  /** SHA-256 of the file's bytes. */
  contentHash: string;
  /** Hz, of everything here that counts in samples. */
  sampleRate: number;
  /** Hz, of the file. */
  sourceSampleRate: number;
  /** Mono, full scale ±1. */
  samples: Float32Array;
  /** Where samples[0] lies, in samples from the start of the file (at `sampleRate`): file index = offset + index. */
  offset: number;
  /** First sample of the note, in samples from the start of the file (at `sampleRate`). */
  onset: number;
  /** Hz. */
  f0: number;
  f0Source: "given" | "estimated";
  /** 0 to 1; 1 when given. */
  f0Confidence: number;
  /** B, when estimated from three partials or more. */
  inharmonicity?: number;
  /** RMS of the recording's own noise, full scale ±1. */
  noiseFloor: { rms: number };
  /** Warnings and notes, each a sentence that begins with the file's name. */
  checks: string[];
}

/** What the cache keeps: all but the samples and what the caller knows. */
type Analysis = Omit<PreparedRecording, "samples" | "path" | "name" | "checks" | "contentHash"> & {
  sentences: string[];
};

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
  const entry = cached ?? (await analyse(file, name, options));
  const { sentences, ...analysis } = entry.header;
  const note = cached ? undefined : await writeCache(folder, key, entry);
  const checks = [...sentences, ...(note ? [note] : [])].map((sentence) => `${name}: ${sentence}`);
  return { name, path, contentHash: file.contentHash, ...analysis, samples: entry.samples, checks };
}

async function analyse(
  file: FileBytes,
  name: string,
  options: PrepareOptions,
): Promise<{ header: Analysis; samples: Float32Array }> {
  const decoded = await decodeAudio(file.bytes, name);
  const { samples: source, notes } = pickChannel(decoded, name, options.channel ?? 0);
  const sampleRate = options.sampleRate ?? decoded.sampleRate;
  if (sampleRate !== decoded.sampleRate)
    notes.push(`resampled from ${decoded.sampleRate} to ${sampleRate} Hz`);

  if (options.f0 !== undefined && !(options.f0 >= LOWEST_F0 && options.f0 <= sampleRate / 4)) {
    const range = `${LOWEST_F0} to ${sampleRate / 4} Hz`;
    throw new UserError(
      `${name}: --f0 is ${options.f0}; expected ${range}; give the pitch in Hz, or leave it out`,
    );
  }

  // the checks look at what was recorded: resampling would round off flat tops
  refuse(name, checkRecording(source, decoded.sampleRate, { f0: options.f0 }));
  const samples = resample(source, decoded.sampleRate, sampleRate);
  const onset = findOnset(samples, sampleRate);
  const estimate = chooseF0(samples.subarray(onset), sampleRate, name, options.f0);
  const check = checkRecording(source, decoded.sampleRate, { f0: estimate.f0 });
  refuse(name, check);

  const start = options.crop === "decay" ? onset : 0;
  const end = options.crop === "decay" ? endOfSound(samples) : samples.length;
  const header: Analysis = {
    sampleRate,
    sourceSampleRate: decoded.sampleRate,
    offset: start,
    onset,
    ...estimate,
    noiseFloor: estimateNoiseFloor(samples, sampleRate, estimate.f0), // of these samples, not of the file's
    sentences: [...notes, ...check.problems.map((problem) => problem.sentence)],
  };
  return { header, samples: samples.slice(start, end) };
}

function refuse(name: string, check: ReturnType<typeof checkRecording>): void {
  const error = check.problems.find((problem) => problem.severity === "error");
  if (error) throw new UserError(`${name}: ${error.sentence}`);
}

function chooseF0(
  note: Float32Array,
  sampleRate: number,
  name: string,
  given?: number,
): Pick<PreparedRecording, "f0" | "f0Source" | "f0Confidence" | "inharmonicity"> {
  if (given !== undefined) return { f0: given, f0Source: "given", f0Confidence: 1 };
  try {
    const { f0, confidence, inharmonicity } = estimateF0(note, sampleRate);
    return { f0, f0Source: "estimated", f0Confidence: confidence, inharmonicity };
  } catch (error) {
    throw error instanceof UserError ? new UserError(`${name}: ${error.message}`) : error;
  }
}
