/**
 * One voice of an instrument: a passive string that takes its tunings ready made (assembly/passive-retune.ts:
 * passiveTake), so that a note at a new pitch costs a copy. It belongs to `Voices`, which keeps it at rest between notes.
 */
import type { Core } from "./core.ts";
import type { PassiveModel } from "./passive-model.ts";
import type { TunedShape } from "./passive-tuning.ts";
import type { PluckShape } from "./playing-limits.ts";
import type { PlacedPluck, PlacedTuning } from "./tuning-bank.ts";

/** Share of the way to its target that a control goes per tick. */
const CONTROL_GLIDE = 0.25;

export class NoteVoice {
  /** Of the note that sounds, 0 for none. */
  id = 0;
  isReleased = false;
  /** Hz, of the note as it was asked for. */
  f0 = 0;
  /** Frames since the note began. */
  age = 0;
  /** Frames in a row in which it was too quiet to be heard. */
  quiet = 0;
  /** Largest sample, of this tick so far and of the one before: no fields, of which engines may make a new object each. */
  readonly peaks = new Float64Array(2);
  /** Cents from the tuning to the note's pitch, and what this note is bent by beyond that. */
  offset = 0;
  bent = 0;
  readonly #core: Core;
  readonly #handle: number;
  /** f32 x the longest pluck where it is shaped, and of what is coupled of it; 0 for a cascade. */
  readonly #shaped: number;
  readonly #shapedCoupled: number;
  readonly #model: PassiveModel;
  readonly #controls: Float64Array;
  readonly #targets: Float64Array;

  /**
   * Make a string at rest. Allocates.
   * @param most sizes of any tuning it will take
   * @param network address of the mixture's parameters, f32; shared by all voices
   * @param longestPluck samples of the longest pluck of any tuning
   */
  constructor(core: Core, model: PassiveModel, most: TunedShape, network: number, longestPluck: number) {
    this.#core = core;
    this.#model = model;
    this.#controls = new Float64Array(model.controls);
    this.#targets = new Float64Array(model.controls);
    const { period, taps, longestDelay } = most;
    this.#handle = core.exports.passiveCreate(
      ...([1 + model.filters, model.taps, taps, longestDelay, period, 0, 0, 0] as const),
      ...([model.mixture?.hidden ?? 0, model.controls, network] as const),
      model.coupling.length > 0 ? 1 : 0,
    );
    // plucked in the middle, a note that lies below its tuning, it comes back from the bridge within the longest period
    const room = 4 * (longestPluck + period);
    this.#shaped = core.allocate(room);
    this.#shapedCoupled = model.coupling.length > 0 ? core.allocate(room) : 0;
  }

  /**
   * Begin a note on a string at rest. Audio thread: allocates nothing.
   * @param f0 Hz, for a model that knows the pitch as a control
   * @param controls what the user holds them at, NaN = as the excitation was recorded
   * @param pluck where on the string, and how softly
   */
  begin(
    tuning: PlacedTuning,
    f0: number,
    layer: number,
    level: number,
    controls: Float64Array,
    pluck: PluckShape,
  ): void {
    const { exports } = this.#core;
    const { tapsAddress, gain, sampleRate, period, taps, ahead, hop } = tuning;
    exports.passiveTake(this.#handle, tapsAddress, gain, sampleRate, tuning.f0, period, taps, ahead, hop);
    const recorded = this.#model.excitations[layer].controls;
    for (let i = 0; i < recorded.length; i++) {
      const isPitch = i === 0 && this.#model.pitchControl;
      const value = isPitch
        ? Math.log2(f0 / this.#model.f0)
        : Number.isNaN(controls[i])
          ? recorded[i]
          : controls[i];
      this.#controls[i] = value;
      this.#targets[i] = value;
      exports.passiveSetControl(this.#handle, i, value);
    }
    const { position = 0, cutoff = sampleRate } = pluck;
    this.#pluck(tuning.excitations[layer], level, (position * sampleRate) / f0, cutoff / sampleRate);
    this.f0 = f0;
    this.isReleased = false;
    this.age = 0;
    this.quiet = 0;
    this.peaks[0] = 0;
    this.peaks[1] = Number.POSITIVE_INFINITY;
  }

  /** Pluck; both streams are shaped alike, so that both are heard as one pluck. @param delay @param cutoff as `shapePluck` */
  #pluck({ address, coupled, length }: PlacedPluck, level: number, delay: number, cutoff: number): void {
    const { exports } = this.#core;
    if (delay === 0 && cutoff >= 0.5) {
      exports.passivePluck(this.#handle, address, coupled, length, level, 0);
      return;
    }
    const isParallel = coupled !== 0;
    exports.shapePluck(address, length, delay, cutoff, this.#shaped);
    if (isParallel) exports.shapePluck(coupled, length, delay, cutoff, this.#shapedCoupled);
    const second = isParallel ? this.#shapedCoupled : 0;
    exports.passivePluck(this.#handle, this.#shaped, second, length + Math.ceil(delay), level, 0);
  }

  /** Render into the core's memory. @param address f32 x frames */
  render(address: number, frames: number): void {
    this.#core.exports.passiveRender(this.#handle, address, frames);
  }

  /** Copy what the second loop held at the last samples rendered. @param frames at most the longest delay */
  secondLoop(address: number, frames: number): void {
    this.#core.exports.passiveSecondLoop(this.#handle, address, frames);
  }

  /** Copy the last samples rendered. @param frames at most a period of its tuning */
  heard(address: number, frames: number): void {
    this.#core.exports.passiveHeard(this.#handle, address, frames);
  }

  damp(t60: number): void {
    this.#core.exports.passiveDamp(this.#handle, t60);
  }

  /** @param cents of the whole instrument, on top of the note's own */
  bend(cents: number): void {
    this.#core.exports.passiveBend(this.#handle, this.offset + this.bent + cents);
  }

  soften(t60: number): void {
    this.#core.exports.passiveSoften(this.#handle, t60);
  }

  /** Let a control glide to a value; the pitch is the string's own. */
  aimControl(index: number, value: number): void {
    if (index < this.#targets.length && !(index === 0 && this.#model.pitchControl))
      this.#targets[index] = value;
  }

  /** Once per tick: controls go on. */
  glide(): void {
    for (let i = 0; i < this.#controls.length; i++) {
      const gap = this.#targets[i] - this.#controls[i];
      if (gap === 0) continue;
      // there is no way to or from what is not finite
      const isThere = Math.abs(gap) < 1e-4 || !Number.isFinite(gap);
      this.#controls[i] = isThere ? this.#targets[i] : this.#controls[i] + CONTROL_GLIDE * gap;
      this.#core.exports.passiveSetControl(this.#handle, i, this.#controls[i]);
    }
  }

  /** Silence: at rest, and free. */
  end(): void {
    this.id = 0;
    this.#core.exports.passiveReset(this.#handle);
  }

  get brokenSamples(): number {
    return this.#core.exports.passiveBroken(this.#handle);
  }
}
