// The playground's models away from their own pitch and level. What rings on after a pluck falls as far as it does at
// home: a whole turn too few in a stored phase is multiplied by the ratio of the pitches, and such a string dies at once
// (two of them did, 50 to 80 dB below where they should have been: docs/LOG.md, 2026-11-28). And nothing clicks: a pluck
// makes up for whatever its string does at home only.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type PassiveModel, Resonator, readModelFile } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { sharpestBend } from "../support/clicks.ts";
import { newCore } from "../support/core-builds.ts";

const MODELS = fileURLToPath(new URL("../../packages/playground/models/", import.meta.url));
const names = readdirSync(MODELS, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

/** How far a pluck falls from its first quarter of a second to 2.7 s (dB). */
function fall(model: PassiveModel, semitones: number): number {
  const { sampleRate } = model;
  const f0 = model.f0 * 2 ** (semitones / 12);
  const string = new Resonator(newCore("simd"), model, { f0, lowestF0: Math.min(f0, model.f0) });
  string.pluck();
  const sound = new Float32Array(2.9 * sampleRate);
  string.process(sound);
  const level = (from: number, to: number) => {
    const part = sound.subarray(from * sampleRate, to * sampleRate);
    return 10 * Math.log10(part.reduce((sum, x) => sum + x * x, 0) / part.length);
  };
  return level(0.05, 0.25) - level(2.5, 2.9);
}

function modelOf(name: string): PassiveModel {
  const model = readModelFile(readFileSync(`${MODELS}${name}/model.safetensors`));
  if (model.kind !== "passive") throw new Error("expected a passive string");
  return model;
}

/** Half a second of a string: played after its pluck, which is 30 ms old. */
function sharpestOf(
  model: PassiveModel,
  { level = 1, semitones = 0, play = (string, sound) => string.process(sound) }: Playing,
): number {
  const at = (by: number) => model.f0 * 2 ** (by / 12);
  const string = new Resonator(newCore("simd"), model, { f0: at(semitones), lowestF0: at(-12) });
  const sound = new Float32Array(24000);
  string.pluck(0, { level });
  string.process(sound, 0, 1440);
  play(string, sound.subarray(1440), at);
  return sharpestBend(sound);
}

interface Playing {
  level?: number;
  semitones?: number;
  play?: (string: Resonator, sound: Float32Array, at: (semitones: number) => number) => void;
}

/** Moved once, some samples on. */
function moved(at: number, move: (string: Resonator) => void): Playing {
  return {
    play: (string, sound) => {
      string.process(sound, 0, at);
      move(string);
      string.process(sound, at);
    },
  };
}

describe.each(names)("%s", (name) => {
  const model = modelOf(name);

  test("falls as far at other pitches as at its own, to 6 dB", () => {
    const home = fall(model, 0);
    for (const semitones of [-5, 1, 4, 7, 10]) {
      const difference = fall(model, semitones) - home;
      expect(Math.abs(difference), `${semitones} semitones: ${difference}`).toBeLessThan(6);
    }
  });

  test.each<[what: string, playing: Playing]>([
    ["as recorded", {}],
    ["softer", { level: 0.3 }],
    ["tuned down", { semitones: -11 }],
    ["tuned up", { semitones: 3 }],
    [
      "bent and tuned while it rings",
      {
        play: (string, sound, at) => {
          string.bend(-200);
          string.process(sound, 0, 4560);
          string.retune(at(19));
          string.process(sound, 4560);
        },
      },
    ],
    [
      "damped and bent",
      moved(6944, (string) => {
        string.damp(0.05);
        string.bend(200);
      }),
    ],
    [
      "damped while a bend ends",
      {
        play: (string, sound) => {
          string.bend(2);
          string.process(sound, 0, 7385);
          string.bend(0);
          string.damp(0.05);
          string.process(sound, 7385);
        },
      },
    ],
    [
      "damped and let ring",
      {
        play: (string, sound) => {
          string.process(sound, 0, 5000);
          string.damp(0.054);
          string.process(sound, 5000, 6000);
          string.damp(Number.POSITIVE_INFINITY);
          string.process(sound, 6000);
        },
      },
    ],
  ])("does not click: %s", (_, playing) => {
    // recorded pianos have bends of 1.7. With weights that jumped they had 1.7, 7.2, 8.7, 13 and 12; with a damper that
    // moved by steps instead of by what a bent loop returns, the bass had 9.1; with a bend that ended meanwhile, 40; with one that moved in a straight line, 139
    expect(sharpestOf(model, playing)).toBeLessThan(3);
  });
});
