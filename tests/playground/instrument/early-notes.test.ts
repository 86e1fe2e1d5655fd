// Notes that are played while sound is still being started.
import { EarlyNotes } from "@neural-string/playground/instrument/early-notes";
import { expect, test } from "vitest";

function make() {
  let now = 10;
  const early = new EarlyNotes(() => now);
  return { early, pass: (seconds: number) => (now += seconds) };
}
const on = (id: number, time?: number) => ({ type: "noteOn", id, f0: 110, velocity: 1, time }) as const;

test("a strum keeps its distances, a note that was let go its length", () => {
  const { early, pass } = make();
  early.keep(on(1, 0));
  early.keep(on(2, 0.02));
  pass(0.5);
  early.keep({ type: "noteOff", id: 2 });
  early.keep({ type: "bend", cents: 30 });
  pass(0.25);
  expect(early.take(7)).toEqual([
    { ...on(1), time: 7 },
    { ...on(2), time: 7.02 },
    { type: "noteOff", id: 2, time: 7.52 },
  ]);
  expect(early.take(8)).toEqual([]);
});

test("a note from a key has no time of its own; what waited too long, or was ended, is not played", () => {
  const { early, pass } = make();
  early.keep(on(1));
  pass(4);
  early.keep(on(2));
  expect(early.take(1)).toEqual([{ ...on(2), time: 1 }]);
  early.keep(on(3));
  early.keep({ type: "stop" });
  expect(early.take(1)).toEqual([]);
});
