/**
 * Reads examples of several recordings whose taps may lie at different delays: one of the core's window readers for
 * each set of delays, and one row after the other in the order that was asked for.
 */
import { type Core, WindowReader } from "@neural-string/core-wasm";

/** One sample to be predicted. */
export interface Example {
  recording: number;
  /** Its index in the recording. */
  target: number;
  /** -1 where it is mirrored, taps and all. */
  sign: number;
}

/** Rows of inputs: taps, then what comes beside them. */
export class Gathered {
  /** [B, taps + extras] */
  readonly inputs: Float32Array;
  /** [B] */
  readonly targets: Float32Array;
  /** [B], RMS of the taps as they were gathered. */
  readonly rms: Float32Array;
  readonly #width: number;
  readonly #taps: number;
  readonly #delays: (e: number) => Int32Array;

  constructor(inputs: Float32Array, targets: Float32Array, taps: number, delays: (e: number) => Int32Array) {
    this.inputs = inputs;
    this.targets = targets;
    this.#width = inputs.length / targets.length;
    this.#taps = taps;
    this.#delays = delays;
    this.rms = new Float32Array(targets.length);
    for (let e = 0; e < targets.length; e++) {
      let sum = 0;
      for (let t = 0; t < taps; t++) sum += inputs[e * this.#width + t] ** 2;
      this.rms[e] = Math.sqrt(sum / taps);
    }
  }

  /** The taps of an example; a view. */
  taps(e: number): Float32Array {
    return this.inputs.subarray(e * this.#width, e * this.#width + this.#taps);
  }

  /** What comes after them; a view. */
  extras(e: number): Float32Array {
    return this.inputs.subarray(e * this.#width + this.#taps, (e + 1) * this.#width);
  }

  /** Where the taps of an example lie (samples). */
  delays(e: number): Int32Array {
    return this.#delays(e);
  }
}

/** Recordings in the core's memory. */
export class TapReader {
  readonly #delaysOf: readonly Int32Array[];
  readonly #readers: WindowReader[] = [];
  /** Of each recording: which reader has it, and as which of its recordings. */
  readonly #places: { reader: number; recording: number }[] = [];
  readonly #taps: number;
  readonly #width: number;

  /**
   * Keep recordings and room for batches.
   * @param delaysOf of each recording, equally many
   * @param extras numbers after the taps in every row
   */
  constructor(
    core: Core,
    recordings: readonly Float32Array[],
    delaysOf: readonly Int32Array[],
    extras: number,
    mostExamples: number,
  ) {
    this.#delaysOf = delaysOf;
    this.#taps = delaysOf[0].length;
    this.#width = this.#taps + extras;
    const groups = new Map<string, number[]>();
    delaysOf.forEach((delays, i) => {
      const key = delays.join();
      groups.set(key, [...(groups.get(key) ?? []), i]);
    });
    for (const members of groups.values()) {
      members.forEach((recording, i) => {
        this.#places[recording] = { reader: this.#readers.length, recording: i };
      });
      const own = members.map((i) => recordings[i]);
      this.#readers.push(new WindowReader(core, own, delaysOf[members[0]], extras, mostExamples));
    }
  }

  /** Gather examples; what comes beside the taps is 0. */
  gather(examples: readonly Example[]): Gathered {
    const inputs = new Float32Array(examples.length * this.#width);
    const targets = new Float32Array(examples.length);
    this.#readers.forEach((reader, r) => {
      const rows = examples.flatMap(({ recording }, e) => (this.#places[recording].reader === r ? [e] : []));
      if (rows.length === 0) return;
      const read = reader.gather(
        rows.map((e) => this.#places[examples[e].recording].recording),
        rows.map((e) => examples[e].target),
        rows.map((e) => examples[e].sign),
      );
      rows.forEach((e, i) => {
        inputs.set(read.inputs.subarray(i * this.#width, (i + 1) * this.#width), e * this.#width);
        targets[e] = read.targets[i];
      });
    });
    return new Gathered(inputs, targets, this.#taps, (e) => this.#delaysOf[examples[e].recording]);
  }
}
