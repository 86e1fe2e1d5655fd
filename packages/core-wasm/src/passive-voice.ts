/**
 * Plays a passive string (assembly/passive-string.ts): plucked or started from a recorded past, damped, and tuned to
 * other pitches and sample rates.
 */
import { growthBound } from "./certificate.ts";
import type { Core } from "./core.ts";
import { detunedModel, loopFilters, MOST_DETUNE_CENTS } from "./detune.ts";
import { PlacedExcitations } from "./excitations.ts";
import { networkParameters, type PassiveModel } from "./passive-model.ts";
import {
  fitsInto,
  SPARE,
  type StringTuning,
  type TunedShape,
  type Tuning,
  tunedShape,
} from "./passive-tuning.ts";
import { pastOffset } from "./past-offset.ts";
import { checkBend, checkStiffness, checkT60 } from "./playing-limits.ts";
import { estimateState, type StringState } from "./state-estimate.ts";
import type { StringVoice } from "./string-voice.ts";

export interface PassiveOptions extends Partial<Tuning> {
  /** The lowest pitch the string will be tuned to (Hz); its memory is reserved for this. Default half the model's. */
  lowestF0?: number;
}

export class PassiveVoice implements StringVoice {
  readonly #model: PassiveModel;
  readonly #core: Core;
  readonly #handle: number;
  readonly #pastAddress: number;
  /** f32, what the second of parallel loops is yet to hear after a start; and how much of it there may be (samples). */
  readonly #comingAddress: number;
  readonly #mostComing: number;
  /** f32, what the filters are made from: the learned phase, and the taps as they are played. */
  readonly #phaseAddress: number;
  readonly #tapsAddress: number;
  readonly #excitations: PlacedExcitations;
  readonly #lowestF0: number;
  readonly #controlsAddress: number;
  #controls: Float64Array;
  readonly #most: TunedShape;
  /** What the filters in the core's memory are: the model's, or those a few cents away. */
  #source: PassiveModel;
  #tuning: Tuning;
  #shape: TunedShape;

  constructor(core: Core, model: PassiveModel, options: PassiveOptions) {
    const { sampleRate = model.sampleRate, f0 = model.f0, bendCents } = options;
    const lowestF0 = options.lowestF0 ?? Math.min(f0, model.f0 / 2);
    this.#core = core;
    this.#model = model;
    this.#source = model;
    this.#lowestF0 = lowestF0;
    this.#tuning = { sampleRate, f0, bendCents };
    this.#shape = tunedShape(model, this.#tuning);
    this.#most = tunedShape(model, { sampleRate, f0: lowestF0 });
    this.#phaseAddress = core.put(model.phase);
    this.#tapsAddress = core.put(model.loopTaps);
    this.#handle = core.exports.passiveCreate(
      1 + model.filters,
      model.taps,
      this.#most.taps + SPARE,
      this.#most.longestDelay + SPARE,
      this.#most.period + SPARE,
      core.put(model.logDamping),
      this.#phaseAddress,
      this.#tapsAddress,
      model.mixture?.hidden ?? 0,
      model.controls,
      core.put(networkParameters(model)),
      model.coupling.length > 0 ? 1 : 0,
    );
    this.#controlsAddress = core.exports.passiveControls(this.#handle) >>> 0;
    this.#controls = core.f64(this.#controlsAddress, model.controls);
    this.#describeSource();
    this.#pastAddress = core.allocate(4 * this.#mostPast());
    this.#mostComing = model.coupling.length > 0 ? this.#most.longestDelay + SPARE : 0;
    this.#comingAddress = core.allocate(4 * this.#mostComing);
    this.#excitations = new PlacedExcitations(core, this.#handle, model, { sampleRate, f0: lowestF0 });
    this.retune(this.#tuning);
  }

  get wantedHistory(): number {
    return 2 * this.#shape.longestDelay;
  }

  get leastHistory(): number {
    return this.#shape.longestDelay;
  }

  /** Bounds that hold as the string is tuned. */
  get certificate(): PassiveModel["certificate"] {
    const gain = this.#core.exports.passiveGain(this.#handle);
    return { gain, growth: growthBound(gain) };
  }

  /** As the model's own filters hold it; at another pitch or rate, where they are others, the mean of a period. */
  withoutOffset(past: Float32Array): Float32Array {
    const { near, rows } = loopFilters(this.#model);
    const offset = this.#isFar()
      ? pastOffset(Math.round(this.#shape.period), [[1]], past)
      : pastOffset(near, rows.slice(1), past);
    return past.map((x) => x - offset);
  }

  /** What the core cannot tell of a past, how it divides between parallel planes, is estimated at the string's pitch. */
  excite(past: Float32Array, guardHeadroom: number): void {
    if (this.#model.coupling.length > 0) this.resume(past, 0, guardHeadroom);
    else this.#exciteInCore(past, guardHeadroom);
  }

  /** As `excite`, both lines estimated from all of a past that sounds `heardCents` from the model's pitch. */
  resume(past: Float32Array, heardCents: number, guardHeadroom: number): void {
    // at another pitch or rate the model's own filters cannot listen; a past that is short (a detuning may ask for a
    // sample more) the core extends better, where it knows how it divides
    const isShort = past.length < this.wantedHistory - SPARE && this.#model.coupling.length === 0;
    if (this.#isFar() || isShort) {
      this.#exciteInCore(past, guardHeadroom);
      return;
    }
    this.load(estimateState(this.#model, past, { heardCents, controls: this.controls }), guardHeadroom);
  }

  /** Whether it is tuned to where the model's own filters are not the string's. */
  #isFar(): boolean {
    const { sampleRate, f0 } = this.#tuning;
    const cents = 1200 * Math.log2(f0 / this.#model.f0);
    return sampleRate !== this.#model.sampleRate || Math.abs(cents) > MOST_DETUNE_CENTS;
  }

  #exciteInCore(past: Float32Array, guardHeadroom: number): void {
    const used = past.subarray(Math.max(0, past.length - this.#mostPast()));
    this.#core.f32(this.#pastAddress, used.length).set(used);
    this.#core.exports.passiveExcite(this.#handle, this.#pastAddress, used.length, guardHeadroom);
  }

  /** Start from known samples of both loops, of one length. */
  load({ y, u, coming }: StringState, guardHeadroom: number): void {
    // a past that was heard lower than the string plays may ask for some samples more, of next to nothing
    const comes = coming.subarray(0, this.#mostComing);
    this.#core.f32(this.#comingAddress, comes.length).set(comes);
    this.#core.temporarily(() => {
      const [yAddress, uAddress] = [this.#core.put(y), this.#core.put(u)];
      this.#core.exports.passiveLoad(
        ...([this.#handle, yAddress, uAddress, y.length] as const),
        ...([this.#comingAddress, comes.length, guardHeadroom] as const),
      );
    });
  }

  reset(): void {
    this.#core.exports.passiveReset(this.#handle);
  }

  render(address: number, frames: number): void {
    this.#core.exports.passiveRender(this.#handle, address, frames);
  }

  pluck(index: number, level: number, guardHeadroom: number | undefined): void {
    const excitation = this.#excitations.at(index);
    if (excitation === undefined) {
      const { count } = this.#excitations;
      throw new RangeError(
        `index: expected one of the model's ${count} excitations, counted from 0, got ${index}`,
      );
    }
    if (!Number.isFinite(level)) throw new RangeError(`level: expected a finite number, got ${level}`);
    const { controls } = this.#model.excitations[index];
    // the pitch is the string's, not the pluck's
    for (let i = this.#model.pitchControl ? 1 : 0; i < controls.length; i++) this.controls[i] = controls[i];
    const { address, coupled, length } = excitation;
    this.#core.exports.passivePluck(this.#handle, address, coupled, length, level, guardHeadroom ?? -1);
  }

  damp(t60: number): void {
    checkT60(t60);
    this.#core.exports.passiveDamp(this.#handle, t60);
  }

  /** Bend what rings and what will; it glides there. @param cents up to 200 either way */
  bend(cents: number): void {
    checkBend(cents);
    this.#core.exports.passiveBend(this.#handle, cents);
  }

  soften(t60: number): void {
    checkT60(t60);
    this.#core.exports.passiveSoften(this.#handle, t60);
  }

  /** Of the tunings to come. @param stiffness factor on the dispersion, 1 = as learned */
  stiffen(stiffness: number): void {
    checkStiffness(stiffness);
    this.#core.exports.passiveStiffen(this.#handle, stiffness);
  }

  retune({ sampleRate = this.#tuning.sampleRate, f0 = this.#tuning.f0 }: Partial<Tuning>): void {
    this.#learnFrom(this.#model);
    const tuning = { ...this.#tuning, sampleRate, f0 };
    this.#tune(tuning, tunedShape(this.#model, tuning));
  }

  /** Play some cents from the model's pitch, the taps moved as they are. */
  detune(cents: number): void {
    const { sampleRate, bendCents } = this.#tuning;
    if (sampleRate !== this.#model.sampleRate) {
      this.retune({ f0: this.#model.f0 * 2 ** (cents / 1200) });
      return;
    }
    const source = detunedModel(this.#model, cents);
    this.#learnFrom(source);
    const tuning = { sampleRate, f0: source.f0, bendCents };
    this.#tune(tuning, tunedShape(source, tuning));
  }

  /** Put filters into the core's memory, for tunings to be made from. */
  #learnFrom(source: PassiveModel): void {
    if (source === this.#source) return;
    this.#core.f32(this.#phaseAddress, source.phase.length).set(source.phase);
    this.#core.f32(this.#tapsAddress, source.loopTaps.length).set(source.loopTaps);
    this.#source = source;
    this.#describeSource();
  }

  #describeSource(): void {
    const { sampleRate, f0, ahead, certificate, pitchControl } = this.#source;
    const asTrained = pitchControl ? 1 : 0;
    const [period, { gain }] = [Math.round(sampleRate / f0), certificate];
    this.#core.exports.passiveSource(this.#handle, sampleRate, f0, period, ahead, gain, asTrained);
  }

  #tune(tuning: Tuning, shape: TunedShape): void {
    const { sampleRate, f0 } = tuning;
    if (!fitsInto(shape, this.#most, SPARE)) {
      throw new RangeError(
        `f0: expected ${this.#lowestF0} Hz or more at the sample rate the string was made for, got ${f0} at ${sampleRate}; construct it with a lower lowestF0`,
      );
    }
    const { period, taps, ahead, hop } = shape;
    this.#core.exports.passiveRetune(this.#handle, sampleRate, f0, period, taps, ahead, hop);
    this.#tuning = tuning;
    this.#shape = shape;
    this.#excitations.place(tuning);
    if (this.#model.pitchControl) this.controls[0] = Math.log2(f0 / this.#model.f0);
  }

  get controls(): Float64Array {
    // growing the memory detaches old views
    if (this.#controls.length < this.#model.controls) {
      this.#controls = this.#core.f64(this.#controlsAddress, this.#model.controls);
    }
    return this.#controls;
  }

  /** What the string is tuned to, copied out of the core, for `NoteVoice.take`. */
  get tuned(): StringTuning {
    const { sampleRate, f0 } = this.#tuning;
    const { period, taps, ahead, hop, longestDelay } = this.#shape;
    const { gain } = this.certificate;
    const sizes = { period, taps, ahead, hop, longestDelay };
    const loopTaps = this.loopTaps.slice();
    return { sampleRate, f0, ...sizes, gain, loopTaps, ...this.#excitations.copies };
  }

  /** A view, valid until the memory grows. */
  get mixtureWeights(): Float32Array {
    return this.#core.f32(this.#core.exports.passiveWeights(this.#handle), this.#model.filters);
  }

  /** [1 + K, N'], the filters the string is tuned to; a view, valid until the memory grows. */
  get loopTaps(): Float32Array {
    const count = (1 + this.#model.filters) * this.#shape.taps;
    return this.#core.f32(this.#core.exports.passiveTaps(this.#handle), count);
  }

  get energies(): { y: number; u: number } {
    const { exports } = this.#core;
    return { y: exports.passiveEnergy(this.#handle, 1), u: exports.passiveEnergy(this.#handle, 0) };
  }

  /** Read what the second loop held at the newest samples that were rendered; after a start, at the end of the past. */
  secondLoop(out: Float32Array): void {
    const most = this.leastHistory;
    if (out.length > most) {
      throw new RangeError(`out: expected at most ${most} samples (the longest delay), got ${out.length}`);
    }
    // what a past is handed over through is free between two starts
    this.#core.exports.passiveSecondLoop(this.#handle, this.#pastAddress, out.length);
    out.set(this.#core.f32(this.#pastAddress, out.length));
  }

  get brokenSamples(): number {
    return this.#core.exports.passiveBroken(this.#handle);
  }

  get guardInterventions(): number {
    return this.#core.exports.passiveGuardInterventions(this.#handle);
  }

  get guardReport(): { interventions: number; smallestGain: number } {
    const { exports } = this.#core;
    return {
      interventions: this.guardInterventions,
      smallestGain: exports.passiveGuardSmallestGain(this.#handle),
    };
  }

  /** Samples of a past that anything can use: the loops', or the mixture's two periods. */
  #mostPast(): number {
    return 2 * (Math.max(this.#most.longestDelay, this.#most.period) + SPARE);
  }
}
