// Where training starts: phases that put partials where the string has them, unwrapped; a second loop set apart.
import { certifiedGain } from "@neural-string/core-wasm";
import { lastSoundingBin } from "@neural-string/trainer/core/passive/calm-start";
import { SpectralForm } from "@neural-string/trainer/core/passive/spectral-form";
import { retunedStart, startSpectra, stiffPhase } from "@neural-string/trainer/core/passive/start";
import { nearestDelay, Retuning, type Tuning } from "@neural-string/trainer/core/passive/tuning";
import { describe, expect, test } from "vitest";
import { mulberry32 } from "../../../reference/random.ts";
import { partialHz } from "../../../reference/stiff-string.ts";
import { SMALL_CAP, SMALL_TUNING, smallString, smallTuningAt } from "../../../support/passive-facts.ts";

/** Turns of the whole loop, its period included, at a frequency; linear between bins. */
function loopTurns(phase: ArrayLike<number>, { sampleRate, f0, taps }: Tuning, hz: number): number {
  const position = (hz * taps) / sampleRate;
  const k = Math.min(Math.floor(position), taps / 2 - 1);
  const at = phase[k] + (position - k) * (phase[k + 1] - phase[k]);
  return at / (2 * Math.PI) - (hz * Math.round(sampleRate / f0)) / sampleRate;
}

describe("stiffPhase", () => {
  test.each([0, 1e-4, 1e-3])("turns the loop n times at partial n, B = %f", (B) => {
    const tuning = { sampleRate: 44100, f0: 82.46, taps: 4096, ahead: 190 };
    const phase = stiffPhase(tuning, B);
    const first = tuning.f0 / Math.sqrt(1 + B); // partial 1 sounds at f0
    for (const n of [1, 2, 5, 17, 40]) {
      const hz = partialHz(n, first, B);
      // bins of 11 Hz: straight lines between them miss by less than 1e-5 of a turn
      expect(Math.abs(loopTurns(phase, tuning, hz) + n), `partial ${n}`).toBeLessThan(1e-4);
    }
    expect(phase[0]).toBeCloseTo(0, 12);
  });
});

describe("startSpectra", () => {
  const start = startSpectra([smallString()], SMALL_TUNING, 2e-5, mulberry32(1), SMALL_CAP);
  const [second, first] = start.rows;
  const unwrapped = first.phase.map((x, k) => x + 2 * Math.PI * start.turns[k]);

  // filters of half a period, of one and more, and with hardly anything but fades
  test.each([
    SMALL_TUNING,
    { ...SMALL_TUNING, taps: 32, ahead: 24, fade: 7 },
    { ...SMALL_TUNING, taps: 128, ahead: 40 },
  ])("partials lie where the recording has them and decay slowly: $taps taps, $ahead ahead", (tuning) => {
    const [, row] = startSpectra([smallString()], tuning, 2e-5, mulberry32(1), SMALL_CAP).rows;
    const h = new SpectralForm(tuning.taps, tuning.ahead, tuning.fade).tapsOf(row);
    const near = nearestDelay(tuning);
    for (let n = 1; n <= 8; n++) {
      const w = (2 * Math.PI * partialHz(n, 160, 2e-5)) / SMALL_TUNING.sampleRate;
      let [re, im] = [0, 0];
      for (const [j, tap] of h.entries()) {
        re += tap * Math.cos(w * (near + j));
        im -= tap * Math.sin(w * (near + j));
      }
      // once around the loop is a whole number of turns
      const cents = 1200 * Math.log2(1 + Math.abs(Math.atan2(im, re)) / (2 * Math.PI * n));
      expect(cents, `partial ${n}`).toBeLessThan(4);
      expect(Math.hypot(re, im), `partial ${n}`).toBeGreaterThan(0.93);
      expect(Math.hypot(re, im), `partial ${n}`).toBeLessThan(1.01);
    }
  });

  test("phases are unwrapped: from bin to bin they follow the stiff string's", () => {
    const expected = stiffPhase(SMALL_TUNING, 2e-5);
    unwrapped.forEach((x, k) => {
      expect(Math.abs(x - expected[k]), `bin ${k}`).toBeLessThanOrEqual(Math.PI);
    });
    expect(start.turns.every(Number.isInteger)).toBe(true);
  });

  test("above the last bin that sounds, the phase goes on beside the stiff string's, and no gain exceeds the cap", () => {
    // the upper half of the spectrum is empty
    const tuning = { sampleRate: 8000, f0: 160, taps: 64, ahead: 37, fade: 16 };
    const low = smallString().map(
      (_, n) => 0.5 * Math.exp(-n / 4000) * Math.sin((2 * Math.PI * 160 * n) / 8000),
    );
    const { rows, turns } = startSpectra([low], tuning, 1e-3, mulberry32(1), SMALL_CAP);
    const last = lastSoundingBin([low], tuning);
    expect(last).toBeLessThan(16);
    const expected = stiffPhase(tuning, 1e-3);
    const beside = (k: number) => rows[1].phase[k] + 2 * Math.PI * turns[k] - expected[k];
    for (let k = last + 1; k <= 32; k++)
      expect(Math.abs(beside(k) - beside(last + 1)), `bin ${k}`).toBeLessThan(0.3);
    const taps = Float32Array.from(new SpectralForm(64, 37, 16).tapsOf(rows[1]));
    expect(certifiedGain(taps)).toBeLessThan(SMALL_CAP + 0.01);
  });

  test("the second loop is damped more and tuned a little otherwise, as the seed says", () => {
    first.logDamping.forEach((x, k) => {
      expect(second.logDamping[k] - x).toBeCloseTo(Math.log(4), 12);
    });
    const apart = second.phase.map((x, k) => x - first.phase[k]);
    const deviation = Math.sqrt(apart.reduce((sum, x) => sum + x * x, 0) / apart.length);
    expect(deviation).toBeGreaterThan(1e-3);
    expect(deviation).toBeLessThan(4e-3);
    expect(startSpectra([smallString()], SMALL_TUNING, 2e-5, mulberry32(1), SMALL_CAP)).toEqual(start);
    expect(startSpectra([smallString()], SMALL_TUNING, 2e-5, mulberry32(2), SMALL_CAP).rows[0]).not.toEqual(
      second,
    );
  });

  test("taken from another note, it is what re-tuning makes of it", () => {
    const to = smallTuningAt(190);
    const moved = retunedStart(start, SMALL_TUNING, to);
    const expected = new Retuning(SMALL_TUNING, to).apply({ logDamping: first.logDamping, phase: unwrapped });
    const form = new SpectralForm(to.taps, to.ahead, to.fade);
    moved.rows[1].phase.forEach((x, k) => {
      expect(Math.abs(x)).toBeLessThanOrEqual(Math.PI + 1e-9);
      expect(x + 2 * Math.PI * moved.turns[k]).toBeCloseTo(expected.phase[k], 10);
    });
    expect(moved.rows[1].logDamping).toEqual(expected.logDamping);
    expect(moved.turns.length).toBe(form.bins);
    expect(retunedStart(start, SMALL_TUNING, SMALL_TUNING)).toEqual(start);
  });
});
