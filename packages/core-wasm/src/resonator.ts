/**
 * A string that plays: a model bound to a core. Excite it with recorded samples, or pluck it, then ask it for sound,
 * block by block; what it renders does not depend on how the blocks are cut.
 */
import { audiblePast } from "./audible-past.ts";
import { ClassicVoice } from "./classic-voice.ts";
import { CONTROL_SECONDS, ControlGlide } from "./control-glide.ts";
import type { Core } from "./core.ts";
import { known } from "./known-numbers.ts";
import type { ModelLayer, StringModel } from "./model-file.ts";
import type { PassiveModel } from "./passive-model.ts";
import { PassiveVoice } from "./passive-voice.ts";
import { checkHeadroom } from "./playing-limits.ts";
import type { ExciteOptions, PluckOptions, ResonatorOptions, ResumeOptions } from "./resonator-options.ts";
import type { StringVoice } from "./string-voice.ts";

// Samples handed over at a time: more than any audio callback asks for, little enough to stay in cache.
const OUT_FRAMES = 8192;

/** Frames that an AudioWorklet asks for. */
const QUANTUM = 128;

/**
 * A playable string of either kind. Made off the audio thread; `process`, `reset`, `pluck`, `damp`, `bend`, `soften` and
 * `set...` (but not the live ones) are safe on it.
 */
export class Resonator {
  readonly model: StringModel;
  readonly #core: Core;
  readonly #voice: StringVoice;
  readonly #controls: ControlGlide;
  /** Samples of the last past that became silence before anything was estimated from it. */
  #brokenInPast = 0;
  readonly #outAddress: number;
  #out: Float32Array;
  #quantum: Float32Array;

  /**
   * Bind a model to a core.
   * @param options a passive string may be made for another sample rate or pitch (Hz) than the model's, and reserves
   *   memory for being tuned down to `lowestF0` (default: an octave below the model)
   * @throws RangeError when the engine has no memory left for it, or for a tuning it cannot have
   */
  constructor(core: Core, model: StringModel, options: ResonatorOptions = {}) {
    this.#core = core;
    this.model = model;
    if (model.kind === "passive") {
      this.#voice = new PassiveVoice(core, model, options);
    } else {
      const { sampleRate = model.sampleRate, f0 = model.f0 } = options;
      if (sampleRate !== model.sampleRate || f0 !== model.f0) {
        throw new RangeError(
          `model: a classic string plays at ${model.sampleRate} Hz and ${model.f0} Hz only, got ${sampleRate} and ${f0}`,
        );
      }
      this.#voice = new ClassicVoice(core, model);
    }
    this.#controls = new ControlGlide(this.#voice, model.controls, options.sampleRate ?? model.sampleRate);
    this.#outAddress = core.allocate(4 * OUT_FRAMES);
    this.#out = core.f32(this.#outAddress, OUT_FRAMES);
    this.#quantum = core.f32(this.#outAddress, QUANTUM);
  }

  /**
   * Samples of the past the string wants. Classic: its longest delay; with a live feature it uses more where it gets
   * them. Passive: twice its longest delay as it is tuned, and it makes do with half.
   */
  get wantedHistory(): number {
    return this.#voice.wantedHistory;
  }

  /** The fewest samples of the past the string can start from: its longest delay. */
  get leastHistory(): number {
    return this.#voice.leastHistory;
  }

  /** Replace a classic network's parameters, shapes unchanged: training plays its own network this way. */
  setLayers(layers: readonly ModelLayer[]): void {
    this.#classic("setLayers").setLayers(layers);
  }

  /**
   * Put recorded samples behind the string; it goes on from where they end. A passive string that gets fewer than it
   * wants estimates the rest by running its loop backwards. Lifts the damper.
   * @param past the newest sample last, at least `leastHistory` of them; more are used where something can use them
   * @throws RangeError when the past is shorter than the longest delay, or heard at a pitch its filters cannot play;
   *   for a guardHeadroom that is no ratio
   */
  excite(
    past: Float32Array,
    { guardHeadroom = 0, heardCents, removeOffset = false }: ExciteOptions = {},
  ): void {
    checkHeadroom(guardHeadroom);
    const { leastHistory } = this.#voice;
    if (past.length < leastHistory) {
      throw new RangeError(
        `past: expected ${leastHistory} samples or more (the longest delay), got ${past.length}`,
      );
    }
    const { samples, broken } = audiblePast(past);
    const heard = removeOffset ? this.#voice.withoutOffset(samples) : samples;
    this.#controls.restart();
    if (heardCents === undefined) this.#voice.excite(heard, guardHeadroom);
    else this.#passive("heardCents").resume(heard, heardCents, guardHeadroom);
    this.#brokenInPast = broken;
  }

  /**
   * Start a passive string from what both its loops held, where an estimate of that is at hand.
   * @param y what was heard, the newest sample last @param u what the second loop held at the same time
   * @throws RangeError for lines of different lengths or shorter than the longest delay, or a guardHeadroom that is no ratio
   */
  load(y: Float32Array, u: Float32Array, { guardHeadroom = 0, coming }: ResumeOptions = {}): void {
    checkHeadroom(guardHeadroom);
    const voice = this.#passive("load");
    if (y.length < voice.leastHistory || u.length !== y.length) {
      throw new RangeError(
        `y, u: expected ${voice.leastHistory} samples or more of both (the longest delay), got ${y.length} and ${u.length}`,
      );
    }
    this.#controls.restart();
    voice.load({ y, u, coming: coming ?? new Float32Array(0) }, guardHeadroom);
    this.#brokenInPast = 0;
  }

  /**
   * Pluck a passive string: its stored excitation is added from the next sample on where the string is at rest, else
   * within 32 samples, on top of what sounds; up to four overlap, and a fifth lets one of them fade out. Sets the
   * controls the excitation was recorded with and lifts the damper. Audio thread: allocates nothing.
   * @param index of the model's excitations
   * @throws RangeError when the model has no such excitation, or for a guardHeadroom that is no ratio
   */
  pluck(index = 0, { level = 1, guardHeadroom }: PluckOptions = {}): void {
    if (guardHeadroom !== undefined) checkHeadroom(guardHeadroom);
    const voice = this.#passive("pluck");
    this.#controls.settle();
    voice.pluck(index, level, guardHeadroom);
  }

  /**
   * Damp a passive string (note-off, palm mute): its loops return less per round trip, so it dies smoothly.
   * @param t60 seconds to fall 60 dB by this alone, above 0; its own decay comes on top. Infinity lets it ring
   * Audio thread: allocates nothing.
   */
  damp(t60: number): void {
    this.#passive("damp").damp(t60);
  }

  /**
   * Bend the pitch of a passive string from its tuning, while it rings or before: it glides there (two semitones at
   * 82 Hz take some 100 ms). Plucked at rest it starts bent.
   * @param cents up to 200 either way. Upwards no further than the loop's first tap allows: a string to be tuned higher
   *   than its model and bent there is made with the option `bendCents`
   * Audio thread: allocates nothing.
   */
  bend(cents: number): void {
    this.#passive("bend").bend(cents);
  }

  /**
   * Soften the tone of a passive string: high partials die sooner, low ones hardly.
   * @param t60 seconds to fall 60 dB at 4 kHz by this alone, above 0; Infinity = as learned
   * Audio thread: allocates nothing.
   */
  soften(t60: number): void {
    this.#passive("soften").soften(t60);
  }

  /**
   * Tune a passive string. At rest it is tuned at once; while it rings, over twenty round trips (another tuning
   * meanwhile waits its turn, the latest wins). Takes some milliseconds, so not on the audio thread: there `bend` moves
   * the pitch a little, and `Voices` plays tunings that were made ahead.
   * @param f0 Hz, from `lowestF0` to an eighth of the sample rate
   * @param options.sampleRate Hz, default as it was; excitations keep the rate the string was made for
   * @throws RangeError for a pitch out of range
   */
  retune(f0: number, { sampleRate }: { sampleRate?: number } = {}): void {
    this.#passive("retune").retune({ f0, sampleRate });
  }

  /**
   * Play a passive string some cents from its model's pitch, its decay exactly as it was: for tuning it to a
   * recording. Takes some 20 ms, so not on the audio thread; otherwise as `retune`.
   * @param cents from the model's own pitch, not from what it plays at; up to 100 either way
   * @throws RangeError for more, or a pitch the string has no memory for
   */
  detune(cents: number): void {
    this.#passive("detune").detune(cents);
  }

  /** Silence: the string at rest. Audio thread: allocates nothing. */
  reset(): void {
    this.#controls.restart();
    this.#voice.reset();
    this.#brokenInPast = 0;
  }

  /**
   * Render the next samples into a buffer of any length, out[from .. to - 1].
   * Audio thread: allocates nothing (unless the memory has grown since the last call).
   */
  process(out: Float32Array, from = 0, to = out.length): void {
    // growing the memory detaches old views
    if (this.#out.length === 0) {
      this.#out = this.#core.f32(this.#outAddress, OUT_FRAMES);
      this.#quantum = this.#core.f32(this.#outAddress, QUANTUM);
    }
    for (let done = from; done < to; ) {
      const frames = this.#controls.most(Math.min(OUT_FRAMES, to - done));
      this.#voice.render(this.#outAddress, frames);
      if (frames === QUANTUM) out.set(this.#quantum, done);
      else if (frames === OUT_FRAMES) out.set(this.#out, done);
      else for (let i = 0; i < frames; i++) out[done + i] = this.#out[i];
      this.#controls.advance(frames);
      done += frames;
    }
  }

  /**
   * Hold control `index` (0 .. model.controls - 1) at a value. While the string sounds it glides there, or it would click.
   * @param seconds time constant of the glide; 0 = at once
   * Audio thread: allocates nothing.
   */
  setControl(index: number, value: number, seconds: number = CONTROL_SECONDS): void {
    this.#controls.aim(index, value, seconds);
  }

  /** Hold a classic string's feature `index` (in the model's order) at a value. Audio thread: allocates nothing. */
  setFeature(index: number, value: number): void {
    this.#classic("setFeature").setFeature(index, known(value));
  }

  /**
   * Let a classic string's own sound drive feature `index`, smoothed with a half-life of one period.
   * @throws Error when the model does not know the feature's mean
   */
  setFeatureLive(index: number): void {
    this.#classic("setFeatureLive").setFeatureLive(index);
  }

  /** Samples, of the last excitation and since, that were not finite (or beyond 1e15) and became silence. */
  get brokenSamples(): number {
    return this.#brokenInPast + this.#voice.brokenSamples;
  }

  /** Blocks that the energy guard scaled since the last excitation; as in `guardReport`, without making an object. */
  get guardInterventions(): number {
    return this.#voice.guardInterventions;
  }

  /** What the energy guard did since the last excitation: blocks scaled, and the smallest gain (1 = never acted). */
  get guardReport(): { interventions: number; smallestGain: number } {
    return this.#voice.guardReport;
  }

  /** What bounds a passive string as it is tuned: no filter's gain exceeds `gain`, and its sound stays in `growth`. */
  get certificate(): PassiveModel["certificate"] {
    return this.#passive("certificate").certificate;
  }

  /** What a passive string's network asked for last: weights s that hold, or in 32 samples will, [filters]; a copy. */
  mixtureWeights(): Float32Array {
    return this.#passive("mixtureWeights").mixtureWeights.slice();
  }

  /** Sums of squares over the longest delay before the next sample: what is heard, and the second loop. */
  energies(): { y: number; u: number } {
    return this.#passive("energies").energies;
  }

  /** Read the second loop at the newest samples of `process` (or of the past); RangeError for more than `leastHistory`. */
  secondLoop(out: Float32Array): void {
    this.#passive("secondLoop").secondLoop(out);
  }

  #passive(what: string): PassiveVoice {
    if (this.#voice instanceof PassiveVoice) return this.#voice;
    throw new RangeError(`${what}: expected a passive string, got a classic one`);
  }

  #classic(what: string): ClassicVoice {
    if (this.#voice instanceof ClassicVoice) return this.#voice;
    throw new RangeError(`${what}: expected a classic string, got a passive one`);
  }
}
