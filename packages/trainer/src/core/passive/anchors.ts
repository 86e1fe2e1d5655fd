/**
 * What a model of several notes begins with: a filter per note, each from the recordings of its own note, under a network
 * that goes from one to the next as the pitch rises. Strings of an instrument differ in gauge, tension and stiffness,
 * so that one law of damping, carried from pitch to pitch, fits none of them (docs/LOG.md, 2026-11-27).
 */
import { ONE_NOTE_CENTS } from "../controls.ts";
import type { Random } from "../random.ts";
import type { LevelNetwork } from "./glide.ts";
import type { LoopSpectrum } from "./spectral-form.ts";
import type { Start } from "./start.ts";
import {
  FRESH_WEIGHT,
  type MixtureShape,
  networkTensors,
  type Parameters,
  startParameters,
} from "./variables.ts";

/** What a filter begins as. */
export interface Anchor {
  /** Octaves above the model's pitch, as the network hears it. */
  pitch: number;
  /** Which of the notes, from the lowest. */
  note: number;
  /** Which of the filters at this pitch, from the softest. */
  layer: number;
}

/** How much less the next note's filter is worth than a note's own, at that note's pitch: e to the power of this. */
const APART = 10;
/** The same of a soft and a loud filter of one note, far from where they change places. */
const LAYERS_APART = 4;
/**
 * Between two notes the border lies at this part of the way, and half of the way further its tanh has come to this argument.
 * Filters whose phases differ cancel each other where both count, so a note between two takes one of them; the upper one
 * where it lies in the middle, which was found to carry better (docs/LOG.md, 2026-11-27).
 */
const BORDER = 0.4;
const STEEP = 6;
/** The same of two levels, between which filters may go over into each other. */
const GENTLE = 1.5;
/** From layer to layer levels fall by so much, of the network's input (1 is 20 dB); the first step lies below the loudest. */
const LAYER = 0.75;
/** Inputs of the network: level, change, pitch. */
const [LEVEL, PITCH] = [0, 2];

/** The recordings of each note, from the lowest: indices. @param pitches cents, of every recording */
export function notesOf(pitches: readonly number[]): number[][] {
  const rising = pitches.map((_, i) => i).sort((a, b) => pitches[a] - pitches[b]);
  const notes: number[][] = [];
  for (const i of rising) {
    const note = notes.at(-1);
    if (note !== undefined && pitches[i] - pitches[note[0]] < ONE_NOTE_CENTS) note.push(i);
    else notes.push([i]);
  }
  return notes;
}

/**
 * Where filters begin: spread evenly over the notes where they are fewer; else every note has its own, and further ones for
 * other levels, the lower notes first.
 * @param octaves pitch of each note, rising; two at least
 * @param filters two at least
 */
export function anchorsOf(octaves: readonly number[], filters: number): Anchor[] {
  const notes = octaves.length;
  if (filters < notes) {
    return Array.from({ length: filters }, (_, k) => {
      const note = Math.round((k * (notes - 1)) / (filters - 1));
      return { pitch: octaves[note], note, layer: 0 };
    });
  }
  return octaves.flatMap((pitch, note) =>
    Array.from({ length: Math.ceil((filters - note) / notes) }, (_, layer) => ({ pitch, note, layer })),
  );
}

/**
 * Parameters of a mixture whose filters are anchored.
 * @param anchors one per filter, rising
 * @param starts of each anchor, at the model's tuning
 * @param loudest the network's input at the loudest that the recordings are
 * @param shape with at least as many hidden units as there are steps between anchors
 */
export function anchoredParameters(
  anchors: readonly Anchor[],
  starts: readonly Start[],
  loudest: number,
  { filters, hidden, inputs }: Omit<MixtureShape, "hearsChange">,
  random: Random,
): Parameters {
  // whole turns are counted once for all filters: those of the middle one, from which the others lie a few radians off
  const middle = starts[filters >> 1];
  const { turns } = middle;
  const counted = ({ rows: [, first], turns: own }: Start): LoopSpectrum => ({
    logDamping: first.logDamping,
    phase: first.phase.map((x, k) => x + 2 * Math.PI * (own[k] - turns[k])),
  });
  const rows = [middle.rows[0], ...starts.map(counted)];
  const network = stepNetwork(stepsOf(anchors, loudest), filters, hidden, inputs, random);
  return new Map([...startParameters({ rows, turns }), ...networkTensors(network)]);
}

/** Where one filter takes over from another. */
interface Step {
  /** Of the network. */
  input: number;
  /** The input's value in the middle of the step, and how steep the step is there. */
  at: number;
  slope: number;
  /** What lies on either side is worth less by this, on the other: e to the power of it. */
  apart: number;
  /** Of each filter, whether it lies above. */
  isAbove: boolean[];
}

/** Steps between one pitch and the next, and between one layer and the next. */
function stepsOf(anchors: readonly Anchor[], loudest: number): Step[] {
  const pitches = [...new Set(anchors.map(({ pitch }) => pitch))];
  const layers = 1 + Math.max(...anchors.map(({ layer }) => layer));
  const between = pitches.slice(1).map((high, i): Step => {
    const low = pitches[i];
    const at = low + BORDER * (high - low);
    const isAbove = anchors.map(({ pitch }) => pitch > at);
    return { input: PITCH, at, slope: (2 * STEEP) / (high - low), apart: APART, isAbove };
  });
  const through = Array.from({ length: layers - 1 }, (_, l): Step => {
    const isAbove = anchors.map(({ layer }) => layer > l);
    return {
      ...{ input: LEVEL, at: loudest - LAYER * (layers - 1 - l), slope: (2 * GENTLE) / LAYER },
      ...{ apart: LAYERS_APART, isAbove },
    };
  });
  return [...between, ...through];
}

/** How many hidden units the beginning takes. */
export function stepsBetween(anchors: readonly Anchor[]): number {
  return stepsOf(anchors, 0).length;
}

/** A network with a hidden unit per step; those that take no part hear levels and pitches, and nobody hears them yet. */
function stepNetwork(
  steps: readonly Step[],
  filters: number,
  hidden: number,
  inputs: number,
  random: Random,
): LevelNetwork {
  const hiddenWeight = Float32Array.from({ length: hidden * inputs }, (_, i) =>
    i % inputs === LEVEL || i % inputs === PITCH ? FRESH_WEIGHT * (2 * random() - 1) : 0,
  );
  const hiddenBias = Float32Array.from({ length: hidden }, () => FRESH_WEIGHT * (2 * random() - 1));
  const outputWeight = new Float32Array(filters * hidden);
  steps.forEach(({ input, at, slope, apart, isAbove }, j) => {
    hiddenWeight.fill(0, j * inputs, (j + 1) * inputs);
    hiddenWeight[j * inputs + input] = slope;
    hiddenBias[j] = -slope * at;
    const height = apart / 2;
    for (let k = 0; k < filters; k++) outputWeight[k * hidden + j] = isAbove[k] ? height : -height;
  });
  return { hiddenWeight, hiddenBias, outputWeight, outputBias: new Float32Array(filters) };
}
