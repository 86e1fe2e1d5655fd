/**
 * A loop that does nothing but multiply-add: what two threads of this machine gain on it is the most that they can gain
 * on anything. Twelve independent sums, which is more than the pipelines hold, in registers; no memory at all.
 */
import { bestBuild } from "@neural-string/core-wasm";

// Multiply-adds an iteration, so that counting the iterations does not show.
const SUMS = 12;
const UNROLLED = 4;

/** Multiply-adds that one iteration does, four to a vector. */
export const MACS_PER_ITERATION = 4 * SUMS * UNROLLED;

// WebAssembly's opcodes, those of vectors with their prefix
const GET = 0x20;
const SET = 0x21;
const TEE = 0x22;
const I32_CONST = 0x41;
const I32_SUB = 0x6b;
const V128_CONST = [0xfd, 0x0c];
const EXTRACT = [0xfd, 0x1f, 0];
const ADD = [0xfd, 0xe4, 0x01];
const MULTIPLY = [0xfd, 0xe6, 0x01];
const RELAXED_MADD = [0xfd, 0x85, 0x02];
const V128 = 0x7b;
const I32 = 0x7f;
const F32 = 0x7d;

/** Build the loop; with one-rounding multiply-adds where this engine has them, as the kernels are. */
export function createFmaModule(): WebAssembly.Module {
  const bytes = [
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, I32, 1, F32]),
    ...section(3, [1, 0]),
    ...section(7, [1, 3, ...new TextEncoder().encode("run"), 0, 0]),
    ...section(10, [1, ...sized(functionBody(bestBuild() === "relaxed"))]),
  ];
  return new WebAssembly.Module(Uint8Array.from(bytes));
}

/** Make the loop ready to run. @returns runs so many iterations */
export function instantiateFma(module: WebAssembly.Module): (iterations: number) => number {
  return new WebAssembly.Instance(module, {}).exports.run as (iterations: number) => number;
}

/** Locals: 0 the iterations left, 1 .. SUMS the sums, then the two factors. */
function functionBody(isRelaxed: boolean): number[] {
  const [a, b] = [SUMS + 1, SUMS + 2];
  const sums = Array.from({ length: SUMS }, (_, i) => 1 + i);
  const step = (sum: number) =>
    isRelaxed
      ? [GET, a, GET, b, GET, sum, ...RELAXED_MADD, SET, sum]
      : [GET, a, GET, b, ...MULTIPLY, GET, sum, ...ADD, SET, sum];
  return [
    ...[1, SUMS + 2, V128],
    // different from each other, so that the compiler does not find out that one would do
    ...[...sums, a, b].flatMap((local) => [...V128_CONST, ...splat(local), SET, local]),
    ...[0x03, 0x40], // loop
    ...Array.from({ length: UNROLLED }, () => sums.flatMap(step)).flat(),
    ...[GET, 0, I32_CONST, 1, I32_SUB, TEE, 0, 0x0d, 0], // again while any are left
    0x0b,
    ...sums.flatMap((sum, i) => (i === 0 ? [GET, sum] : [GET, sum, ...ADD])),
    ...EXTRACT,
    0x0b,
  ];
}

function splat(value: number): Uint8Array {
  return new Uint8Array(new Float32Array(4).fill(value).buffer);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...sized(content)];
}

/** Content after its length, as WebAssembly writes numbers: seven bits a byte, the least first. */
function sized(content: readonly number[]): number[] {
  const length: number[] = [];
  for (let rest = content.length; ; rest >>= 7) {
    if (rest < 128) return [...length, rest, ...content];
    length.push((rest & 127) | 128);
  }
}
