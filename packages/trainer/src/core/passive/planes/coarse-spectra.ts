/**
 * Short-time spectra as few numbers, one per frame and partial: the mean level of the bins around it. They hear what
 * the energy still to come does not: what lies between partials, and what goes on below the 60 dB that it counts.
 */
import { audibleFloor } from "../../../measure/noise-floor.ts";
import { magnitudes, type Signal } from "../../../measure/stft.ts";

const FRAME = 2048;
const HOP = 4096;
/** Partials that are heard: half as many again as are moved, since what is moved rings into its neighbours. */
const PARTIALS = 24;

/** A recording as it is compared with. */
export interface HeardSpectra {
  /** [FRAME / 2 + 1], magnitudes: what is quieter counts as this. */
  floor: Float64Array;
  /** [frames, partials] row by row, dB. */
  levels: Float64Array;
}

/** Spectra of sounds of one length and one pitch. */
export class CoarseSpectra {
  /** Levels of a sound. */
  readonly size: number;
  readonly #frames: number;
  /** Of them, those below half the sample rate. */
  readonly #partials: number;
  /** Bins to a partial. */
  readonly #width: number;

  /** @param samples of each sound @param f0 Hz @param sampleRate Hz */
  constructor(samples: number, f0: number, sampleRate: number) {
    this.#frames = samples < FRAME ? 0 : Math.floor((samples - FRAME) / HOP) + 1;
    this.#width = Math.max(1, Math.round((f0 * FRAME) / sampleRate));
    this.#partials = Math.min(PARTIALS, Math.floor(FRAME / 2 / this.#width - 0.5));
    this.size = this.#frames * this.#partials;
  }

  /** A recording's. @param noise power per bin, [FRAME / 2 + 1] */
  hear(recording: Signal, noise: Float64Array): HeardSpectra {
    const { values } = magnitudes(recording, FRAME, HOP);
    const peak = values.reduce((a, b) => Math.max(a, b), 0);
    // silence has a level, too
    const floor = audibleFloor(noise, peak).map((least) => Math.max(least, Number.MIN_VALUE));
    return { floor, levels: this.#levels(values, floor) };
  }

  /** How much louder a sound is than a recording, dB: [frames, partials]. */
  differences(sound: Signal, { floor, levels }: HeardSpectra): Float64Array {
    return this.#levels(magnitudes(sound, FRAME, HOP).values, floor).map((level, i) => level - levels[i]);
  }

  /** @param values [frames, bins] magnitudes */
  #levels(values: Float64Array, floor: Float64Array): Float64Array {
    const levels = new Float64Array(this.size);
    for (let frame = 0; frame < this.#frames; frame++) {
      const row = frame * floor.length;
      for (let partial = 0; partial < this.#partials; partial++) {
        // half a partial's width below it, so that it lies in the middle
        const first = Math.round((partial + 0.5) * this.#width);
        let sum = 0;
        for (let k = first; k < first + this.#width; k++)
          sum += Math.log10(Math.max(values[row + k], floor[k]));
        levels[frame * this.#partials + partial] = (20 * sum) / this.#width;
      }
    }
    return levels;
  }
}
