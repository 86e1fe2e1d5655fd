// Partials that training left off pitch are brought to where the recordings have them; nothing else of the string moves.
import type { Tensor } from "@neural-string/shared";
import { passiveModel } from "@neural-string/trainer/core/passive/export";
import { playedBy } from "@neural-string/trainer/core/passive/listen";
import { partialSharpness, partialsInTune } from "@neural-string/trainer/core/passive/partials-in-tune";
import type { Parameters } from "@neural-string/trainer/core/passive/variables";
import { describe, expect, test } from "vitest";
import { newCore } from "../../../support/core-builds.ts";
import { smallFacts, smallParameters, smallString } from "../../../support/passive-facts.ts";

const play = playedBy(newCore("simd"));
const facts = smallFacts();

/** What a string itself plays after two plucks: it is in tune with that. */
function recordingsOf(parameters: Parameters): Float32Array[] {
  return [1, 2].map((seed) => {
    const samples = new Float32Array(28_000);
    samples.set(smallString(160, 2, seed));
    const { render } = play(
      passiveModel(parameters, facts),
      { samples, f0: 160, controls: [] },
      samples.length,
    );
    samples.set(render, samples.length - render.length);
    return samples;
  });
}

/** Smooth, as what training leaves is. */
const BENT = (bin: number) => 0.08 * Math.sin(bin / 6);

/** Turn the phases of every filter of the first loop. @param turn of a bin (radians) */
function bent(parameters: Parameters, turn: (bin: number) => number): Parameters {
  const { shape, data } = parameters.get("filters.phase") as Tensor;
  const [, bins] = shape;
  const phases = data.map((phase, i) => phase + (i < bins || i % bins === 0 ? 0 : turn(i % bins)));
  return new Map(parameters).set("filters.phase", { shape, data: phases });
}

/** Mean error of the partials that are heard (cents). */
function error(parameters: Parameters, recordings: readonly Float32Array[]): number {
  const cents = partialSharpness(play, passiveModel(parameters, facts), recordings).flatMap((x) => x ?? []);
  expect(cents.length).toBeGreaterThan(8);
  return cents.reduce((sum, x) => sum + Math.abs(x), 0) / cents.length;
}

describe("partialsInTune", () => {
  test.each([1, 3])("takes most of what bent phases put it off, %i filters", (filters) => {
    const parameters = smallParameters(filters);
    const recordings = recordingsOf(parameters);
    const off = bent(parameters, BENT);
    const before = error(off, recordings);
    expect(before).toBeGreaterThan(1.5);
    expect(error(partialsInTune(off, facts, play, recordings), recordings)).toBeLessThan(0.3 * before);
  });

  test("moves phases of the first loop alone, of all its filters alike, and none at 0 Hz", () => {
    const parameters = smallParameters(3);
    const off = bent(parameters, BENT);
    const tuned = partialsInTune(off, facts, play, recordingsOf(parameters));
    for (const [name, tensor] of off)
      if (name !== "filters.phase") expect(tuned.get(name), name).toBe(tensor);
    const [before, after] = [off, tuned].map((parameters) => parameters.get("filters.phase") as Tensor);
    const bins = before.shape[1];
    const moves = after.data.map((phase, i) => phase - before.data[i]);
    expect(Array.from(moves.subarray(0, bins + 1))).toEqual(Array(bins + 1).fill(0));
    expect(moves[bins + 1]).not.toBe(0);
    for (let i = 2 * bins; i < moves.length; i++) expect(moves[i]).toBeCloseTo(moves[i - bins], 5);
  });

  test("leaves a string alone that is in tune, or whose recordings are too short to tell", () => {
    const parameters = smallParameters(1);
    const recordings = recordingsOf(parameters);
    expect(error(parameters, recordings)).toBeLessThan(0.5);
    expect(partialsInTune(parameters, facts, play, recordings)).toBe(parameters);
    const off = bent(parameters, BENT);
    expect(partialsInTune(off, facts, play, [smallString(160, 1)])).toBe(off);
  });
});
