/**
 * Everything of the instrument that a person can set: one table of what there is, in which range, and what it is called.
 * Sliders, links and presets are made from it, and nothing reaches the audio thread that has not passed through here.
 */
import { OPEN, QUALITIES, ROOTS } from "./chords.ts";
import { GUITAR_TUNINGS, HIGHEST_NOTE, LOWEST_NOTE } from "./pitch.ts";

/** A setting that is a number. */
export interface NumberSetting {
  kind: "number";
  label: string;
  /** One sentence, for whoever wonders. */
  help: string;
  from: number;
  to: number;
  step: number;
  initial: number;
  /** As it is shown and read out. */
  show: (value: number) => string;
}

const percent = (value: number) => `${Math.round(100 * value)} %`;
const signed = (value: number, unit: string) => `${value > 0 ? "+" : ""}${value} ${unit}`;

function slider(
  label: string,
  help: string,
  range: [from: number, to: number, step: number, initial: number],
  show: (value: number) => string,
): NumberSetting {
  const [from, to, step, initial] = range;
  return { kind: "number", label, help, from, to, step, initial, show };
}

/** The numbers, in the order in which they are shown. */
export const NUMBERS = {
  damping: slider(
    "Damping",
    "How much sooner everything dies, like a strip of felt. At once, also for what rings.",
    [0, 1, 0.01, 0],
    (value) => (value === 0 ? "as learned" : percent(value)),
  ),
  brightness: slider(
    "Brightness",
    "Down: treble dies sooner in the loop itself. Up: treble is lifted after it. At once.",
    [-1, 1, 0.01, 0],
    (value) => (value === 0 ? "as learned" : `${value > 0 ? "+" : ""}${Math.round(100 * value)} %`),
  ),
  tune: slider("Tuning", "Of everything that sounds. At once.", [-100, 100, 1, 0], (value) =>
    signed(value, "cents"),
  ),
  stiffness: slider(
    "Stiffness",
    "How far partials spread: from an ideal string to a bar. The strings are tuned anew, for the notes to come.",
    [0, 4, 0.05, 1],
    (value) => (value === 1 ? "as learned" : `× ${value.toFixed(2)}`),
  ),
  polarisation: slider(
    "Polarisation",
    "A string swings in two planes. Less or more of the second, which dies first. At once.",
    [-1, 1, 0.01, 0],
    (value) => (value === 0 ? "as learned" : `${value > 0 ? "+" : ""}${Math.round(100 * value)} %`),
  ),
  position: slider(
    "Pluck position",
    "For notes from keys and MIDI; on the strings it is where you pluck.",
    [0, 0.5, 0.01, 0],
    (value) => (value === 0 ? "as recorded" : `${Math.round(100 * value)} % from the bridge`),
  ),
  softness: slider(
    "Soft touch",
    "How much duller a gentle pluck is than a hard one.",
    [0, 1, 0.01, 0.5],
    percent,
  ),
  release: slider(
    "Release",
    "How long a note takes to die once it is let go.",
    [0.03, 8, 0.01, 0.2],
    (value) => `${value.toFixed(2)} s`,
  ),
  strum: slider("Strum time", "From string to string.", [0, 120, 1, 22], (value) => `${value} ms`),
  capo: slider("Capo", "Fret at which all strings begin.", [0, 12, 1, 0], (value) =>
    value === 0 ? "none" : `fret ${value}`,
  ),
  octave: slider("Keyboard from", "The C at which the keys begin.", [1, 5, 1, 3], (value) => `C${value}`),
  polyphony: slider(
    "Voices",
    "Notes that sound at once; one more takes the place of the quietest.",
    [16, 48, 8, 24],
    (value) => `${value}`,
  ),
  volume: slider("Volume", "Before the limiter.", [-36, 12, 1, 0], (value) => signed(value, "dB")),
} satisfies Record<string, NumberSetting>;

export type NumberName = keyof typeof NUMBERS;
export const NUMBER_NAMES = Object.keys(NUMBERS) as NumberName[];

export interface Settings extends Record<NumberName, number> {
  /** The id of a model that ships, or "own" for one that was dropped. */
  model: string;
  /** MIDI notes of the six open strings, the lowest first. */
  strings: readonly number[];
  /** Of `ROOTS`; "open" = open strings. */
  chord: string;
  /** The id of one of `QUALITIES`. */
  quality: string;
  /** The palm lies on the strings. */
  palm: boolean;
}

export const STRINGS = 6;
/** What a model is called that no link can carry. */
export const OWN_MODEL = "own";
/** What a model is called that was made on this site and handed over in the browser; no link carries it either. */
export const MADE_MODEL = "made";

/** As it is for whoever comes without a link. */
export function initialSettings(model: string): Settings {
  const numbers = Object.fromEntries(NUMBER_NAMES.map((name) => [name, NUMBERS[name].initial]));
  const strings = GUITAR_TUNINGS[0].notes;
  return {
    ...(numbers as Record<NumberName, number>),
    model,
    strings,
    chord: OPEN,
    quality: QUALITIES[0].id,
    palm: false,
  };
}

/** What is wrong with a value, in one sentence without its end; undefined = nothing. */
export function complaint(name: keyof Settings, value: unknown): string | undefined {
  if (Object.hasOwn(NUMBERS, name)) {
    const { from, to, step } = NUMBERS[name as NumberName];
    const isWhole = step < 1 || Number.isInteger(value);
    if (typeof value === "number" && value >= from && value <= to && isWhole) return undefined;
    return `${name}: expected ${step < 1 ? "" : "a whole number, "}${from} to ${to}, got ${show(value)}`;
  }
  switch (name) {
    case "model":
      if (typeof value === "string" && /^[a-z0-9][a-z0-9-]{0,39}$/.test(value)) return undefined;
      return `model: expected the name of a model, got ${show(value)}`;
    case "strings": {
      const isNote = (note: unknown) =>
        Number.isInteger(note) && Number(note) >= LOWEST_NOTE && Number(note) <= 76;
      if (Array.isArray(value) && value.length === STRINGS && value.every(isNote)) return undefined;
      return `strings: expected ${STRINGS} notes from ${LOWEST_NOTE} to 76, got ${show(value)}`;
    }
    case "chord":
      if (ROOTS.includes(value as string)) return undefined;
      return `chord: expected one of ${ROOTS.join(", ")}, got ${show(value)}`;
    case "quality":
      if (QUALITIES.some(({ id }) => id === value)) return undefined;
      return `quality: expected one of ${QUALITIES.map(({ id }) => id).join(", ")}, got ${show(value)}`;
    case "palm":
      return typeof value === "boolean" ? undefined : `palm: expected yes or no, got ${show(value)}`;
    default:
      return `${name}: not a setting of this instrument`;
  }
}

function show(value: unknown): string {
  const text = Array.isArray(value) ? value.join(".") : String(value);
  return text === "" ? "nothing" : text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** The open strings as they sound, with the capo on. */
export function openNotes({ strings, capo }: Settings): number[] {
  return strings.map((note) => Math.min(HIGHEST_NOTE, note + capo));
}

/** The keyboards some octaves higher, as far as they go. */
export function shifted({ octave }: Settings, octaves: number): Partial<Settings> {
  const { from, to } = NUMBERS.octave;
  return { octave: Math.min(to, Math.max(from, octave + octaves)) };
}
