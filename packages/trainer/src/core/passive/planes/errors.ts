/**
 * What a string of parallel planes gets wrong, as numbers whose squares are summed: it is started from recorded pasts,
 * left to itself, and compared with how the recordings went on, as a listener would: energy still to come in every band
 * (the judge's relief), all bands together, spectra, and the pitch of the first partials; and gain above the cap. Starts
 * are drawn anew for every round, from the pluck's first trips on, and so is how loud each recording is: a mixture that
 * hears two plucks of one level takes the level for a clock (docs/LOG.md, 2026-11-27).
 */
import { type Core, type PassiveModel, Resonator } from "@neural-string/core-wasm";
import { energyDecayRelief, integratedNoise, loudestCell } from "../../../measure/energy-decay.ts";
import { noiseFloor } from "../../../measure/noise-floor.ts";
import { partialFrequencies } from "../../../measure/partials.ts";
import { gainWithin, seededRandom } from "../../random.ts";
import { SpectralForm } from "../spectral-form.ts";
import { furthestDelay } from "../tuning.ts";
import { filtersOf, type Parameters, SPECTRA } from "../variables.ts";
import { CoarseSpectra, type HeardSpectra } from "./coarse-spectra.ts";
import { GainGrid } from "./gain-grid.ts";
import { COUPLING, MovedParameters } from "./parameters.ts";
import { LATEST_START, type PlaneRecording, type PlaneSetup } from "./setup.ts";

/** Frames of the relief that are compared as one. */
const FRAMES = 8;
/** Stretches of the broadband decay (s), and the part of the sound that counts; the end says where it was cut. */
const DECAY_STEP = 0.1;
const DECAY_PART = 0.9;
/** Partials whose pitch counts: beyond so many cents not by its square but by its size, as what lies far off may be
 * another mode of a close pair. */
const PARTIALS = 10;
const FEW_CENTS = 0.3;
/** What they weigh beside the relief, root for root: dB, dB, cents, and gain per round trip. */
const DECAY_WEIGHT = 0.7;
const SPECTRA_WEIGHT = 1;
const CENTS_WEIGHT = 4;
const GAIN_WEIGHT = 3000;
/** Points of the zoomed spectrum that pitches are read from, after decimation. */
const ZOOM = 1 << 15;

interface Target {
  past: Float32Array;
  frames: number;
  /** [bands, frames], dB; and where it counts. */
  relief: Float64Array;
  counts: Uint8Array;
  counted: number;
  reference: number;
  decay: Float64Array;
  pitches: number[];
  spectra: HeardSpectra;
}

/** Errors of one string over some recordings. Needs a core of its own thread. */
export class PlaneErrors {
  /** Numbers that move, and numbers in a result. */
  readonly unknowns: number;
  readonly size: number;
  readonly #core: Core;
  readonly #setup: PlaneSetup;
  readonly #form: SpectralForm;
  readonly #gains: GainGrid;
  readonly #moved: MovedParameters;
  readonly #spectra: CoarseSpectra;
  #parameters: Parameters = new Map();
  #targets: Target[] = [];

  /** @param like parameters of planes; those of every round have their shapes */
  constructor(core: Core, setup: PlaneSetup, like: Parameters) {
    const { tuning } = setup.facts;
    this.#core = core;
    this.#setup = setup;
    this.#form = new SpectralForm(tuning.taps, tuning.ahead, tuning.fade);
    this.#gains = new GainGrid(tuning.taps);
    this.#moved = new MovedParameters(like, tuning);
    this.unknowns = this.#moved.count;
    this.#spectra = new CoarseSpectra(this.#samples(), tuning.f0, tuning.sampleRate);
    const relief = Math.floor(this.#frames() / FRAMES) * 25;
    const each = relief + this.#spectra.size + this.#decayPoints() + PARTIALS;
    const rows = filtersOf(like) + 1;
    this.size = each * setup.recordings.length * setup.starts + rows * this.#gains.points;
  }

  /** Begin a round: what moves is counted from these parameters, and starts are drawn anew. */
  begin(parameters: Parameters, round: number): void {
    const { facts, recordings, starts, levelDb, seed } = this.#setup;
    const random = seededRandom(seed, 0x9a7e + round);
    const least = 2 * furthestDelay(facts.tuning);
    const most = Math.max(least + 1, LATEST_START * facts.tuning.sampleRate);
    this.#parameters = parameters;
    this.#targets = recordings.flatMap((recording) =>
      Array.from({ length: starts }, (_, i) => {
        const at = (i + random()) / starts;
        const gain = gainWithin(levelDb, random());
        return this.#target(recording, Math.floor(least * (most / least) ** at), gain);
      }),
    );
  }

  /** The round's parameters, moved. @param steps [unknowns] */
  kept(steps: ArrayLike<number>): Parameters {
    return this.#moved.kept(this.#parameters, steps);
  }

  /** The errors of a point. @param steps [unknowns] @param out [size] */
  errors(steps: ArrayLike<number>, out: Float64Array): void {
    const model = this.#model(this.#moved.moved(this.#parameters, steps));
    const share = 1 / Math.sqrt(this.#targets.length);
    let at = 0;
    for (const target of this.#targets) at = this.#compare(model, target, share, out, at);
    const { taps } = this.#setup.facts.tuning;
    for (let row = 0; row <= model.filters; row++) {
      at = this.#gain(model.loopTaps.subarray(row * taps, (row + 1) * taps), out, at);
    }
  }

  #samples(): number {
    return Math.round(this.#setup.seconds * this.#setup.facts.tuning.sampleRate);
  }

  #frames(): number {
    return Math.floor((this.#samples() - 2048) / 512) + 1;
  }

  #decayPoints(): number {
    return Math.floor((DECAY_PART * this.#setup.seconds) / DECAY_STEP);
  }

  /** The string as it would play, but for the projection. */
  #model(all: ReadonlyMap<string, Float64Array>): PassiveModel {
    const { sampleRate, f0, taps, ahead } = this.#setup.facts.tuning;
    const { bins } = this.#form;
    const [logDamping, phase, coupling] = [...SPECTRA, COUPLING].map((name) => all.get(name) as Float64Array);
    const rows = logDamping.length / bins;
    const loopTaps = new Float32Array(rows * taps);
    for (let row = 0; row < rows; row++) {
      const part = (x: Float64Array) => x.subarray(row * bins, (row + 1) * bins);
      loopTaps.set(this.#form.tapsOf({ logDamping: part(logDamping), phase: part(phase) }), row * taps);
    }
    const network = (name: string) => this.#parameters.get(name)?.data ?? new Float32Array(0);
    const hidden = network("mixture.hidden.bias").length;
    return {
      kind: "passive",
      sampleRate,
      f0,
      taps,
      ahead,
      filters: rows - 1,
      mixture: hidden === 0 ? null : { hidden, hop: this.#setup.facts.hop },
      controls: 0,
      pitchControl: false,
      certificate: { gain: this.#setup.facts.cap, growth: { fromY: 0, fromU: 0 } },
      logDamping: Float32Array.from(logDamping),
      phase: Float32Array.from(phase),
      loopTaps,
      coupling: Float32Array.from(
        this.#form.tapsOfParts(coupling.subarray(0, bins), coupling.subarray(bins)),
      ),
      hiddenWeight: network("mixture.hidden.weight"),
      hiddenBias: network("mixture.hidden.bias"),
      outputWeight: network("mixture.output.weight"),
      outputBias: network("mixture.output.bias"),
      excitations: [],
    };
  }

  /** What a recording sounds like from a start on, made louder by a factor. */
  #target({ samples, noisePart }: PlaneRecording, start: number, gain: number): Target {
    const { sampleRate, f0 } = this.#setup.facts.tuning;
    const louder = (x: Float32Array) => x.map((v) => gain * v);
    const heard = louder(samples.subarray(start, start + this.#samples()));
    const { energy, frames, ...rest } = energyDecayRelief(heard, sampleRate);
    const reference = loudestCell({ energy, frames, ...rest });
    const floor = noiseFloor(louder(noisePart.subarray(start)), sampleRate, f0, this.#setup.seconds)(2048);
    const noise = integratedNoise(floor, sampleRate, frames);
    const counts = Uint8Array.from(energy, (e, i) => Number(e > 1e-6 * reference && e > 10 * noise[i]));
    return {
      past: louder(samples.subarray(0, start)),
      frames,
      relief: energy.map((e) => 10 * Math.log10(e)),
      counts,
      counted: Math.max(
        1,
        counts.reduce((sum, x) => sum + x, 0),
      ),
      reference,
      decay: this.#decay(heard),
      pitches: this.#pitches(heard),
      spectra: this.#spectra.hear(heard, floor),
    };
  }

  /** Write a start's errors. @returns where the next begin */
  #compare(model: PassiveModel, target: Target, share: number, out: Float64Array, from: number): number {
    const { sampleRate } = this.#setup.facts.tuning;
    const render = new Float32Array(this.#samples());
    this.#core.temporarily(() => {
      const resonator = new Resonator(this.#core, model, { lowestF0: model.f0 });
      resonator.excite(target.past, { heardCents: 0, removeOffset: true });
      resonator.process(render);
    });
    let at = from;
    const { energy, frames, bands } = energyDecayRelief(render, sampleRate);
    const weight = share * Math.sqrt(FRAMES / target.counted);
    const least = 1e-8 * target.reference;
    for (let band = 0; band < bands; band++) {
      for (let first = band * frames; first + FRAMES <= (band + 1) * frames; first += FRAMES) {
        let sum = 0;
        for (let i = first; i < first + FRAMES; i++) {
          if (target.counts[i]) sum += 10 * Math.log10(Math.max(energy[i], least)) - target.relief[i];
        }
        out[at++] = (weight * sum) / FRAMES;
      }
    }
    const louder = this.#spectra.differences(render, target.spectra);
    louder.forEach((db) => {
      out[at++] = (share * SPECTRA_WEIGHT * db) / Math.sqrt(louder.length);
    });
    const decay = this.#decay(render);
    decay.forEach((db, i) => {
      out[at++] = (share * DECAY_WEIGHT * (db - target.decay[i])) / Math.sqrt(decay.length);
    });
    const pitches = this.#pitches(render);
    for (let i = 0; i < PARTIALS; i++) {
      const known = pitches[i] > 0 && target.pitches[i] > 0;
      const cents = known ? 1200 * Math.log2(pitches[i] / target.pitches[i]) : 0;
      out[at++] = (share * CENTS_WEIGHT * huber(cents)) / Math.sqrt(PARTIALS);
    }
    return at;
  }

  /** Energy still to come, dB, every tenth of a second. */
  #decay(x: Float32Array): Float64Array {
    const step = Math.round(DECAY_STEP * this.#setup.facts.tuning.sampleRate);
    const points = new Float64Array(this.#decayPoints());
    let sum = 1e-12;
    for (let n = x.length - 1; n >= 0; n--) {
      sum += x[n] * x[n];
      if (n % step === 0 && n / step < points.length) points[n / step] = 10 * Math.log10(sum);
    }
    return points;
  }

  /** Frequencies of the first partials (Hz), 0 where there is none, from a signal that only just holds them. */
  #pitches(x: Float32Array): number[] {
    const { sampleRate, f0 } = this.#setup.facts.tuning;
    const by = Math.max(1, Math.floor(sampleRate / (4 * (PARTIALS + 1) * f0)));
    const low = new Float32Array(Math.floor(x.length / by));
    for (let n = 0; n < low.length; n++) {
      let sum = 0;
      for (let i = 0; i < by; i++) sum += x[n * by + i];
      low[n] = sum / by;
    }
    const peaks = partialFrequencies(low, sampleRate / by, f0, PARTIALS, ZOOM);
    return Array.from({ length: PARTIALS }, (_, i) => (peaks[i]?.isPeak ? peaks[i].frequency : 0));
  }

  /** Write what a filter's gain lies above the cap. @returns where the next begin */
  #gain(taps: Float32Array, out: Float64Array, from: number): number {
    const gains = this.#gains.gainsOf(taps);
    const { points } = this.#gains;
    for (let k = 0; k < points; k++) {
      out[from + k] = GAIN_WEIGHT * Math.max(0, gains[k] - this.#setup.facts.cap);
    }
    return from + points;
  }
}

/** What, squared, is Huber's loss. */
function huber(cents: number): number {
  const size = Math.abs(cents);
  return size <= FEW_CENTS ? cents : Math.sign(cents) * Math.sqrt(FEW_CENTS * (2 * size - FEW_CENTS));
}
