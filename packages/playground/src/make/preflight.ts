/**
 * Looks at a recording before a string is made of it, and says of each thing that matters how it is, and what to do. The
 * looking is the trainer's own; here it becomes rows, and marks on a picture. Free of the DOM.
 */
import { UserError } from "@neural-string/shared";
import { withPeriod } from "@neural-string/shared/sentence";
import { findAttacks } from "@neural-string/trainer/note/attacks";
import { checkRecording, type ProblemId, type RecordingCheck } from "@neural-string/trainer/note/checks";
import { findClipping } from "@neural-string/trainer/note/clipping";
import { estimateF0 } from "@neural-string/trainer/note/f0";
import { endOfSound, findOnset } from "@neural-string/trainer/note/onset";
import { nameOf } from "../instrument/pitch.ts";
import type { Stretch } from "./take.ts";

/** What is looked at, in the order in which it is shown. */
export type CheckName = "level" | "clipping" | "noise" | "onset" | "pitch" | "pluck" | "length";

/** One thing that was looked at. */
export interface CheckRow {
  name: CheckName;
  label: string;
  /** poor: it cannot be learned from like this; fair: the model will inherit it. */
  tone: "good" | "fair" | "poor";
  /** In a few words and figures. */
  value: string;
  /** What is wrong, its cause and what to do; null where nothing is. */
  sentence: string | null;
}

export interface Preflight {
  rows: CheckRow[];
  /** Whether a string can be made of it. */
  isUsable: boolean;
  /** What is learned from, in samples of the whole recording: it begins with the note's onset. */
  stretch: Stretch;
  /** Hz; null where it was not found. */
  f0: number | null;
  /** Of the partials, where it could be told. */
  inharmonicity: number | null;
  /** Seconds from the recording's start: what the picture marks. */
  marks: { onset: number; clipping: number[]; attacks: number[] };
}

/** Hz; below it nothing is heard as a pitch, and above a quarter of the rate no loop is left. */
const LOWEST_F0 = 10;

const LABELS: Record<CheckName, string> = {
  level: "Level",
  clipping: "Clipping",
  noise: "Noise",
  onset: "Onset",
  pitch: "Pitch",
  pluck: "One pluck",
  length: "Length",
};

const ROW_OF: Record<ProblemId, CheckName> = {
  empty: "length",
  "not-finite": "level",
  "too-loud": "level",
  silent: "level",
  "too-short": "length",
  short: "length",
  clipped: "clipping",
  "flat-tops": "clipping",
  "low-level": "level",
  noisy: "noise",
  "second-attack": "pluck",
  offset: "level",
};

/** With these nothing else can be looked at. */
const NO_SOUND: ReadonlySet<ProblemId> = new Set(["empty", "not-finite", "too-loud", "silent"]);

/**
 * Look at a recording.
 * @param samples [samples] mono, the whole recording
 * @param sampleRate Hz
 * @param stretch what of it the person chose; null = from the note's onset to the end of sound
 * @param stated Hz, where the person knows the pitch
 * @throws never
 */
export function preflight(
  samples: Float32Array,
  sampleRate: number,
  stretch: Stretch | null,
  stated: number | null,
): Preflight {
  // of digital silence all is looked at, and called by its name
  const whole = { start: 0, end: endOfSound(samples) || samples.length };
  const chosen = within(stretch ?? whole, samples.length);
  const part = samples.subarray(chosen.start, chosen.end);
  const first = checkRecording(part, sampleRate, { f0: stated ?? undefined });
  const isSound = !first.problems.some(({ id }) => NO_SOUND.has(id));
  const onset = isSound ? findOnset(part, sampleRate) : 0;
  const pitch = isSound ? pitchOf(part.subarray(onset), sampleRate, stated) : NO_PITCH;
  const check = pitch.f0 === null ? first : checkRecording(part, sampleRate, { f0: pitch.f0 });
  const note = part.subarray(onset);
  // at a handle that stands where the note begins, nothing is missing
  const begins = chosen.start === 0 ? 0 : findOnset(samples.subarray(0, chosen.end), sampleRate);
  const isLate = onset === 0 && (chosen.start === 0 || chosen.start > begins + LATE_SECONDS * sampleRate);
  const clipping = isSound ? (findClipping(part, sampleRate)?.starts ?? []) : [];
  const attacks = isSound ? findAttacks(note, sampleRate) : [];
  const values: Record<CheckName, string> = {
    level: isSound ? `peak ${decibels(check.level.peakDb)}` : "no sound",
    clipping: clipping.length === 0 ? "none" : `${clipping.length} flat tops`,
    noise: noiseValue(check),
    onset:
      chosen.start + onset === 0
        ? "at the very start"
        : `at ${((chosen.start + onset) / sampleRate).toFixed(3)} s`,
    pitch: pitch.value,
    pluck: attacks.length === 0 ? "one" : `${attacks.length + 1} attacks`,
    length: `${(note.length / sampleRate).toFixed(1)} s`,
  };
  const rows = (Object.keys(LABELS) as CheckName[]).map((name): CheckRow => {
    const problem = check.problems.find(({ id }) => ROW_OF[id] === name);
    const row = { name, label: LABELS[name], value: values[name] };
    if (name === "pitch") return { ...row, tone: pitch.sentence ? "poor" : "good", sentence: pitch.sentence };
    if (problem) {
      const tone = problem.severity === "error" ? "poor" : "fair";
      return { ...row, tone, sentence: capital(inPage(problem.sentence, chosen.start / sampleRate)) };
    }
    if (name === "onset" && isSound && isLate) {
      return { ...row, tone: "fair", sentence: LATE_START };
    }
    return { ...row, tone: "good", sentence: null };
  });
  return {
    rows,
    isUsable: rows.every(({ tone }) => tone !== "poor"),
    stretch: { start: chosen.start + onset, end: chosen.end },
    f0: pitch.f0,
    inharmonicity: pitch.inharmonicity,
    marks: {
      onset: (chosen.start + onset) / sampleRate,
      clipping: clipping.map((at) => (chosen.start + at) / sampleRate),
      attacks: attacks.map(({ seconds }) => seconds + (chosen.start + onset) / sampleRate),
    },
  };
}

/** A handle this much behind the onset (s) has cut the pluck. */
const LATE_SECONDS = 0.005;
const LATE_START =
  "It starts within the sound, so the pluck itself may be missing; leave a little silence before the note.";

interface Pitch {
  f0: number | null;
  inharmonicity: number | null;
  value: string;
  sentence: string | null;
}

const NO_PITCH: Pitch = { f0: null, inharmonicity: null, value: "not looked for", sentence: null };

function pitchOf(note: Float32Array, sampleRate: number, stated: number | null): Pitch {
  if (stated !== null) {
    const most = sampleRate / 8;
    const isPossible = stated >= LOWEST_F0 && stated <= most;
    const sentence = isPossible
      ? null
      : `The pitch is stated as ${stated} Hz; expected ${LOWEST_F0} to ${most} Hz; state another, or leave it to be found.`;
    return {
      f0: isPossible ? stated : null,
      inharmonicity: null,
      value: `${stated.toFixed(2)} Hz, as stated`,
      sentence,
    };
  }
  try {
    const { f0, inharmonicity } = estimateF0(note, sampleRate);
    return {
      f0,
      inharmonicity: inharmonicity ?? null,
      value: `${f0.toFixed(2)} Hz, ${noteName(f0)}`,
      sentence: null,
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { ...NO_PITCH, value: "not found", sentence: capital(inPage(error.message)) };
  }
}

/** "E2 +3 cents" */
function noteName(f0: number): string {
  const exact = 69 + 12 * Math.log2(f0 / 440);
  const note = Math.round(exact);
  const cents = Math.round(100 * (exact - note));
  return `${nameOf(note)} ${cents < 0 ? "−" : "+"}${Math.abs(cents)} cents`;
}

/**
 * Where the trainer's sentences name options of a command, this page has something to touch; and their times count from
 * the whole recording's start, not from the handle.
 */
function inPage(sentence: string, startSeconds = 0): string {
  return sentence
    .replace(/\bat (\d+\.\d+) s\b/, (_, at) => `at ${(Number(at) + startSeconds).toFixed(2)} s`)
    .replace("choose another channel with --channel, or record", "record")
    .replace(/give (it|another)(?: with)? --f0 HZ/, (_, which) =>
      which === "it" ? "state it below" : "state another below",
    )
    .replace("crop it away", "cut it away with the handles");
}

function capital(sentence: string): string {
  return withPeriod(sentence.charAt(0).toUpperCase() + sentence.slice(1));
}

function noiseValue({ signalToNoiseDb }: RecordingCheck): string {
  if (!(signalToNoiseDb > 0)) return "not told";
  return Number.isFinite(signalToNoiseDb) ? `${Math.round(signalToNoiseDb)} dB below the note` : "none";
}

function decibels(db: number): string {
  return Number.isFinite(db) ? `${db < 0 ? "−" : ""}${Math.abs(db).toFixed(1)} dB` : "none";
}

function within({ start, end }: Stretch, length: number): Stretch {
  const from = Math.max(0, Math.min(length, Math.round(start)));
  return { start: from, end: Math.max(from, Math.min(length, Math.round(end))) };
}
