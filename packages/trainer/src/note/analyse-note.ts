/**
 * From the samples of a recording to a checked, cropped decay with its f0: what training sees of it. Free of node and of
 * decoders: analyse.ts brings the bytes of a file, a page's worker what a microphone heard.
 */
import { UserError } from "@neural-string/shared";
import { resample } from "../audio/resample.ts";
import { checkRecording } from "./checks.ts";
import { estimateF0 } from "./f0.ts";
import { estimateNoiseFloor } from "./noise-floor.ts";
import { endOfSound, findOnset } from "./onset.ts";

/** Hz; below it nothing is heard as a pitch. */
const LOWEST_F0 = 10;

/** What to do with samples. */
export interface NoteOptions {
  /** Hz; default the recording's own. */
  sampleRate?: number;
  /** Hz, when the person knows it; default: estimated. */
  f0?: number;
  /** First sample of the note, at the recording's own rate; default: found. */
  onset?: number;
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
 * Check, crop and analyse a recording of one plucked string.
 * @param source mono, full scale +-1
 * @param sourceSampleRate Hz
 * @param name what sentences begin with
 * @param notes sentences about how the samples were come by; the first of those that are returned
 * @throws UserError, beginning with the name, for every reason not to use the recording
 */
export function analyseNote(
  source: Float32Array,
  sourceSampleRate: number,
  name: string,
  options: NoteOptions,
  notes: readonly string[] = [],
): { header: Analysis; samples: Float32Array } {
  const sentences = [...notes];
  const sampleRate = options.sampleRate ?? sourceSampleRate;
  if (sampleRate !== sourceSampleRate)
    sentences.push(`resampled from ${sourceSampleRate} to ${sampleRate} Hz`);

  if (options.f0 !== undefined && !(options.f0 >= LOWEST_F0 && options.f0 <= sampleRate / 4)) {
    const range = `${LOWEST_F0} to ${sampleRate / 4} Hz`;
    throw new UserError(
      `${name}: --f0 is ${options.f0}; expected ${range}; give the pitch in Hz, or leave it out`,
    );
  }

  // the checks look at what was recorded: resampling would round off flat tops
  refuse(name, checkRecording(source, sourceSampleRate, { f0: options.f0 }));
  const samples = resample(source, sourceSampleRate, sampleRate);
  const onset =
    options.onset === undefined
      ? findOnset(samples, sampleRate)
      : Math.round((options.onset * sampleRate) / sourceSampleRate);
  const estimate = chooseF0(samples.subarray(onset), sampleRate, name, options.f0);
  const check = checkRecording(source, sourceSampleRate, { f0: estimate.f0 });
  refuse(name, check);

  const start = options.crop === "decay" ? onset : 0;
  const end = options.crop === "decay" ? endOfSound(samples) : samples.length;
  const header: Analysis = {
    sampleRate,
    sourceSampleRate,
    offset: start,
    onset,
    ...estimate,
    noiseFloor: estimateNoiseFloor(samples, sampleRate, estimate.f0), // of these samples, not of the file's
    sentences: [...sentences, ...check.problems.map((problem) => problem.sentence)],
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
