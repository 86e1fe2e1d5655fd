import type {
  FromWorklet as CoreFromWorklet,
  ToWorklet as CoreToWorklet,
  StringTuning,
} from "@neural-string/core-wasm";
import {
  type FromWorklet,
  FromWorkletSchema,
  parseOrExplain,
  type ToWorklet,
  ToWorkletSchema,
  UserError,
} from "@neural-string/shared";
import { describe, expect, test } from "vitest";

const load: ToWorklet = { type: "load", model: { kind: "passive" }, polyphony: 8, releaseT60: 0.2 };
const tuning: StringTuning = {
  ...{
    sampleRate: 44100,
    f0: 110,
    period: 401,
    taps: 256,
    ahead: 190,
    hop: 128,
    longestDelay: 466,
    gain: 0.998,
  },
  loopTaps: new Float32Array(512),
  excitations: [new Float32Array(3)],
  coupled: [],
};
const noteOn: ToWorklet = { type: "noteOn", id: 1, f0: 110, velocity: 0.5 };
const excite: ToWorklet = { type: "excite", past: Float32Array.of(0, 1), guardHeadroom: 0 };

describe("ToWorkletSchema", () => {
  test.each<ToWorklet>([
    load,
    excite,
    { type: "prepare", voices: 2 },
    { type: "tuning", tuning },
    { type: "play" },
    noteOn,
    { ...noteOn, time: 1.5 },
    { type: "noteOff", id: 1 },
    { type: "bend", cents: -50 },
    { type: "bend", cents: 50, id: 3, time: 0 },
    { type: "damp", t60: 0.3 },
    { type: "mute", t60: 0.2, time: 3 },
    { type: "polarisation", mix: -0.5 },
    { ...noteOn, position: 0.1, cutoff: 900 },
    { type: "soften", t60: Number.POSITIVE_INFINITY },
    { type: "release", t60: 1 },
    { type: "stop" },
    { type: "sync", id: 1 },
    { type: "dispose" },
    { type: "control", index: 0, value: -1.5 },
    { type: "feature", index: 1, value: 0.3 },
    { type: "feature", index: 1, value: "live" },
  ])("$type passes as it is, its samples and bytes not copied", (message) => {
    const parsed = parseOrExplain(ToWorkletSchema, message, "message") as Record<string, unknown>;
    expect(parsed).toEqual(message);
    for (const [key, value] of Object.entries(message)) {
      // a tuning's parts are
      if (key === "tuning") expect((parsed.tuning as StringTuning).loopTaps).toBe(tuning.loopTaps);
      else expect(parsed[key]).toBe(value);
    }
  });

  test.each([
    [undefined, 'expected an object with "type", got nothing'],
    [
      { type: "noteon" },
      'type: expected one of load, prepare, tuning, play, noteOn, noteOff, bend, damp, mute, polarisation, soften, release, control, feature, excite, stop, sync, dispose, got "noteon"; did you mean "noteOn"?',
    ],
    [
      { ...load, model: new ArrayBuffer(8) },
      "model: expected a model that core-wasm has read, got ArrayBuffer",
    ],
    [{ ...load, polyphony: 0 }, "polyphony: expected at least 1, got 0"],
    [{ type: "tuning", tuning: { ...tuning, gain: 1 } }, "tuning.gain: expected less than 1, got 1"],
    [{ ...noteOn, velocity: 2 }, "velocity: expected at most 1, got 2"],
    [{ type: "bend", cents: 201 }, "cents: expected at most 200, got 201"],
    [{ ...excite, past: [0, 1] }, "past: expected Float32Array, got [0,1]"],
    [{ ...excite, past: new Float64Array(2) }, "past: expected Float32Array, got Float64Array"],
    [{ ...excite, guardHeadroom: -1 }, "guardHeadroom: expected at least 0, got -1"],
    [{ ...excite, colour: 1 }, "colour: unknown key; known here: type, past, guardHeadroom, time"],
    [{ type: "control", index: 0.5, value: 1 }, "index: expected a whole number, got 0.5"],
    [{ type: "control", index: 0, value: Number.NaN }, "value: expected a finite number, got NaN"],
    [{ type: "feature", index: 0, value: "dead" }, 'value: expected a number or "live", got "dead"'],
    [{ type: "feature", index: 0, value: Number.NaN }, 'value: expected a number or "live", got NaN'],
    [{ type: "stop", hard: true }, "hard: unknown key; known here: type, time"],
  ])("%j is refused", (message, expected) => {
    expect(() => parseOrExplain(ToWorkletSchema, message, "message")).toThrow(
      new UserError(`message: ${expected}`),
    );
  });
});

describe("FromWorkletSchema", () => {
  test.each<FromWorklet>([
    { type: "loaded", sampleRate: 44100, blockFrames: 128 },
    { type: "synced", id: 1 },
    { type: "failed", request: "load", reason: "no SIMD" },
    { type: "status", brokenSamples: 0, guardInterventions: 3 },
  ])("$type passes as it is", (message) => {
    expect(parseOrExplain(FromWorkletSchema, message, "message")).toEqual(message);
  });

  test.each([
    [{ type: "loaded", sampleRate: 0, blockFrames: 128 }, "sampleRate: expected more than 0, got 0"],
    [{ type: "loaded", sampleRate: 44100, blockFrames: 0 }, "blockFrames: expected at least 1, got 0"],
    [{ type: "failed", request: "load" }, "reason: expected a text, got nothing"],
    [
      { type: "status", brokenSamples: -1, guardInterventions: 0 },
      "brokenSamples: expected at least 0, got -1",
    ],
    [
      { type: "load" },
      'type: expected one of loaded, synced, failed, status, got "load"; did you mean "loaded"?',
    ],
  ])("%j is refused", (message, expected) => {
    expect(() => parseOrExplain(FromWorkletSchema, message, "message")).toThrow(
      new UserError(`message: ${expected}`),
    );
  });
});

describe("core-wasm's own types", () => {
  test("say the same: what either side may send the other takes", () => {
    // a compile-time law; the values are beside the point
    const toWorklet = (message: CoreToWorklet): ToWorklet => message;
    const andBack = (message: Exclude<ToWorklet, { type: "load" }>): CoreToWorklet => message;
    const fromWorklet = (message: CoreFromWorklet): FromWorklet => message;
    const andThere = (message: FromWorklet): CoreFromWorklet => message;
    expect([toWorklet, andBack, fromWorklet, andThere]).toHaveLength(4);
  });
});
