// The passive string as one plays it: from a past, long or short, plucked and plucked again, damped, guarded; without
// a trace of how the host cuts its blocks.
import { type Build, GUARD_HEADROOM, type PassiveModel, Resonator } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { energy } from "../reference/meters.ts";
import { Cage } from "../support/canaries.ts";
import { loudest, roughness } from "../support/clicks.ts";
import { expectSameBits, expectWithinDb } from "../support/closeness.ts";
import { BUILDS_HERE, memoryBytes, newCore } from "../support/core-builds.ts";
import { somePast } from "../support/networks.ts";
import { longestDelayOf, periodOf } from "../support/passive-playing.ts";
import { physicalString, pluckedWith } from "../support/physical-string.ts";

const linear = physicalString();
const mixed = physicalString({ filters: 3, spread: 4, hop: 100, controls: 1 });
const F = longestDelayOf(linear);

function render(string: Resonator, frames: number, block = frames): Float32Array {
  const sound = new Float32Array(frames);
  for (let n = 0; n < frames; n += block) string.process(sound.subarray(n, n + block));
  return sound;
}

/** The sound of a pluck and what follows. */
function plucked(build: Build, model: PassiveModel, frames: number): Float32Array {
  const string = new Resonator(newCore(build), model);
  string.pluck();
  return render(string, frames);
}

describe.each(BUILDS_HERE)("a passive string, %s", (build: Build) => {
  test("renders long and short blocks alike", () => {
    const play = (block: number) => {
      const string = new Resonator(newCore(build), mixed);
      string.pluck(0, { guardHeadroom: GUARD_HEADROOM });
      const first = render(string, 5000, block);
      string.damp(1);
      string.setControl(0, 2);
      string.pluck();
      return Float32Array.of(...first, ...render(string, 5000, block));
    };
    const whole = play(5000);
    for (const block of [1, 40, 125, 1000]) expectSameBits(play(block), whole, `blocks of ${block}`);
  });

  test("reset is silence, and the next note sounds as the first", () => {
    const string = new Resonator(newCore(build), mixed);
    const past = somePast(2 * F, periodOf(mixed));
    string.excite(past);
    const first = render(string, 4000);
    string.reset();
    expect(render(string, 3000).every((x) => x === 0)).toBe(true);
    string.pluck();
    expectSameBits(render(string, 4000), plucked(build, mixed, 4000));
    string.excite(past);
    expectSameBits(render(string, 4000), first);
  });

  test("a pluck begins at the next sample where the string rests, whenever that is", () => {
    const string = new Resonator(newCore(build), mixed);
    render(string, 777, 7);
    string.pluck();
    expectSameBits(render(string, 4000), plucked(build, mixed, 4000));
  });

  test("before the first round trip a pluck sounds as its excitation", () => {
    const near = periodOf(linear) - linear.ahead;
    const sound = plucked(build, linear, near);
    expectSameBits(sound, linear.excitations[0].samples.subarray(0, near));
  });

  test("plucks add up, to what sounds and to each other, up to four", () => {
    const string = new Resonator(newCore(build), linear);
    const starts = [0, 1024, 1504, 2016];
    const levels = [1, -0.5, 0.7, 0.3];
    const sound = new Float32Array(8000);
    starts.forEach((start, i) => {
      string.pluck(0, { level: levels[i] });
      string.process(sound.subarray(start, starts[i + 1] ?? sound.length));
    });
    const one = plucked(build, linear, 8000);
    const expected = Float64Array.from(sound, (_, n) =>
      starts.reduce((sum, start, i) => sum + (n >= start ? levels[i] * one[n - start] : 0), 0),
    );
    // the string is linear; float32 rounds each sum anew
    expectWithinDb(sound, expected, -115);
  });

  test("at a fifth pluck the one with least left fades out within 256 samples, and nothing jumps", () => {
    // smooth and loud to its end, so that a jump would stand out
    const samples = Float32Array.from({ length: 9000 }, (_, n) => 0.1 * Math.sin(n / 40));
    const string = new Resonator(newCore(build), pluckedWith(linear, samples));
    const sound = new Float32Array(6000);
    string.pluck();
    string.process(sound, 0, 960);
    for (let i = 0; i < 3; i++) string.pluck(0, { level: 0 });
    string.process(sound, 960, 1920);
    string.pluck(0, { level: 0 });
    string.process(sound, 1920);
    const faded = samples.map((x, n) => x * Math.max(0, Math.min(1, (1920 + 256 - n) / 256)));
    expectWithinDb(sound, plucked(build, pluckedWith(linear, faded), 6000), -115);
    expect(roughness(sound, 1920)).toBeLessThan(
      1.5 * roughness(plucked(build, pluckedWith(linear, samples), 6000), 1920),
    );
    // a hundred at once: eight at most, and when they are over the string is its own again
    for (let i = 0; i < 100; i++) string.pluck(0, { level: 1e-3 });
    expect(loudest(render(string, 4000))).toBeLessThan(10);
    expect(string.brokenSamples).toBe(0);
  });

  test("damped, it dies with the T60 that was asked for, on top of its own decay, and starts without a click", () => {
    const t60 = 0.5;
    const play = (damp: boolean) => {
      const string = new Resonator(newCore(build), linear);
      string.pluck();
      const before = render(string, 22016);
      if (damp) string.damp(t60);
      return { before, after: render(string, 22050) };
    };
    const [free, damped] = [play(false), play(true)];
    expectSameBits(damped.before, free.before);
    // the first trip is not damped yet: nothing jumps
    const near = periodOf(linear) - linear.ahead;
    const step = (x: Float32Array) =>
      x.reduce((most, v, n) => Math.max(most, n ? Math.abs(v - x[n - 1]) : 0), 0);
    expect(step(damped.after.subarray(0, near))).toBeLessThanOrEqual(
      step(free.after.subarray(0, near)) * 1.01,
    );
    const periods = 4 * periodOf(linear);
    const levelDb = (x: Float32Array, from: number) => 10 * Math.log10(energy(x, from, from + periods));
    const extra =
      levelDb(free.after, 18000) -
      levelDb(free.after, 2000) -
      (levelDb(damped.after, 18000) - levelDb(damped.after, 2000));
    expect((extra * t60) / (16000 / 44100)).toBeCloseTo(60, 0);
  });

  test("damp(Infinity) lets it ring again, and so does a pluck", () => {
    const string = new Resonator(newCore(build), linear);
    string.damp(0.1);
    string.pluck();
    expectSameBits(render(string, 3000), plucked(build, linear, 3000));
    string.damp(0.1);
    string.damp(Number.POSITIVE_INFINITY);
    expectSameBits(render(string, 1000), plucked(build, linear, 4000).subarray(3000));
    expect(() => string.damp(0)).toThrow("t60: expected a number above 0 (s), or Infinity, got 0");
  });

  test("wants twice its longest delay, makes do with once, and says so to who brings less", () => {
    const string = new Resonator(newCore(build), linear);
    expect([string.wantedHistory, string.leastHistory]).toEqual([2 * F, F]);
    expect(() => string.excite(new Float32Array(F - 1))).toThrow(
      `past: expected ${F} samples or more (the longest delay), got ${F - 1}`,
    );
    // a synthetic string with two loops, long after the pluck
    const sound = plucked(build, linear, 44100);
    const continued = sound.subarray(20000);
    const resume = (samples: number) => {
      string.excite(sound.subarray(20000 - samples, 20000));
      return render(string, continued.length);
    };
    // all of it: the state is known
    const whole = resume(2 * F);
    expectWithinDb(whole, continued, -110, "2 F");
    expectSameBits(resume(5 * F), whole, "only the last 2 F count");
    // half of it: what the second loop holds is a guess, good enough that it sounds alike
    for (const part of [1.5, 1]) {
      const guessed = resume(Math.round(part * F));
      expectWithinDb(guessed, continued, -15, `${part} F`);
      const levelDb = (x: Float32Array) => 10 * Math.log10(energy(x, 15000, 20000));
      expect(Math.abs(levelDb(guessed) - levelDb(continued))).toBeLessThan(1);
    }
  });

  test("the guard holds a string whose filters are too strong, and reports it", () => {
    const period = periodOf(linear);
    const loud = { ...linear, loopTaps: linear.loopTaps.map((tap) => 1.2 * tap) };
    const past = somePast(2 * F, period);
    const loudest = (x: Float32Array) => {
      let most = 0;
      for (let n = 0; n + period <= x.length; n += 32) most = Math.max(most, energy(x, n, n + period));
      return most;
    };
    const string = new Resonator(newCore(build), loud);
    string.excite(past);
    const free = render(string, 40000);
    // the claim's 1 / (e (1 - g)) is 65 at most: with a second loop as loud as the past the guard allows 4 (1 + 65)^2
    const allowed = GUARD_HEADROOM * 66 ** 2 * loudest(past);
    expect(loudest(free)).toBeGreaterThan(100 * allowed);
    expect(string.guardReport).toEqual({ interventions: 0, smallestGain: 1 });

    string.excite(past, { guardHeadroom: GUARD_HEADROOM });
    const guarded = render(string, 40000);
    expect(string.guardReport.interventions).toBeGreaterThan(0);
    expect(string.guardReport.smallestGain).toBeLessThan(1);
    expect(loudest(guarded)).toBeLessThan(allowed);
    expect(string.brokenSamples).toBe(0);

    // plucked, the limit is what the excitation can put in: held level from then on
    string.reset();
    string.pluck(0, { guardHeadroom: GUARD_HEADROOM });
    const early = loudest(render(string, 60000));
    expect(string.guardReport.interventions).toBeGreaterThan(0);
    expect(loudest(render(string, 60000))).toBeLessThan(1.1 * early);
  });

  test("the guard leaves a good string alone, bit for bit", () => {
    const string = new Resonator(newCore(build), mixed);
    string.pluck(0, { guardHeadroom: GUARD_HEADROOM });
    expectSameBits(render(string, 20000), plucked(build, mixed, 20000));
    expect(string.guardReport).toEqual({ interventions: 0, smallestGain: 1 });
  });

  test("broken samples become silence and are counted", () => {
    const past = somePast(2 * F, periodOf(linear));
    past[2 * F - 5] = Number.NaN;
    past[2 * F - 9] = 1e30;
    const string = new Resonator(newCore(build), linear);
    string.excite(past, { guardHeadroom: GUARD_HEADROOM });
    expect(string.brokenSamples).toBe(2);
    expect(render(string, 2000).every(Number.isFinite)).toBe(true);
  });

  test("what has decayed is silence: no subnormals, and then nothing at all", () => {
    const short = physicalString({ t60: [0.3, 0.2] });
    const sound = plucked(build, short, 3 * 44100);
    expect(sound.every((x) => x === 0 || Math.abs(x) >= 1e-15)).toBe(true);
    expect(sound.subarray(2.5 * 44100).every((x) => x === 0)).toBe(true);
    expect(sound.subarray(44100, 48000).some((x) => x !== 0)).toBe(true);
  });

  test.each([0, 1])("the kernels keep to their buffers (parallel: %d)", (parallel) => {
    const core = newCore(build);
    const cage = new Cage(core);
    const { exports } = core;
    const network = [mixed.hiddenWeight, mixed.hiddenBias, mixed.outputWeight, mixed.outputBias];
    const [logDamping, phase, taps] = [mixed.logDamping, mixed.phase, mixed.loopTaps].map((x) => cage.put(x));
    const parameters = cage.put(Float32Array.from(network.flatMap((x) => [...x])));
    const samples = cage.put(somePast(F, periodOf(mixed)));
    const excitation = cage.put(mixed.excitations[0].samples);
    const coupled = parallel ? cage.put(mixed.excitations[0].samples) : 0;
    const out = cage.allocate(4 * 333);
    const period = periodOf(mixed);
    cage.guard();
    const string = exports.passiveCreate(
      4,
      256,
      256,
      F,
      period,
      logDamping,
      phase,
      taps,
      8,
      1,
      parameters,
      parallel,
    );
    exports.passiveSource(string, 44100, mixed.f0, period, 190, mixed.certificate.gain, 0);
    cage.guard();
    exports.passiveRetune(string, 44100, mixed.f0, period, 256, 190, 100);
    exports.passiveExcite(string, samples, F, 4);
    for (let i = 0; i < 100; i++) {
      if (i === 20) exports.passiveBend(string, -90);
      if (i === 30) exports.passiveRetune(string, 44100, 98, 450, 216, 160, 100);
      if (i === 50) exports.passivePluck(string, excitation, coupled, 4000, 1, -1);
      exports.passiveRender(string, out, 333);
    }
    const broken = exports.passiveBroken(string);
    exports.passiveLoad(string, samples, samples, F, coupled, parallel ? 4000 : 0, 4);
    exports.passiveRender(string, out, 333);
    expect(broken + exports.passiveBroken(string), "nothing was read beside the buffers").toBe(0);
    expect(cage.deadCanaries).toBe(0);
  });

  test("process and pluck grow no memory and leave no garbage", () => {
    const core = newCore(build);
    const string = new Resonator(core, mixed);
    const out = new Float32Array(128);
    const bytes = memoryBytes(core);
    let calls = 0;
    const play = (blocks: number) => {
      for (let i = 0; i < blocks; i++) {
        if (i % 100 === 0) string.pluck();
        if (i === 0) string.retune(calls++ % 2 ? 82.46 : 87.3);
        string.process(out);
      }
    };
    for (let i = 0; i < 3; i++) play(300);
    const grown = Array.from({ length: 8 }, () => {
      const before = process.memoryUsage().heapUsed;
      play(300);
      return process.memoryUsage().heapUsed - before;
    });
    expect(memoryBytes(core)).toBe(bytes);
    expect(Math.min(...grown.map(Math.abs)), `bytes: ${grown}`).toBeLessThan(10_000);
  });
});
