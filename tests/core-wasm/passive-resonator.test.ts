// What a playable string of one kind cannot do.
import { Resonator } from "@neural-string/core-wasm";
import { describe, expect, test } from "vitest";
import { newCore } from "../support/core-builds.ts";
import { randomString } from "../support/networks.ts";
import { physicalString } from "../support/physical-string.ts";

const linear = physicalString();

describe("Resonator", () => {
  test("says what a kind of string cannot do", () => {
    const classic = new Resonator(newCore("simd"), randomString({ delays: [99, 100, 101] }));
    expect(() => classic.pluck()).toThrow("pluck: expected a passive string, got a classic one");
    const passive = new Resonator(newCore("simd"), linear);
    expect(() => passive.setFeature(0, 1)).toThrow(
      "setFeature: expected a classic string, got a passive one",
    );
    expect(() => passive.pluck(3)).toThrow(
      "index: expected one of the model's 1 excitations, counted from 0, got 3",
    );
    const options = { sampleRate: 96000 };
    expect(() => new Resonator(newCore("simd"), randomString({ delays: [99] }), options)).toThrow(
      "model: a classic string plays at 44100 Hz",
    );
  });
});
