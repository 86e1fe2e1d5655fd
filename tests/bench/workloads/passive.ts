/** Passive strings: two loops of 256 taps, the first linear or a mixture of three filters that a network weighs. */
import { type Core, type PassiveModel, Voices } from "@neural-string/core-wasm";
import { renderPassive } from "../../reference/passive-string.ts";
import { newCore } from "../../support/core-builds.ts";
import { makePassiveModel } from "../../support/passive-models.ts";
import { filtersOf, mixtureOf, samplesOf } from "../../support/passive-playing.ts";
import { type Contestant, once, type Workload } from "../contestant.ts";
import { coreString, streamed } from "../engines/core-string.ts";
import { PlainPassive } from "../engines/plain-passive.ts";

/** Samples compared: two round trips and five hops of the mixture. */
const FRAMES = 1300;
/** As the parity tests have it: float32 sums of 256 products a filter are near -130 dB. */
const TOLERANCE_DB = -115;

export interface PassiveOptions {
  /** K */
  filters: 1 | 3;
  sampleRate?: number;
  taps?: number;
  /** C; default three quarters of the taps, as training has it. */
  ahead?: number;
  /** Certified gain: how long it rings. */
  gain?: number;
}

/** A passive string as training makes them: sizes and hop are its defaults. */
export function makePassive(options: PassiveOptions): PassiveModel {
  const { filters, sampleRate = 44100, taps = 256, gain = 0.998 } = options;
  const { ahead = Math.round((190 * taps) / 256) } = options;
  const shape = { taps, ahead, filters, hidden: 16, hop: 256 };
  return makePassiveModel({ sampleRate, f0: 82.46, ...shape, gain, seed: 2 }).model;
}

/** Multiply-adds of its filters, per sample; the network is evaluated once a hop and does not count. */
function countMacs({ filters, taps }: Pick<PassiveModel, "filters" | "taps">): number {
  return (1 + filters) * taps;
}

/** A passive string on a core, plucked. @param block samples that are asked for at once */
export function passiveOn(core: Core, model: PassiveModel, frames = FRAMES, block?: number): Contestant {
  return coreString({ core, model, frames, block, start: (string) => string.pluck() });
}

/** What it sounds like in float64. */
export function passiveReference(model: PassiveModel, frames = FRAMES): Float64Array {
  const { samples, controls } = model.excitations[0];
  const string = {
    tunings: [filtersOf(model)],
    mixture: mixtureOf(model),
    excitation: samplesOf(samples),
    controls: () => controls,
  };
  return renderPassive(string, frames).y;
}

/** Notes that sound together. */
export interface Chord {
  /** Begin all of them anew, from silence. */
  pluck(): void;
  /** Render the next samples of all, summed. */
  render(out: Float32Array): void;
  /** Whether one of them has died away: an instrument does not compute what nobody hears. */
  lacksNotes(): boolean;
}

/**
 * Many notes on one instrument, an octave of pitches. Begun at once, their mixtures move in the same quantum, which is
 * the worst case.
 * @param sampleRate Hz, of what is played
 */
export function makeChord(core: Core, model: PassiveModel, notes: number, sampleRate: number): Chord {
  const lowestF0 = model.f0;
  const pitches = Array.from({ length: notes }, (_, i) => lowestF0 * 2 ** (i / notes));
  const voices = new Voices(core, model, { polyphony: notes, sampleRate, lowestF0 });
  voices.tune(pitches);
  return {
    pluck: () => {
      voices.reset();
      for (const f0 of pitches) voices.noteOn(f0);
    },
    render: (out) => voices.process(out),
    lacksNotes: () => voices.sounding < notes,
  };
}

/** The passive strings of the table. */
export function passiveWorkloads(): Workload[] {
  return [
    passiveWorkload("passive", makePassive({ filters: 3 })),
    passiveWorkload("passive-linear", makePassive({ filters: 1 })),
  ];
}

function passiveWorkload(name: Workload["name"], model: PassiveModel): Workload {
  return {
    name,
    macPerSample: countMacs(model),
    toleranceDb: TOLERANCE_DB,
    expected: once(() => passiveReference(model)),
    engines: {
      relaxed: () => passiveOn(newCore("relaxed"), model),
      simd: () => passiveOn(newCore("simd"), model),
      scalar: () => passiveOn(newCore("scalar"), model),
      js: () => {
        const string = new PlainPassive(model);
        return streamed(string, () => string.pluck(), FRAMES);
      },
    },
  };
}
