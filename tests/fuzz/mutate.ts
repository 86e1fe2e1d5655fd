/** Damage to bytes and to JSON, drawn at random: the two ways in which files and messages go wrong. */
import fc from "fast-check";
import { fieldPaths, put } from "../support/reader-agreement.ts";

/** Where sizes, counts and signs turn over. */
const WORDS = [
  ...[0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 511, 512, 1000, 4095, 4096, 8192],
  ...[32767, 32768, 44100, 65535, 65536, 0xffffff, 0x1000000, 0x7fffffff, 0x80000000, 0xffffffff],
].map(BigInt);
const LONG_WORDS = [...WORDS, 1n << 40n, (1n << 53n) - 1n, 1n << 53n, 1n << 60n, (1n << 64n) - 1n];

/** One change; a place is counted modulo the file's length. */
type Edit =
  | { kind: "flip"; at: number; mask: number }
  | { kind: "word"; at: number; size: 1 | 2 | 4 | 8; value: bigint; little: boolean }
  | { kind: "cut"; at: number }
  | { kind: "remove"; at: number; count: number }
  | { kind: "insert"; at: number; bytes: Uint8Array }
  | { kind: "repeat"; at: number; count: number; times: number };

// headers stand first, and what is in them does more harm
const place = fc.oneof(
  { arbitrary: fc.nat(63), weight: 3 },
  { arbitrary: fc.nat(1023), weight: 2 },
  { arbitrary: fc.nat(1 << 20), weight: 2 },
);

const edit: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("flip" as const),
      at: place,
      mask: fc.integer({ min: 1, max: 255 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("word" as const),
      at: place,
      size: fc.constantFrom(1 as const, 2 as const, 4 as const, 8 as const),
      value: fc.constantFrom(...LONG_WORDS),
      little: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cut" as const), at: place }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("remove" as const), at: place, count: fc.nat(64) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("insert" as const),
      at: place,
      bytes: fc.uint8Array({ maxLength: 32 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("repeat" as const),
      at: place,
      count: fc.nat(64),
      times: fc.nat(8),
    }),
  },
);

function apply(bytes: Uint8Array, change: Edit): Uint8Array {
  const at = bytes.length === 0 ? 0 : change.at % bytes.length;
  const out = new Uint8Array(bytes);
  switch (change.kind) {
    case "flip":
      if (out.length > 0) out[at] ^= change.mask;
      return out;
    case "word":
      for (let i = 0; i < change.size && at + i < out.length; i++) {
        const shift = BigInt(8 * (change.little ? i : change.size - 1 - i));
        out[at + i] = Number((change.value >> shift) & 0xffn);
      }
      return out;
    case "cut":
      return out.subarray(0, at);
    case "remove":
      return joined(out.subarray(0, at), out.subarray(at + change.count));
    case "insert":
      return joined(out.subarray(0, at), change.bytes, out.subarray(at));
    case "repeat": {
      const part = out.subarray(at, at + change.count);
      return joined(out.subarray(0, at), ...new Array(change.times).fill(part), out.subarray(at));
    }
  }
}

function joined(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** One of some files, with a few changes to its bytes. */
export function damagedBytes(files: readonly Uint8Array[], most = 4): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(fc.constantFrom(...files), fc.array(edit, { minLength: 1, maxLength: most }))
    .map(([file, edits]) => edits.reduce(apply, file));
}

/** Any JSON, among it what most often is not expected. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    ...[null, true, false, -1, 0, -0, 0.5, 1, 2, 16, 32, 33, 64, 65, 4096, 4097, 65536, 2 ** 31, 2 ** 32],
    ...[2 ** 53, 2 ** 60, 1e300, -1e300, 5e-324, "", "1", "tanh", "__proto__", "../../x", [], {}, [1], [[]]],
  ),
  // keys that reach for what all objects share; parsed, since a literal would set the prototype
  fc.constantFrom<unknown>(
    JSON.parse('{"__proto__":{"polluted":1}}'),
    JSON.parse('{"constructor":{"prototype":{"polluted":1}}}'),
    JSON.parse('{"toString":1,"length":4294967295}'),
  ),
  fc.jsonValue(),
);

/** One of some JSON values, with any JSON in place of some of its fields, beside them, or without them. */
export function damagedJson(values: readonly unknown[], most = 3): fc.Arbitrary<unknown> {
  const paths = values.map((value) => fieldPaths(value));
  const change = fc.record({
    field: fc.nat(1 << 20),
    beside: fc.option(fc.oneof(fc.constantFrom("__proto__", "constructor", "0", "name"), fc.string()), {
      freq: 5,
    }),
    value: fc.oneof({ arbitrary: anyJson, weight: 6 }, { arbitrary: fc.constant(undefined), weight: 1 }),
  });
  return fc
    .tuple(fc.nat(values.length - 1), fc.array(change, { minLength: 1, maxLength: most }))
    .map(([which, changes]) => {
      const damaged = structuredClone(values[which]);
      for (const { field, beside, value } of changes) {
        const known = paths[which];
        const path = known.length === 0 ? [] : known[field % known.length];
        const at = beside === null ? path : [...path, beside];
        if (at.length > 0) put(damaged, at, structuredClone(value)); // or the next change would change it
      }
      return damaged;
    });
}
