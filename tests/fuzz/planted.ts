/** Targets with a planted defect each, for the test of what watches them. */
import fc from "fast-check";
import type { Target } from "./target.ts";

const planted = (name: string, defect: () => void): Target<number> => ({
  name,
  what: "a planted defect",
  kept: "json",
  shortRun: 1,
  cases: () => fc.nat(1000),
  check: (value) => {
    if (value > 900) defect();
  },
});

const hoard: Uint8Array[] = [];

export const TARGETS = [
  planted("throws", () => {
    throw new Error("planted");
  }),
  planted("hangs", () => {
    for (;;);
  }),
  planted("dies", () => process.exit(3)),
  planted("hoards", () => void hoard.push(new Uint8Array(500 * 2 ** 20))),
  planted("pollutes", () => Object.assign(Object.prototype, { polluted: 1 })),
  planted("sound", () => {}),
] as Target<unknown>[];
