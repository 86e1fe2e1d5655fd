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

/** A module of which each instance has a memory of 500 MiB: one memory of 8000 pages, exported as "memory". */
const GROWING = new WebAssembly.Module(
  new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 4, 1, 0, 0xc0, 0x3e],
    ...[7, 10, 1, 6, ...Buffer.from("memory"), 2, 0],
  ]),
);

const hoard: Uint8Array[] = [];

export const TARGETS = [
  planted("throws", () => {
    throw new Error("planted");
  }),
  planted("hangs", () => {
    for (;;);
  }),
  planted("dies", () => process.exit(3)),
  // never touched, and gone before anybody looks
  planted("reserves", () => void new Float32Array(150 * 2 ** 20).length),
  planted("grows", () => void new WebAssembly.Instance(GROWING)),
  planted("hoards", () => {
    for (let i = 0; i < 25; i++) hoard.push(new Uint8Array(20 * 2 ** 20));
  }),
  planted("pollutes", () => Object.assign(Object.prototype, { polluted: 1 })),
  planted("sound", () => {}),
] as Target<unknown>[];
