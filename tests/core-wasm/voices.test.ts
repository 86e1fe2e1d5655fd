// An instrument of many strings: notes where they are asked for, stealing and every change without a click, no stuck
// voice whatever one does to it, no garbage, and no trace of the host's blocks.
import {
  keyboardOf,
  type PassiveModel,
  Resonator,
  type StringModel,
  StringTuner,
  Voices,
} from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { mulberry32 } from "../reference/random.ts";
import { loudest, roughness } from "../support/clicks.ts";
import { expectSameBits } from "../support/closeness.ts";
import { memoryBytes, newCore } from "../support/core-builds.ts";
import { randomString } from "../support/networks.ts";
import { partialAt } from "../support/partials.ts";
import { physicalString } from "../support/physical-string.ts";

const guitar = physicalString({ t60: [6, 3], filters: 2, spread: 1, controls: 1 });
const PITCHES = [82.46, 110, 146.83, 196, 246.94, 329.63];
const tuner = new StringTuner(newCore("simd"), guitar);
const TUNINGS = PITCHES.map((f0) => tuner.tune(f0));

function voicesOf(polyphony: number, model: PassiveModel = guitar): Voices {
  const voices = new Voices(newCore("simd"), model, { polyphony });
  for (const tuning of TUNINGS) voices.addTuning(tuning);
  return voices;
}

function render(voices: Voices, frames: number, block = frames): Float32Array {
  const sound = new Float32Array(frames);
  for (let n = 0; n < frames; n += block) voices.process(sound, n, Math.min(frames, n + block));
  return sound;
}

describe("Voices", () => {
  test("a note sounds from the next sample on, as the string alone would", () => {
    const voices = voicesOf(2);
    const before = render(voices, 1000);
    expect(before.every((x) => x === 0)).toBe(true);
    voices.noteOn(guitar.f0);
    const string = new Resonator(newCore("simd"), guitar);
    string.pluck();
    const alone = new Float32Array(8000);
    string.process(alone);
    expectSameBits(render(voices, 8000), alone);
  });

  test("notes between the tunings are bent there, each by itself", () => {
    const voices = voicesOf(4);
    const asked = 110 * 2 ** (37 / 1200);
    voices.noteOn(asked);
    const sound = render(voices, 88200);
    const { hz } = partialAt(sound, 44100, asked * Math.sqrt(1 + 1e-4 * (110 / 82.46) ** 2), {
      from: 0.4,
      to: 1.2,
      width: 0.5,
    });
    const stiff = (110 * 2 ** (37 / 1200)) / asked;
    expect(Math.abs(1200 * Math.log2(hz / asked / stiff))).toBeLessThan(1);
  });

  test("velocity chooses the layer nearest in level and makes up the rest", () => {
    const [soft, loud] = [-30, -18].map((level, i) => ({
      ...guitar.excitations[0],
      level,
      samples: guitar.excitations[0].samples.map((x) => x * [0.1, 0.4][i]),
    }));
    const layered = { ...guitar, excitations: [loud, soft] };
    const sounds = [1, 0.5, 0.25].map((velocity) => {
      const voices = new Voices(newCore("simd"), layered, { polyphony: 1 });
      voices.tune([guitar.f0]);
      voices.noteOn(guitar.f0, velocity);
      return render(voices, 200);
    });
    // half of full velocity is 12 dB less: the soft layer exactly; a quarter is the soft layer 12 dB down
    expectSameBits(sounds[0], loud.samples.subarray(0, 200));
    const near = (a: Float32Array, b: Float32Array, factor: number) =>
      a.forEach((x, n) => {
        expect(x).toBeCloseTo(factor * b[n], 6);
      });
    near(sounds[1], soft.samples.subarray(0, 200), 1);
    near(sounds[2], soft.samples.subarray(0, 200), 10 ** (-12 / 20));
  });

  test("a note-off damps its note and no other, and frees the voice", () => {
    const voices = voicesOf(3);
    const ids = [82.46, 196].map((f0) => voices.noteOn(f0));
    render(voices, 22050);
    voices.noteOff(ids[0]);
    const sound = render(voices, 66150);
    const level = (f0: number, from: number) =>
      partialAt(sound, 44100, f0, { from, to: 1.1, width: 0.35 }).amplitude;
    expect(level(82.46, 0.5) / level(82.46, 0)).toBeLessThan(0.01);
    expect(level(196, 0.5) / level(196, 0)).toBeGreaterThan(0.3);
    expect(voices.sounding).toBe(1);
    voices.noteOff(ids[0]);
    voices.noteOff(99);
    voices.noteOff(ids[1]);
    render(voices, 88200);
    expect(voices.sounding).toBe(0);
    expect(voices.isSilent).toBe(true);
  });

  test("a stolen voice fades out: no jump, and the new note begins at once", () => {
    const voices = voicesOf(1);
    voices.noteOn(82.46);
    const before = render(voices, 22050);
    // the new one is silent, so that all that is heard is how the old one goes
    voices.noteOn(110, 0);
    const after = render(voices, 4410);
    const sound = Float32Array.of(...before, ...after);
    const own = roughness(sound, 18000, 22050);
    // the fade adds its own bend to what it fades, (6 / 265^2) of the amplitude, and its slope
    expect(roughness(sound, 22049, 26460)).toBeLessThan(
      1.25 * own + 0.002 * Math.max(...before.subarray(18000)),
    );
    expect(Math.max(...after.subarray(265).map(Math.abs))).toBeLessThan(1e-3 * Math.max(...before));
  });

  test("the quietest released voice is stolen first, then the quietest", () => {
    const voices = voicesOf(3);
    const a = voices.noteOn(82.46, 1);
    voices.noteOn(110, 0.2);
    voices.noteOn(146.83, 1);
    render(voices, 2048);
    voices.noteOff(a);
    render(voices, 512);
    voices.noteOn(196);
    render(voices, 2048);
    // 82 was released and is gone; the next to go is 110, the quietest
    voices.noteOn(246.94);
    const sound = render(voices, 44100);
    const amplitude = (f0: number) =>
      partialAt(sound, 44100, f0, { from: 0.1, to: 0.6, width: 0.3 }).amplitude;
    expect(amplitude(110) / amplitude(146.83)).toBeLessThan(0.02);
    expect(amplitude(82.46) / amplitude(146.83)).toBeLessThan(0.02);
  });

  test.each<[string, (voices: Voices, id: number) => void]>([
    ["note-off", (voices, id) => voices.noteOff(id)],
    ["bend", (voices) => voices.bend(150)],
    ["a note's own bend", (voices, id) => voices.bend(-200, id)],
    ["damp", (voices) => voices.damp(0.05)],
    ["soften", (voices) => voices.soften(0.1)],
    ["a control", (voices) => voices.setControl(0, 3)],
    ["stop", (voices) => voices.stop()],
  ])("%s does not click", (_, change) => {
    const voices = voicesOf(2);
    const id = voices.noteOn(82.46);
    const sound = new Float32Array(44100);
    voices.process(sound, 0, 22050);
    change(voices, id);
    voices.process(sound, 22050, 44100);
    expect(roughness(sound, 22049, 44100)).toBeLessThan(
      1.3 * roughness(sound, 18000, 22050) + 0.002 * loudest(sound, 18000, 22050),
    );
  });

  test("does not depend on the host's blocks", () => {
    const play = (block: number) => {
      const voices = voicesOf(3);
      const next = mulberry32(3);
      const sound = new Float32Array(60000);
      for (let n = 0; n < sound.length; n += 3000) {
        const id = voices.noteOn(PITCHES[Math.floor(6 * next())] * 2 ** ((next() - 0.5) / 12), next());
        if (next() < 0.5) voices.bend(300 * (next() - 0.5));
        if (next() < 0.3) voices.noteOff(id);
        if (next() < 0.3) voices.setControl(0, next());
        for (let m = n; m < n + 3000; m += block) voices.process(sound, m, Math.min(m + block, n + 3000));
      }
      return sound;
    };
    const whole = play(3000);
    for (const block of [1, 128, 441]) expectSameBits(play(block), whole, `blocks of ${block}`);
  });

  test("10,000 notes with everything at random: nothing sticks, nothing breaks, all falls silent", () => {
    const voices = voicesOf(8);
    const next = mulberry32(9);
    const out = new Float32Array(128);
    const held: number[] = [];
    let most = 0;
    for (let i = 0; i < 10_000; i++) {
      const f0 = PITCHES[Math.floor(6 * next())] * 2 ** ((2 * next() - 1) / 8);
      held.push(voices.noteOn(f0, next()));
      const what = next();
      if (what < 0.2) voices.bend(400 * next() - 200);
      else if (what < 0.3) voices.bend(400 * next() - 200, held[Math.floor(held.length * next())]);
      else if (what < 0.4) voices.soften(next() < 0.5 ? Number.POSITIVE_INFINITY : 0.01 + next());
      else if (what < 0.5) voices.damp(next() < 0.5 ? Number.POSITIVE_INFINITY : 0.01 + next());
      else if (what < 0.6) voices.setControl(0, 20 * next() - 10);
      else if (what < 0.61) voices.stop();
      else if (what < 0.62) voices.reset();
      else if (what < 0.7) voices.releaseT60 = 0.02 + next();
      while (held.length > 4) voices.noteOff(held.splice(Math.floor(held.length * next()), 1)[0]);
      voices.process(out, 0, 1 + Math.floor(127 * next()));
      for (const x of out) most = Math.max(most, Math.abs(x));
      if (!Number.isFinite(most)) break;
      expect(voices.sounding).toBeLessThanOrEqual(8);
    }
    expect(most).toBeLessThan(100);
    expect(voices.brokenSamples).toBe(0);
    voices.releaseT60 = 0.1;
    for (const id of held) voices.noteOff(id);
    for (let i = 0; i < 1500 && !voices.isSilent; i++) voices.process(out);
    expect(voices.sounding).toBe(0);
    expect(Math.max(...render(voices, 5000).map(Math.abs))).toBe(0);
  }, 120_000);

  test("process, notes and bends grow no memory and leave no garbage over 100,000 blocks", () => {
    const core = newCore("simd");
    const voices = new Voices(core, guitar, { polyphony: 2 });
    for (const tuning of TUNINGS) voices.addTuning(tuning);
    const out = new Float32Array(128);
    const bytes = memoryBytes(core);
    let id = 0;
    const play = (blocks: number) => {
      for (let i = 0; i < blocks; i++) {
        if (i % 400 === 0) id = voices.noteOn(PITCHES[(i / 400) % 6], 0.5);
        if (i % 500 === 0) voices.bend(i % 1000 ? 0 : 40);
        if (i % 400 === 150) voices.noteOff(id);
        voices.process(out);
      }
    };
    play(5000);
    // what a note takes is garbage until V8 has compiled it
    for (let i = 0; i < 2000; i++) {
      voices.noteOff(voices.noteOn(PITCHES[i % 6], 0.5));
      voices.process(out);
    }
    const grown = Array.from({ length: 10 }, () => {
      const before = process.memoryUsage().heapUsed;
      play(10_000);
      return process.memoryUsage().heapUsed - before;
    });
    expect(memoryBytes(core)).toBe(bytes);
    // a byte a block would be 10,000; the runner's own work is in between
    expect(Math.min(...grown.map(Math.abs)), `bytes: ${grown}`).toBeLessThan(20_000);
  }, 120_000);

  test("voices that are made one by one play what all at once would", () => {
    const core = newCore("simd");
    const voices = new Voices(core, guitar, { polyphony: 3, prepared: 0 });
    for (const tuning of TUNINGS) voices.addTuning(tuning);
    expect(() => voices.noteOn(110)).toThrow("voices: expected one at least to be prepared, got none");
    const steps: number[] = [];
    for (let missing = 3; missing > 0; ) {
      const before = memoryBytes(core);
      missing = voices.prepare(1);
      steps.push(memoryBytes(core) - before);
      expect(voices.sounding).toBe(0);
    }
    expect(steps).toHaveLength(3);
    expect(Math.max(...steps)).toBeLessThan(500_000);
    expect(voices.prepare()).toBe(0);
    const atOnce = voicesOf(3);
    for (const instrument of [voices, atOnce]) for (const f0 of PITCHES) instrument.noteOn(f0, 0.7);
    expect(voices.sounding).toBe(3);
    expectSameBits(render(voices, 5000), render(atOnce, 5000));
  });

  test("a control beyond all numbers breaks nothing for good", () => {
    const voices = voicesOf(1);
    voices.noteOn(110);
    render(voices, 4000);
    for (const value of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, 0.5]) {
      voices.setControl(0, value);
      expect(render(voices, 2000).every(Number.isFinite)).toBe(true);
    }
    // what is heard after it is what is heard of a string that was never asked for more
    expect(Math.max(...render(voices, 2000).map(Math.abs))).toBeGreaterThan(1e-3);
  });

  test("says what it cannot do", () => {
    const voices = voicesOf(2);
    expect(() => voices.noteOn(1000)).toThrow("f0: expected a pitch within 200 cents of a tuning");
    expect(() => voices.noteOn(Number.NaN)).toThrow("f0: expected a positive number (Hz), got NaN");
    expect(() => voices.noteOn(110, 1.5)).toThrow("velocity: expected 0 to 1, got 1.5");
    expect(() => voices.bend(300)).toThrow("cents: expected -200 to 200, got 300");
    expect(() => new Voices(newCore("simd"), guitar, { polyphony: 0 })).toThrow("polyphony: expected");
    const classic: StringModel = randomString({ delays: [99, 100, 101] });
    expect(() => new Voices(newCore("simd"), classic)).toThrow(
      "model: expected a passive string, got a classic one",
    );
    const mute = { ...guitar, excitations: [] };
    expect(() => new Voices(newCore("simd"), mute)).toThrow("model: expected at least one excitation");
    const other = new StringTuner(newCore("simd"), guitar, { sampleRate: 48000 }).tune(110);
    expect(() => voices.addTuning(other)).toThrow("tuning: expected one of this model at 44100 Hz");
  });
});

describe("keyboardOf", () => {
  test("four octaves of concert pitch, the model's own pitch among them", () => {
    const keys = keyboardOf(guitar);
    expect(keys).toHaveLength(49);
    expect(keys[12]).toBe(guitar.f0);
    expect(keys[11]).toBeCloseTo(77.78, 2);
    expect(keys.at(-1)).toBeCloseTo(659.26, 2);
    expect(keyboardOf(guitar, 8000).at(-1)).toBeLessThanOrEqual(200);
  });
});
