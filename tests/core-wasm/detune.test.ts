// A few cents up or down must not touch how long a string rings: the gain of every filter stays where it was.
import { certifiedGain, detunedModel, Resonator } from "@neural-string/core-wasm";
import { SpectralForm } from "@neural-string/trainer/core/passive/spectral-form";
import { describe, expect, test } from "vitest";
import { mulberry32 } from "../reference/random.ts";
import { newCore } from "../support/core-builds.ts";
import { partialAt } from "../support/partials.ts";
import { longestDelayOf } from "../support/passive-playing.ts";
import { physicalString, t60At } from "../support/physical-string.ts";

const T60 = 20;
/** 1e-4 nepers a trip is a T60 of 13 minutes at this pitch; what moves out at the taps' ends stays below it. */
const MOST_CHANGE = 1e-4;
const guitar = physicalString({ filters: 2, t60: [T60, 8], inharmonicity: 0 });

/** H of one row at a frequency. */
function responseAt(taps: Float32Array, hz: number, sampleRate: number) {
  const w = (2 * Math.PI * hz) / sampleRate;
  let [re, im] = [0, 0];
  taps.forEach((h, j) => {
    re += h * Math.cos(w * j);
    im -= h * Math.sin(w * j);
  });
  return { re, im };
}

function gainAt(taps: Float32Array, hz: number, sampleRate: number): number {
  const { re, im } = responseAt(taps, hz, sampleRate);
  return Math.hypot(re, im);
}

function rowsOf({ loopTaps, taps, filters }: typeof guitar): Float32Array[] {
  return Array.from({ length: 1 + filters }, (_, i) => loopTaps.slice(i * taps, (i + 1) * taps));
}

describe("detunedModel", () => {
  test.each([-50, -4, -0.3, 1.6, 4, 13])("keeps the gains and the certificate at %f cents", (cents) => {
    const detuned = detunedModel(guitar, cents);
    const before = rowsOf(guitar);
    rowsOf(detuned).forEach((row, i) => {
      expect(certifiedGain(row)).toBeLessThanOrEqual(guitar.certificate.gain + 1e-9);
      for (let hz = 20; hz < 3000; hz += 7) {
        const change = Math.log(gainAt(row, hz, 44100) / gainAt(before[i], hz, 44100));
        expect(Math.abs(change), `row ${i}, ${hz} Hz`).toBeLessThan(MOST_CHANGE);
      }
    });
    expect(detuned.f0).toBeCloseTo(guitar.f0 * 2 ** (cents / 1200), 9);
  });

  test("keeps them though learned taps end where they are cut off, whatever the fraction of a sample", () => {
    const random = mulberry32(3);
    // louder at the ends than those of the pianos that ship
    const loopTaps = guitar.loopTaps.map((tap) => 0.97 * tap + 2e-3 * (random() - 0.5));
    const cut = { ...guitar, loopTaps };
    const before = rowsOf(cut);
    // half a sample is 1.6 cents
    for (const cents of [0.01, -0.3, 1, 1.615, 1.62, 4, -13]) {
      rowsOf(detunedModel(cut, cents)).forEach((row, i) => {
        for (let hz = 82; hz < 10000; hz += 82) {
          const gain = gainAt(before[i], hz, 44100);
          if (gain < 0.5) continue;
          const change = Math.log(gainAt(row, hz, 44100) / gain);
          expect(Math.abs(change), `row ${i}, ${hz} Hz, ${cents} cents`).toBeLessThan(MOST_CHANGE);
        }
      });
    }
  });

  test("keeps them where the gain does not fall towards the top, too: the claim takes from there, not from all", () => {
    const { taps, ahead, sampleRate } = guitar;
    const form = new SpectralForm(taps, ahead);
    const flat = form.tapsOf({
      logDamping: new Float64Array(form.bins).fill(Math.log(0.003)),
      phase: Float64Array.from({ length: form.bins }, (_, k) => 60 * (k / form.bins) ** 2),
    });
    const random = mulberry32(7);
    const loopTaps = new Float32Array(guitar.loopTaps.length);
    for (let row = 0; row <= guitar.filters; row++) {
      const cut = Float32Array.from(flat, (tap) => tap + 2e-3 * (random() - 0.5));
      const bound = certifiedGain(cut);
      loopTaps.set(
        cut.map((tap) => (0.997 * tap) / bound),
        row * taps,
      );
    }
    const gain = Math.max(...rowsOf({ ...guitar, loopTaps }).map(certifiedGain));
    const stiff = { ...guitar, loopTaps, certificate: { ...guitar.certificate, gain } };
    const before = rowsOf(stiff);
    for (const cents of [-0.8, 0.4, 1.6]) {
      rowsOf(detunedModel(stiff, cents)).forEach((row, i) => {
        expect(certifiedGain(row)).toBeLessThanOrEqual(gain + 1e-9);
        for (let hz = 82; hz < 5000; hz += 82) {
          const change = Math.log(gainAt(row, hz, sampleRate) / gainAt(before[i], hz, sampleRate));
          expect(Math.abs(change), `row ${i}, ${hz} Hz, ${cents} cents`).toBeLessThan(MOST_CHANGE);
        }
      });
    }
  });

  test.each([-30, 4])("sounds %f cents away and rings as long", (cents) => {
    const single = physicalString({ t60: [T60, 8], inharmonicity: 0 });
    const detuned = detunedModel(single, cents);
    const string = new Resonator(newCore("simd"), detuned);
    const y = new Float32Array(longestDelayOf(detuned));
    y[y.length - 1] = 1;
    string.load(y, new Float32Array(y.length));
    const sound = new Float32Array(4 * 44100);
    string.process(sound);
    for (const n of [1, 3, 7]) {
      const partial = partialAt(sound, 44100, n * detuned.f0, { from: 0.5, to: 2.5, width: 1 });
      expect(Math.abs(1200 * Math.log2(partial.hz / (n * detuned.f0))), `partial ${n}`).toBeLessThan(0.1);
      expect(partial.t60 / t60At(T60, n * detuned.f0), `partial ${n}`).toBeGreaterThan(0.9);
      expect(partial.t60 / t60At(T60, n * detuned.f0), `partial ${n}`).toBeLessThan(1.1);
    }
  });

  test("keeps the learned form in step with the taps", () => {
    const detuned = detunedModel(guitar, 7);
    const form = new SpectralForm(detuned.taps, detuned.ahead);
    const bins = detuned.taps / 2 + 1;
    rowsOf(detuned).forEach((row, i) => {
      const of = (all: Float32Array) => Float64Array.from(all.subarray(i * bins, (i + 1) * bins));
      const taps = form.tapsOf({ logDamping: of(detuned.logDamping), phase: of(detuned.phase) });
      // the form keeps the top of the band, where it ripples; below, a turn the wrong way would leave 0.1 and more
      for (let k = 0; k < detuned.taps / 4; k++) {
        const hz = (k * detuned.sampleRate) / detuned.taps;
        const [a, b] = [row, Float32Array.from(taps)].map((h) => responseAt(h, hz, detuned.sampleRate));
        expect(Math.hypot(a.re - b.re, a.im - b.im), `row ${i}, ${hz} Hz`).toBeLessThan(0.01);
      }
    });
  });

  test("is the model itself at 0 cents, and refuses what is no detuning any more", () => {
    expect(detunedModel(guitar, 0)).toBe(guitar);
    expect(() => detunedModel(guitar, 101)).toThrow(/^cents: expected -100 to 100, got 101/);
    expect(() => detunedModel(guitar, Number.NaN)).toThrow(/^cents/);
  });
});
