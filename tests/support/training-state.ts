/** Demands on training states, for the tests of stopping and going on. */
import type { TrainingState } from "@neural-string/trainer/core/train";
import { expect } from "vitest";
import { expectSameBits } from "./closeness.ts";

/** Demand that two states hold the same bits. */
export function expectSameState(actual: TrainingState, expected: TrainingState): void {
  const { parameters, optimizer, ...counters } = actual;
  const { parameters: wantedParameters, optimizer: wantedOptimizer, ...wantedCounters } = expected;
  expect(counters).toStrictEqual(wantedCounters);
  for (const [mine, wanted] of [
    [parameters, wantedParameters],
    [optimizer, wantedOptimizer],
  ]) {
    expect([...mine.keys()]).toEqual([...wanted.keys()]);
    for (const [name, { shape, data }] of wanted) {
      expect(mine.get(name)?.shape).toEqual(shape);
      expectSameBits(mine.get(name)?.data ?? [], data, name);
    }
  }
}
