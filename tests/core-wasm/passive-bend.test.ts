// Bending and softening a passive string while it rings: the pitch goes where it is asked to and the decay stays, no
// movement adds energy, nothing jumps, and nothing depends on the host's blocks.
import { certifiedGain, type PassiveModel, Resonator } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { bentSound, kernelOf } from "../reference/passive-bend.ts";
import { playedResponse } from "../reference/passive-tuning.ts";
import { mulberry32 } from "../reference/random.ts";
import { roughness } from "../support/clicks.ts";
import { expectSameBits, expectWithinDb } from "../support/closeness.ts";
import { newCore } from "../support/core-builds.ts";
import { TOLERANCES } from "../support/kernel-tolerances.ts";
import { partialAt } from "../support/partials.ts";
import { filtersOf, longestDelayOf } from "../support/passive-playing.ts";
import { lowTone, physicalString, pluckedWith } from "../support/physical-string.ts";
import { rowOf } from "../support/retuned-strings.ts";

// one loop matters here: the second is silent or dies at once
const guitar = physicalString({ t60: [8, 0.05] });
const mixed = physicalString({ t60: [4, 2], filters: 3, spread: 5, controls: 1 });

function random(length: number, seed: number): Float32Array {
  const next = mulberry32(seed);
  return Float32Array.from({ length }, () => next() - 0.5);
}

function plucked(model: PassiveModel, frames: number, set?: (string: Resonator) => void): Float32Array {
  const string = new Resonator(newCore("simd"), model);
  set?.(string);
  string.pluck();
  const sound = new Float32Array(frames);
  string.process(sound);
  return sound;
}

describe("bend", () => {
  test.each([-200, -37.5, 13, 100, 200])(
    "by %d cents the partials move by as much, and decay as they did per second",
    (cents) => {
      const [free, bent] = [0, cents].map((by) => plucked(guitar, 88200, (string) => string.bend(by)));
      for (const n of [1, 3, 8, 16]) {
        const measured = [free, bent].map((sound, i) => {
          const ideal = bentPartial(guitar, [0, cents][i], n);
          const heard = partialAt(sound, 44100, ideal.hz, { from: 0.3, to: 1.4, width: 0.5 });
          return { off: 1200 * Math.log2(heard.hz / ideal.hz), slower: heard.t60 / ideal.t60 };
        });
        // the period is exact to 1/512 of a sample, 0.007 cents
        expect(Math.abs(measured[1].off - measured[0].off), `cents, partial ${n}`).toBeLessThan(0.03);
        expect(measured[1].slower / measured[0].slower, `T60, partial ${n}`).toBeGreaterThan(0.99);
        expect(measured[1].slower / measured[0].slower, `T60, partial ${n}`).toBeLessThan(1.01);
      }
    },
  );

  test("it equals the reference: still terms, and what passes from one to the next", () => {
    const past = random(longestDelayOf(guitar), 3);
    const moves = [
      { at: 0, cents: 60, soft: 0 },
      { at: 1600, cents: 60, soft: 0.7 },
      { at: 3200, cents: -150, soft: 0.2 },
    ];
    const string = new Resonator(newCore("simd"), guitar);
    string.load(past, new Float32Array(past.length));
    const sound = new Float32Array(9600);
    moves.forEach(({ at, cents, soft }, i) => {
      string.bend(cents);
      string.soften(t60Of(soft, cents));
      string.process(sound, at, moves[i + 1]?.at ?? sound.length);
    });
    const expected = bentSound({ ...filtersOf(guitar), past, period: 44100 / guitar.f0, moves }, 9600);
    expectWithinDb(sound, expected, TOLERANCES.bentString.limit);
  });

  test("no still term has a gain above 1 at any frequency", () => {
    const gains = Array.from({ length: 255 }, (_, i) =>
      [0, 0.3, 1].map((soft) => certifiedGain(Float32Array.from(kernelOf({ early: i + 1, soft }).k))),
    );
    expect(Math.max(...gains.flat())).toBeLessThan(1);
  });

  test("no movement adds energy, whatever the mixture does meanwhile", () => {
    const string = new Resonator(newCore("simd"), mixed);
    const F = longestDelayOf(mixed);
    const y0 = random(F, 8);
    string.load(y0, new Float32Array(F));
    const next = mulberry32(5);
    const sound = new Float32Array(84000);
    for (let n = 0; n < sound.length; n += 250) {
      string.setControl(0, 10 * next() - 5, 0);
      string.bend(400 * next() - 200);
      string.soften(next() < 0.5 ? 0.05 : Number.POSITIVE_INFINITY);
      string.process(sound, n, n + 250);
    }
    // the second loop is silent: T_y(n) <= g T_y(n - F'), F' with the longest bend and the points it is read between
    const longest = F + Math.ceil(0.125 * (44100 / mixed.f0)) + 10;
    const line = Float32Array.of(...new Float32Array(longest - F), ...y0, ...sound);
    const tail = new Float64Array(line.length + 1);
    for (let n = line.length - 1; n >= 0; n--) tail[n] = tail[n + 1] + line[n] * line[n];
    const gain = mixed.certificate.gain * (1 + 2e-6);
    for (let n = longest; n < line.length; n += 7) {
      expect(Math.sqrt(tail[n])).toBeLessThanOrEqual(gain * Math.sqrt(tail[n - longest]) + 1e-12);
    }
  });

  test("a whole tone in a fifth of a second keeps the low partials, as a finger does", () => {
    const string = new Resonator(newCore("simd"), guitar);
    string.pluck();
    const sound = new Float32Array(3 * 44100);
    string.process(sound, 0, 44100);
    string.bend(200);
    string.process(sound, 44100);
    const free = plucked(guitar, 3 * 44100);
    for (const n of [1, 2, 5, 10]) {
      const hz = n * 82.46 * Math.sqrt(1 + 1e-4 * n * n);
      const window = { from: 1.3, to: 2.4, width: 0.5 };
      const kept = levelDb(partialAt(sound, 44100, hz * 2 ** (200 / 1200), window));
      const was = levelDb(partialAt(free, 44100, hz, window));
      // a higher partial dies sooner, and has 12 % more trips a second to do it; time squeezed is energy, too
      expect(kept - was, `partial ${n}`).toBeGreaterThan(-6);
      expect(kept - was, `partial ${n}`).toBeLessThan(0.5);
    }
  });

  test("nothing jumps: where it begins, moves, turns and ends", () => {
    const string = new Resonator(newCore("simd"), guitar);
    string.pluck();
    const sound = new Float32Array(3 * 44100);
    let at = 22050;
    string.process(sound, 0, at);
    for (const cents of [30, -120, 200, 0.4, 0, 90, 0]) {
      string.bend(cents);
      string.soften(cents < 0 ? 0.2 : Number.POSITIVE_INFINITY);
      string.process(sound, at, at + 6000);
      at += 6000;
    }
    const jump = (n: number) => Math.abs(sound[n] - 2 * sound[n - 1] + sound[n - 2]);
    let own = 0;
    for (let n = 20000; n < 22050; n++) own = Math.max(own, jump(n));
    let most = 0;
    for (let n = 22050; n < at; n++) most = Math.max(most, jump(n));
    expect(most).toBeLessThan(1.3 * own);
  });

  test.each([200, -200, 37])("on its way by %d cents a smooth tone stays smooth", (cents) => {
    // what 1500 borders of hops a second did to it would stand out
    const smooth = pluckedWith(guitar, lowTone(82.46));
    const sound = new Float32Array(26000);
    const string = new Resonator(newCore("simd"), smooth);
    string.pluck();
    string.process(sound, 0, 22016);
    string.bend(cents);
    string.process(sound, 22016);
    expect(roughness(sound, 22016)).toBeLessThan(2 * roughness(sound, 20000, 22016));
  });

  test.each([200, -200])("damped while bent by %d cents, it takes the time that was asked for", (cents) => {
    const t60 = 0.5;
    const play = (damps: boolean) => {
      const string = new Resonator(newCore("simd"), guitar);
      string.bend(cents);
      string.pluck();
      string.process(new Float32Array(22016));
      if (damps) string.damp(t60);
      const sound = new Float32Array(22050);
      string.process(sound);
      return sound;
    };
    const levelDb = (sound: Float32Array, from: number) =>
      10 * Math.log10(sound.subarray(from, from + 2140).reduce((sum, x) => sum + x * x, 0));
    const [free, damped] = [play(false), play(true)];
    const fell = (sound: Float32Array) => levelDb(sound, 2000) - levelDb(sound, 18000);
    // (without the bend in it 67 up, 53 down; windows of four periods at no bend are not whole ones)
    expect(Math.abs(((fell(damped) - fell(free)) * t60) / (16000 / 44100) - 60)).toBeLessThan(1.5);
  });

  test("nothing jumps where it is bent while a tuning fades", () => {
    const string = new Resonator(newCore("simd"), pluckedWith(guitar, lowTone(guitar.f0)));
    string.pluck();
    const sound = new Float32Array(40000);
    string.process(sound, 0, 22016);
    string.retune(guitar.f0 * 2 ** (3 / 12));
    string.process(sound, 22016, 24016);
    string.bend(200);
    string.process(sound, 24016);
    expect(roughness(sound, 24016)).toBeLessThan(2.5 * roughness(sound, 20000, 22016));
  });

  test("damped at the same time, the damper moves as it does alone", () => {
    const moves: ((string: Resonator) => void)[] = [
      () => {},
      (string) => string.soften(5),
      (string) => string.bend(1),
      (string) => string.bend(-1),
    ];
    // nothing of its own that a jump could hide in
    const samples = Float32Array.from(
      { length: 9000 },
      (_, n) => 0.1 * Math.sin(n / 40) * Math.exp(-n / 6000),
    );
    const smooth = pluckedWith(guitar, samples);
    /** How rough the next 64 samples are, for each of these moves and the damper. */
    const rough = (from: number) =>
      moves.map((move) => {
        const string = new Resonator(newCore("simd"), smooth);
        string.pluck();
        const sound = new Float32Array(from + 64);
        string.process(sound, 0, from);
        move(string);
        string.damp(0.05);
        string.process(sound, from);
        return roughness(sound, from);
      });
    // a jump is as large as the sound is just then: somewhere within a period it is loud
    const all = Array.from({ length: 17 }, (_, i) => rough(22016 + 32 * i));
    const [alone, ...both] = moves.map((_, i) => Math.max(...all.map((one) => one[i])));
    for (const most of both) expect(most).toBeLessThan(1.5 * alone);
  });

  test("back at its own pitch it is off, and sounds as if nothing had been", () => {
    const past = random(2 * longestDelayOf(guitar), 4);
    const string = new Resonator(newCore("simd"), guitar);
    string.bend(50);
    string.soften(1);
    string.bend(0);
    string.soften(Number.POSITIVE_INFINITY);
    string.excite(past);
    const sound = new Float32Array(4000);
    string.process(sound);
    const other = new Resonator(newCore("simd"), guitar);
    other.excite(past);
    const free = new Float32Array(4000);
    other.process(free);
    expectSameBits(sound, free);
  });

  test("does not depend on the host's blocks", () => {
    const play = (size: number) => {
      const string = new Resonator(newCore("simd"), mixed);
      string.pluck();
      const sound = new Float32Array(24000);
      for (let n = 0; n < sound.length; n += size) {
        if (n === 6000) string.bend(-80);
        if (n === 9000) string.soften(0.3);
        if (n === 12000) string.bend(70);
        if (n === 15000) string.damp(1);
        string.process(sound, n, n + size);
      }
      return sound;
    };
    expectSameBits(play(125), play(3000));
  });

  test("says what it cannot do", () => {
    const string = new Resonator(newCore("simd"), guitar);
    expect(() => string.bend(201)).toThrow("cents: expected -200 to 200, got 201");
    expect(() => string.bend(Number.NaN)).toThrow("cents: expected -200 to 200, got NaN");
    expect(() => string.soften(0)).toThrow("t60: expected a number above 0 (s), or Infinity, got 0");
  });
});

describe("soften", () => {
  test("takes 60 dB at 4 kHz in the time that is asked for, on top of the string's own decay, and leaves the first", () => {
    const [free, soft] = [Number.POSITIVE_INFINITY, 1.5].map((t60) =>
      plucked(guitar, 88200, (string) => string.soften(t60)),
    );
    const t60 = (sound: Float32Array, hz: number) =>
      partialAt(sound, 44100, hz, { from: 0.1, to: 0.6, width: 0.3 }).t60;
    const near = partialAt(free, 44100, 4000, { from: 0.1, to: 0.12, width: 0.3 }).hz;
    const w = (2 * Math.PI * near) / 44100;
    const at4k = (2 * Math.PI * 4000) / 44100;
    // what is lost per trip is as 1 - cos w
    const lost = ((1 - 10 ** (-3 / (82.46 * 1.5))) * (1 - Math.cos(w))) / (1 - Math.cos(at4k));
    const extra = 1 / t60(soft, near) - 1 / t60(free, near);
    expect(extra / ((-Math.log10(1 - lost) * 82.46) / 3)).toBeCloseTo(1, 1);
    expect(t60(soft, 82.46) / t60(free, 82.46)).toBeGreaterThan(0.97);
  });
});

/** Where the first loop's n-th partial is (Hz) and how long it rings (s), the same filter read early or late. */
function bentPartial(model: PassiveModel, cents: number, n: number): { hz: number; t60: number } {
  const { taps, phase, from } = rowOf(model, 1);
  const f0 = model.f0 * 2 ** (cents / 1200);
  let hz = n * f0;
  for (let i = 0; i < 30; i++) {
    hz = f0 * (n + playedResponse(taps, phase, from, hz).dispersion / (2 * Math.PI));
  }
  return { hz, t60: Math.log(1000) / (playedResponse(taps, phase, from, hz).damping * f0) };
}

function levelDb({ amplitude }: { amplitude: number }): number {
  return 20 * Math.log10(amplitude);
}

/** What to ask for so that b of the softening comes out as given, of a string that is bent. */
function t60Of(soft: number, cents: number): number {
  const lost = (soft / 2) * (1 - Math.cos((2 * Math.PI * 4000) / 44100));
  return soft === 0
    ? Number.POSITIVE_INFINITY
    : -3 / (guitar.f0 * 2 ** (cents / 1200) * Math.log10(1 - lost));
}
