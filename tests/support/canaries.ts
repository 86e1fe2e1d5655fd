/**
 * Canaries: NaNs and infinities around every buffer that is handed to a kernel. A kernel that writes beside its
 * buffer kills one; a kernel that reads beside it and uses what it read sings NaN.
 */
import type { Core } from "@neural-string/core-wasm";

// A quiet NaN with a payload of its own, and infinity: bits, because NaN payloads do not survive float copies.
const SENTINELS = [0x7fc0beef, 0x7f800000, -0x00800000];
const GUARD_WORDS = 16;

type Numbers = Float32Array | Float64Array | Int32Array;

/** Buffers with canaries on both sides, and the question whether all are still alive. */
export class Cage {
  readonly #core: Core;
  readonly #guards: number[] = [];

  constructor(core: Core) {
    this.#core = core;
  }

  /** Reserve bytes (whole words) with canaries right before and right behind. @returns their address, 16-byte aligned */
  allocate(bytes: number): number {
    const guardBytes = 4 * GUARD_WORDS;
    const address = this.#core.allocate(bytes + 2 * guardBytes) + guardBytes;
    this.#guardAt(address - guardBytes);
    this.#guardAt(address + bytes);
    return address;
  }

  /** Copy numbers between canaries. @returns their address */
  put(values: Numbers): number {
    const address = this.allocate(values.byteLength);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    new Uint8Array(this.#core.exports.memory.buffer, address, values.byteLength).set(bytes);
    return address;
  }

  /** Set a canary on the arena's top: whatever is allocated next lies behind it. */
  guard(): void {
    this.#guardAt(this.#core.allocate(4 * GUARD_WORDS));
  }

  #guardAt(address: number): void {
    this.#core.i32(address, GUARD_WORDS).forEach((_, i, words) => {
      words[i] = SENTINELS[i % SENTINELS.length];
    });
    this.#guards.push(address);
  }

  /** Count the words around the buffers that have changed. */
  get deadCanaries(): number {
    let dead = 0;
    for (const address of this.#guards) {
      this.#core.i32(address, GUARD_WORDS).forEach((word, i) => {
        if (word !== SENTINELS[i % SENTINELS.length]) dead++;
      });
    }
    return dead;
  }
}
