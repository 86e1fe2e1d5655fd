import {
  type FromWorklet,
  FromWorkletSchema,
  parseOrExplain,
  type ToWorklet,
  ToWorkletSchema,
  UserError,
} from "@neural-string/shared";
import { describe, expect, test } from "vitest";

const load: ToWorklet = { type: "load", wasm: new ArrayBuffer(2), model: new ArrayBuffer(3) };
const excite: ToWorklet = { type: "excite", past: Float32Array.of(0, 1), guardHeadroom: 0 };

describe("ToWorkletSchema", () => {
  test.each<ToWorklet>([
    load,
    excite,
    { type: "control", index: 0, value: -1.5 },
    { type: "feature", index: 1, value: 0.3 },
    { type: "feature", index: 1, value: "live" },
    { type: "reset" },
  ])("$type passes as it is, its samples and bytes not copied", (message) => {
    const parsed = parseOrExplain(ToWorkletSchema, message, "message") as Record<string, unknown>;
    expect(parsed).toEqual(message);
    for (const [key, value] of Object.entries(message)) expect(parsed[key]).toBe(value);
  });

  test.each([
    [undefined, 'expected an object with "type", got nothing'],
    [{ type: "play" }, 'type: expected one of load, excite, control, feature, reset, got "play"'],
    [
      { type: "rest" },
      'type: expected one of load, excite, control, feature, reset, got "rest"; did you mean "reset"?',
    ],
    [{ ...load, wasm: new Uint8Array(2) }, "wasm: expected ArrayBuffer, got Uint8Array"],
    [{ type: "load", wasm: load.wasm }, "model: expected ArrayBuffer, got nothing"],
    [{ ...excite, past: [0, 1] }, "past: expected Float32Array, got [0,1]"],
    [{ ...excite, past: new Float64Array(2) }, "past: expected Float32Array, got Float64Array"],
    [{ ...excite, guardHeadroom: -1 }, "guardHeadroom: expected at least 0, got -1"],
    [{ ...excite, gain: 1 }, "gain: unknown key; known here: type, past, guardHeadroom"],
    [{ type: "control", index: 0.5, value: 1 }, "index: expected a whole number, got 0.5"],
    [{ type: "control", index: 0, value: Number.NaN }, "value: expected a finite number, got NaN"],
    [{ type: "feature", index: 0, value: "dead" }, 'value: expected a number or "live", got "dead"'],
    [{ type: "feature", index: 0, value: Number.NaN }, 'value: expected a number or "live", got NaN'],
    [{ type: "reset", hard: true }, "hard: unknown key; known here: type"],
  ])("%j is refused", (message, expected) => {
    expect(() => parseOrExplain(ToWorkletSchema, message, "message")).toThrow(
      new UserError(`message: ${expected}`),
    );
  });
});

describe("FromWorkletSchema", () => {
  test.each<FromWorklet>([
    { type: "loaded", sampleRate: 44100, blockFrames: 128 },
    { type: "failed", reason: "no SIMD" },
    { type: "status", brokenSamples: 0, guardInterventions: 3 },
  ])("$type passes as it is", (message) => {
    expect(parseOrExplain(FromWorkletSchema, message, "message")).toEqual(message);
  });

  test.each([
    [{ type: "loaded", sampleRate: 0, blockFrames: 128 }, "sampleRate: expected more than 0, got 0"],
    [{ type: "loaded", sampleRate: 44100, blockFrames: 0 }, "blockFrames: expected at least 1, got 0"],
    [{ type: "failed" }, "reason: expected a text, got nothing"],
    [
      { type: "status", brokenSamples: -1, guardInterventions: 0 },
      "brokenSamples: expected at least 0, got -1",
    ],
    [{ type: "load" }, 'type: expected one of loaded, failed, status, got "load"; did you mean "loaded"?'],
  ])("%j is refused", (message, expected) => {
    expect(() => parseOrExplain(FromWorkletSchema, message, "message")).toThrow(
      new UserError(`message: ${expected}`),
    );
  });
});
