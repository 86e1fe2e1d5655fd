/**
 * From the bytes of a recording to a checked, mono, cropped decay with its f0. Free of node, so that a page can look at
 * a recording as training does; prepare.ts adds files and a cache.
 */
import { UserError } from "@neural-string/shared";
import { decodeAudio, pickChannel } from "../audio/decode.ts";
import { resample } from "../audio/resample.ts";
import { checkRecording } from "./checks.ts";
import { estimateF0 } from "./f0.ts";
import { estimateNoiseFloor } from "./noise-floor.ts";
import { endOfSound, findOnset } from "./onset.ts";

/** Hz; below it nothing is heard as a pitch. */
const LOWEST_F0 = 10;

/** What to do with a recording. */
export interface AnalysisOptions {
  /** From 0; default 0. */
  channel?: number;
  /** Hz; default the file's own. */
  sampleRate?: number;
  /** Hz, when the person knows it; default: estimated. */
  f0?: number;
  /** "decay": from the onset on, without digital zeros at the end; "all": the whole file. */
  crop: "decay" | "all";
}

/** What is known of a recording's samples. */
export interface Analysis {
  /** Hz, of everything here that counts in samples. */
  sampleRate: number;
  /** Hz, of the file. */
  sourceSampleRate: number;
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
  /** What was noticed, each a sentence. */
  sentences: string[];
}

/**
 * Read, check, crop and analyse a recording of one plucked string.
 * @param bytes the whole file, in any format that decode.ts reads
 * @param name what sentences begin with
 * @throws UserError, beginning with the name, for every reason not to use the recording
 */
export async function analyseRecording(
  bytes: Uint8Array,
  name: string,
  options: AnalysisOptions,
): Promise<{ header: Analysis; samples: Float32Array }> {
  const decoded = await decodeAudio(bytes, name);
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
): Pick<Analysis, "f0" | "f0Source" | "f0Confidence" | "inharmonicity"> {
  if (given !== undefined) return { f0: given, f0Source: "given", f0Confidence: 1 };
  try {
    const { f0, confidence, inharmonicity } = estimateF0(note, sampleRate);
    return { f0, f0Source: "estimated", f0Confidence: confidence, inharmonicity };
  } catch (error) {
    throw error instanceof UserError ? new UserError(`${name}: ${error.message}`) : error;
  }
}
