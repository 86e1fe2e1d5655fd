// A control that moves while a string sounds: it glides, to exactly where it was sent, in steps that do not depend on the
// host's blocks; before anything has sounded it is simply there.
import { type ClassicModel, Resonator } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { loudest, roughness } from "../support/clicks.ts";
import { expectSameBits } from "../support/closeness.ts";
import { newCore } from "../support/core-builds.ts";
import { randomString } from "../support/networks.ts";
import { physicalString } from "../support/physical-string.ts";

const SAMPLE_RATE = 44100;
/** Says its own two controls: one sample is the first of them plus 16 times the second. */
const echo: ClassicModel = randomString({ delays: [100], hidden: [], controls: 2 });
echo.layers[0].weight.set([0, 1, 16]);

const silence = new Float32Array(100);

const guitar = physicalString({ t60: [6, 3], filters: 2, spread: 1, controls: 1 });
/** Samples between two evaluations of its mixture. */
const HOP = guitar.mixture?.hop ?? 0;

function started(model = echo): Resonator {
  const string = new Resonator(newCore("simd"), model);
  string.excite(silence);
  return string;
}

function render(string: Resonator, frames: number, block = frames): Float32Array {
  const sound = new Float32Array(frames);
  for (let n = 0; n < frames; n += block) string.process(sound, n, Math.min(frames, n + block));
  return sound;
}

describe("a control of a Resonator", () => {
  test("is there at once where nothing has sounded yet, and after a new start", () => {
    const string = started();
    string.setControl(0, 0.75);
    expect(render(string, 500).every((x) => x === 0.75)).toBe(true);
    string.setControl(0, 0.25);
    string.excite(silence); // the new start finds the control where it was sent
    expect(render(string, 500).every((x) => x === 0.25)).toBe(true);
    string.reset();
    string.setControl(0, 0.5);
    expect(render(string, 500).every((x) => x === 0.5)).toBe(true);
  });

  test("glides there exactly, by no more than its share of the way at a time", () => {
    const string = started();
    render(string, 333);
    string.setControl(0, 1);
    const sound = render(string, 15000);
    const steps = sound.subarray(1).map((x, n) => x - sound[n]);
    expect(Math.min(...steps)).toBe(0);
    // eight samples of 20 ms, and at the end what is too near to be gone in steps
    expect(Math.max(...steps)).toBeLessThan(8 / (0.02 * SAMPLE_RATE) + 1e-6);
    const at = (seconds: number) => sound[Math.round(seconds * SAMPLE_RATE)];
    expect(at(0.02)).toBeCloseTo(1 - Math.exp(-1), 1);
    expect(at(0.1)).toBeGreaterThan(0.98);
    expect(sound.at(-1)).toBe(1);
  });

  test("takes the time it is given, none at all if that is wished, or where there is no way", () => {
    const string = started();
    render(string, 333);
    string.setControl(0, 1, 0.1);
    expect(render(string, 0.1 * SAMPLE_RATE).at(-1)).toBeCloseTo(1 - Math.exp(-1), 1);
    string.setControl(0, -1, 0);
    expect(render(string, 100).at(-1)).toBe(-1);
    string.setControl(0, Number.NaN);
    render(string, 8);
    string.setControl(0, 2);
    expect(render(string, 16).at(-1)).toBe(2);
    expect(string.brokenSamples).toBeGreaterThan(0);
  });

  test("does not depend on the host's blocks, nor on another control that moves", () => {
    const play = (block: number) => {
      const string = started();
      const parts = [333, 50, 1000, 20_000].map((frames, i) => {
        string.setControl(i % 2, 0.3 * (i + 1));
        return render(string, frames, block);
      });
      return Float32Array.from(parts.flatMap((part) => [...part]));
    };
    const whole = play(20_000);
    for (const block of [1, 7, 128]) expectSameBits(play(block), whole, `blocks of ${block}`);
    expect(whole.at(-1)).toBe(Math.fround(Math.fround(0.9) + 16 * Math.fround(1.2)));
  });

  test("one that does not exist changes nothing", () => {
    const string = started();
    render(string, 100);
    for (const index of [-1, 0.5, 2, 1e6, Number.NaN]) string.setControl(index, 1);
    expect(render(string, 1000).every((x) => x === 0)).toBe(true);
  });

  test("moves the weights of a passive string's filters hop by hop, without a click", () => {
    const play = (seconds: number | undefined) => {
      const string = new Resonator(newCore("simd"), guitar);
      string.pluck();
      const before = render(string, 22016);
      const weights = [string.mixtureWeights()[0]];
      string.setControl(0, 3, seconds);
      const after = new Float32Array(60 * HOP);
      for (let n = 0; n < after.length; n += HOP) {
        string.process(after, n, n + HOP);
        weights.push(string.mixtureWeights()[0]);
      }
      const steps = weights.slice(1).map((s, i) => Math.abs(s - weights[i]));
      return {
        sound: Float32Array.of(...before, ...after),
        share: Math.max(...steps) / (weights[0] - weights[60]),
      };
    };
    const { sound, share } = play(undefined);
    expect(share).toBeLessThan(0.3);
    expect(play(0).share).toBeGreaterThan(0.9);
    const before = roughness(sound, 18000, 22016);
    expect(roughness(sound, 22015)).toBeLessThan(1.3 * before + 0.002 * loudest(sound, 18000, 22016));
  });

  test("leaves no garbage on its way", () => {
    const string = new Resonator(newCore("simd"), guitar);
    string.pluck();
    const out = new Float32Array(128);
    const move = (blocks: number) => {
      for (let i = 0; i < blocks; i++) {
        if (i % 10 === 0) string.setControl(0, (i / 10) % 2);
        string.process(out);
      }
    };
    move(3000);
    const grown = Array.from({ length: 8 }, () => {
      const bytes = process.memoryUsage().heapUsed;
      move(1000);
      return process.memoryUsage().heapUsed - bytes;
    });
    expect(Math.min(...grown.map(Math.abs)), `bytes: ${grown}`).toBeLessThan(20_000);
  });
});
