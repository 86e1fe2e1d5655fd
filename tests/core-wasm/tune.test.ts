// A string that was tuned a few cents away is found there, from two periods on; what is only noise, or only a young
// string's sharpness, moves nothing.
import { detunedModel, estimatePitch, type PassiveModel, Resonator } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { mulberry32 } from "../reference/random.ts";
import { closeness, expectSameBits } from "../support/closeness.ts";
import { newCore } from "../support/core-builds.ts";
import { longestDelayOf } from "../support/passive-playing.ts";
import { physicalString } from "../support/physical-string.ts";

const linear = physicalString();
const moving = physicalString({ filters: 3, hop: 256, spread: 2 });
const planes = physicalString({ coupled: 0.4 });
const short = physicalString({ sampleRate: 48000, f0: 196, taps: 128, ahead: 90 });

/** A pluck from its onset on, as the core plays it. */
function pluckedAt(model: PassiveModel, cents: number, length: number, level = 1): Float32Array {
  const string = new Resonator(newCore("simd"), detunedModel(model, cents));
  string.pluck(0, { level });
  const out = new Float32Array(length);
  string.process(out);
  return out;
}

const CALIBRATION = { samples: [1000, 4000, 16000], cents: [1, 2, 3], spreadCents: 0.4 };

describe("estimatePitch", () => {
  // the burst that plucks takes some 10 ms; its rest counts as misfit where the past is short
  test.each([
    [1198, 0.6],
    [2800, 0.3],
    [11025, 0.2],
  ])("hears a guitar string's detuning in %i samples, within %f cents", (length, tolerance) => {
    for (const cents of [-30, -10, -4, 0, 4, 10]) {
      const heard = estimatePitch(linear, pluckedAt(linear, cents, length));
      const none = estimatePitch(linear, pluckedAt(linear, 0, length)).heardCents;
      expect(Math.abs(heard.heardCents - none - cents), `${cents} cents`).toBeLessThan(
        tolerance + 0.05 * Math.abs(cents),
      );
      expect(heard.f0).toBeCloseTo(linear.f0 * 2 ** (heard.cents / 1200), 9);
    }
  });

  test("does so with a mixture that moves, for a higher string, and for parallel loops", () => {
    for (const model of [moving, short, planes]) {
      for (const cents of [-6, 6]) {
        const { heardCents } = estimatePitch(model, pluckedAt(model, cents, 6000));
        expect(Math.abs(heardCents - cents), `${model.f0} Hz, ${cents} cents`).toBeLessThan(1);
      }
    }
  });

  test("does not depend on how loud a linear string is", () => {
    const past = pluckedAt(linear, 5, 3000);
    const quiet = estimatePitch(
      linear,
      past.map((x) => x / 1024),
    ).heardCents;
    expect(quiet).toBeCloseTo(estimatePitch(linear, past).heardCents, 6);
  });

  test("believes several cents, and leaves the string alone for less than recordings of one tuning differ by", () => {
    for (const cents of [-1.5, 0.6, 1.5]) {
      const near = estimatePitch(linear, pluckedAt(linear, cents, 4000));
      expect(Math.abs(near.heardCents)).toBeGreaterThan(0.3);
      // a quarter of a cent the wrong way is a quarter of a cent more than nothing
      expect(near.cents).toBe(0);
    }
    const far = estimatePitch(linear, pluckedAt(linear, 8, 4000));
    expect(far.cents / far.heardCents).toBeGreaterThan(0.95);
    expect(far.uncertaintyCents).toBeGreaterThan(0.5);
  });

  test("subtracts how sharp the model's recordings sounded at that age", () => {
    const past = pluckedAt(linear, 9, 8000);
    const plain = estimatePitch(linear, past, { calibration: { ...CALIBRATION, cents: [0, 0, 0] } });
    const calibrated = estimatePitch(linear, past, { calibration: CALIBRATION });
    expect(calibrated.heardCents).toBe(plain.heardCents);
    // 8000 lies halfway from 4000 to 16000, in octaves
    expect(plain.cents - calibrated.cents).toBeCloseTo(2.5, 1);
    for (const [length, cents] of [
      [1000, 1],
      [16500, 3],
    ]) {
      const at = estimatePitch(linear, pluckedAt(linear, 9, length), { calibration: CALIBRATION });
      // held at the ends; a little doubt is left
      expect(Math.abs(at.heardCents - at.cents - cents), `${length} samples`).toBeLessThan(0.2);
    }
  });

  test("moves nothing on what says nothing", () => {
    const random = mulberry32(4);
    const noise = Float32Array.from({ length: 4000 }, () => random() - 0.5);
    const nothing = { f0: linear.f0, cents: 0, heardCents: 0, uncertaintyCents: Number.POSITIVE_INFINITY };
    for (const length of [1198, 4000])
      expect(estimatePitch(linear, noise.subarray(0, length))).toEqual(nothing);
    // out of reach: half a semitone
    for (const cents of [-65, 65]) {
      expect(estimatePitch(linear, pluckedAt(linear, cents, 4000)), `${cents} cents`).toEqual(nothing);
    }
    expect(estimatePitch(linear, new Float32Array(4000))).toEqual(nothing);
    expect(estimatePitch(linear, noise.subarray(0, longestDelayOf(linear)))).toEqual(nothing);
    expect(estimatePitch(linear, new Float32Array(0))).toEqual(nothing);
  });
});

describe("a resonator that goes on from a past it was tuned to", () => {
  test("plays what was played, at its pitch, where its own would drift away", () => {
    const whole = pluckedAt(linear, 7, 30000);
    const past = whole.subarray(0, 9000);
    const { cents, heardCents } = estimatePitch(linear, past);
    const errors = [true, false].map((tuned) => {
      const string = new Resonator(newCore("simd"), linear);
      if (tuned) string.detune(cents);
      string.excite(past, tuned ? { heardCents } : {});
      const out = new Float32Array(21000);
      string.process(out);
      return closeness(out, whole.subarray(9000)).relativeDb;
    });
    expect(errors[0]).toBeLessThan(-10);
    expect(errors[1]).toBeGreaterThan(-3);
  });

  test("is what the detuned model plays, bit for bit, and itself again at 0 cents", () => {
    const past = pluckedAt(moving, 0, 4000);
    const play = (string: Resonator) => {
      string.excite(past);
      const out = new Float32Array(3000);
      string.process(out);
      return out;
    };
    const string = new Resonator(newCore("simd"), moving);
    const own = play(string);
    string.reset();
    string.detune(-6);
    expectSameBits(play(string), play(new Resonator(newCore("simd"), detunedModel(moving, -6))), "detuned");
    string.reset();
    string.detune(0);
    expectSameBits(play(string), own, "as it was");
  });
});
