/** What can be wrong with a passive model's file, and the sentence it is refused with, the same for every reader. */
import { certifiedGain, growthBound } from "@neural-string/core-wasm";
import {
  METADATA_KEY,
  type ModelFile,
  type PassiveHeader,
  type Tensor,
  writeSafetensors,
} from "@neural-string/shared";
import { makePassiveModel } from "./passive-models.ts";

/** A small model with a mixture and two excitations. */
export const mixed = () => makePassiveModel({ filters: 3, controls: 2, excitations: 2, hidden: 2, seed: 5 });
/** A small model of parallel loops. */
const planes = () => makePassiveModel({ filters: 2, coupling: 1, hidden: 2, seed: 7 });
/** A small model with one filter, so no mixture. */
export const single = () => makePassiveModel({ seed: 6 });

/** Encode a description, whatever it says, with tensors. */
export function encodePassive(header: unknown, tensors: ModelFile["tensors"]): Uint8Array {
  return writeSafetensors({ metadata: { [METADATA_KEY]: JSON.stringify(header) }, tensors });
}

/** The model with a mixture, its description changed. */
const saying = (changes: Record<string, unknown>) => {
  const { header, tensors } = mixed();
  return encodePassive({ ...header, ...changes }, tensors);
};

/** The model with a mixture, a tensor changed, added or (undefined) left out. */
const holding = (name: string, change: (tensor: Tensor | undefined) => Tensor | undefined) => {
  const { header, tensors } = mixed();
  const changed = change(tensors.get(name));
  if (changed === undefined) tensors.delete(name);
  else tensors.set(name, changed);
  return encodePassive(header, tensors);
};

const withValue = (at: number, value: number) => (tensor?: Tensor) => {
  if (tensor) tensor.data[at] = value;
  return tensor;
};

/** The model, claiming some gain with the growth that follows from it. */
const claiming = (gain: number) => saying({ certificate: { gain, growth: growthBound(gain) } });
const certificate = (changes: object) =>
  saying({ certificate: { ...mixed().header.certificate, ...changes } });
const excitation = (changes: object) => {
  const [first, second] = mixed().header.excitations;
  return saying({ excitations: [first, { ...second, ...changes }] });
};
const alone = (changes: Partial<PassiveHeader>) =>
  encodePassive({ ...single().header, ...changes }, single().tensors);

/** The parallel model, its description changed and its coupling multiplied. */
const coupled = (changes: Record<string, unknown>, factor = 1) => {
  const { header, tensors } = planes();
  const { shape, data } = tensors.get("filters.coupling") as Tensor;
  const louder = new Map(tensors).set("filters.coupling", { shape, data: data.map((c) => factor * c) });
  return encodePassive({ ...header, ...changes }, louder);
};

const largestGain = () => {
  const { loopTaps, taps } = mixed().model;
  return Math.max(...[0, 1, 2, 3].map((k) => certifiedGain(loopTaps.slice(k * taps, (k + 1) * taps))));
};

/** What is wrong, the file, and what both readers' sentences contain: `shared`'s, and core-wasm's where it differs. */
export const BAD_PASSIVE_MODELS: [what: string, file: () => Uint8Array, shared: string, core?: string][] = [
  [
    "a false claim",
    () => claiming(largestGain() - 2e-9),
    "certificate.gain: expected filters within the claimed 0.98",
  ],
  [
    "a claim of another model",
    () => claiming(0.5),
    "certificate.gain: expected filters within the claimed 0.5, got a gain of 0.98",
  ],
  [
    "a filter made louder",
    () =>
      holding("filters.taps", (tensor) => tensor && { ...tensor, data: tensor.data.map((x) => 1.01 * x) }),
    "certificate.gain: expected filters within the claimed 0.99, got a gain of 0.9998",
  ],
  [
    "a claim of 1",
    () => certificate({ gain: 1 }),
    "certificate.gain: expected less than 1, got 1",
    "certificate.gain: expected a number between 0 and 1, both excluded, got 1",
  ],
  [
    "a claim of nothing",
    () => certificate({ gain: 0 }),
    "certificate.gain: expected more than 0, got 0",
    "certificate.gain: expected a number between 0 and 1, both excluded, got 0",
  ],
  [
    "a growth that is not the gain's",
    () => certificate({ growth: { ...growthBound(0.99), fromU: 1 } }),
    "certificate.growth.fromU: expected 7",
    "certificate.growth.fromU: expected a number from 7",
  ],
  ["no certificate", () => saying({ certificate: undefined }), "certificate: expected an object, got"],
  [
    "a tap that is not a number",
    () => holding("filters.taps", withValue(40, Number.NaN)),
    "filters.taps: expected finite numbers, got NaN at 40",
  ],
  [
    "a coupling that amplifies",
    () => coupled({}, 1.00001),
    "filters.coupling: expected a gain of 1 or less, got 1.0000",
  ],
  [
    "parallel loops without a coupling",
    () => saying({ parallel: true }),
    "filters.coupling: expected a tensor of shape [32], got none",
  ],
  [
    "a coupling of loops in cascade",
    () => coupled({ parallel: false }),
    'tensor "filters.coupling": used by no part of the string',
    "filters.coupling: expected only the tensors of a passive string, got a tensor it does not use",
  ],
  [
    "loops that are parallel in a word",
    () => coupled({ parallel: "yes" }),
    'parallel: expected true or false, got "yes"',
  ],
  [
    "an infinite weight",
    () => holding("mixture.output.bias", withValue(1, Number.POSITIVE_INFINITY)),
    "mixture.output.bias: expected finite numbers, got Infinity at 1",
  ],
  [
    "no taps",
    () => holding("filters.taps", () => undefined),
    "filters.taps: expected a tensor of shape [4,32], got none",
  ],
  [
    "an excitation that is missing",
    () => holding("excitations.1", () => undefined),
    "excitations.1: expected a tensor of shape [100], got none",
  ],
  [
    "spectra of another shape",
    () => holding("filters.phase", (tensor) => tensor && { ...tensor, shape: [17, 4] }),
    "filters.phase: expected shape [4,17], got [17,4]",
  ],
  [
    "a tensor it has no use for",
    () => holding("filters.0", () => ({ shape: [1], data: Float32Array.of(1) })),
    'tensor "filters.0": used by no part of the string',
    "filters.0: expected only the tensors of a passive string, got a tensor it does not use",
  ],
  [
    "a mixture of one filter",
    () => alone({ mixture: { hidden: 2, hop: 64 } }),
    "mixture: expected null with one filter, got",
  ],
  [
    "filters without a mixture",
    () => saying({ mixture: null }),
    "mixture: expected a network for 3 filters, got null",
    "mixture: expected an object, got null",
  ],
  [
    "controls without a mixture",
    () => alone({ controls: 1 }),
    "controls: expected 0 without a mixture, got 1",
    "controls: expected a whole number from 0 to 0, got 1",
  ],
  ["an odd number of taps", () => saying({ taps: 33 }), "taps: expected an even number, got 33"],
  [
    "more taps than any filter",
    () => saying({ taps: 1e9 }),
    "taps: expected at most 8192, got 1000000000",
    "taps: expected a whole number from 32 to 8192, got 1000000000",
  ],
  [
    "taps that the file does not hold",
    () => saying({ taps: 8192, filters: 16 }),
    "filters.logDamping: expected shape [17,4097], got [4,17]",
  ],
  [
    "a network the file does not hold",
    () => saying({ mixture: { hidden: 1024, hop: 64 } }),
    "mixture.hidden.weight: expected shape [1024,4], got [2,4]",
  ],
  [
    "an excitation the file does not hold",
    () => excitation({ samples: 80000 }),
    "excitations.1: expected shape [80000], got [100]",
  ],
  [
    "an excitation of days",
    () => excitation({ samples: 1e12 }),
    "excitations.1.samples: expected at most 80000 (10 s), got 1000000000000",
    "excitations.1.samples: expected a whole number from 1 to 80000, got 1000000000000",
  ],
  [
    "excitations without number",
    () => saying({ excitations: new Array(65).fill(mixed().header.excitations[0]) }),
    "excitations: expected a list of at most 64, got a list of 65",
    "excitations: expected a list of 0 to 64, got 65",
  ],
  [
    "controls of an excitation that are not as many",
    () => excitation({ controls: [0.5] }),
    "excitations.1.controls: expected 2 numbers, got 1",
    "excitations.1.controls: expected a list of 2, got 1",
  ],
  [
    "taps ahead of the present",
    () => saying({ ahead: 31, f0: 300 }),
    "ahead: expected at most 26 (taps 32, period 27), got 31",
    "ahead: expected a whole number from 0 to 26, got 31",
  ],
  [
    "more taps ahead than there are",
    () => saying({ ahead: 32 }),
    "ahead: expected at most 31 (taps 32, period 50), got 32",
    "ahead: expected a whole number from 0 to 31, got 32",
  ],
  [
    "an f0 beyond half the sample rate",
    () => saying({ f0: 4001 }),
    "f0: expected at most 4000, got 4001",
    "f0: expected a number from 1 to 4000, got 4001",
  ],
];
