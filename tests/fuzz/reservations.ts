/**
 * Watches what code reserves: every ArrayBuffer and typed array by the length it is asked for, also where the memory is
 * given back before a case ends, or is never touched and so takes no room; and the memory of every WebAssembly instance,
 * which grows from within and never shrinks.
 */

const CLASSES = [
  ...["ArrayBuffer", "SharedArrayBuffer", "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array"],
  ...["Uint16Array", "Int32Array", "Uint32Array", "Float32Array", "Float64Array", "BigInt64Array"],
  "BigUint64Array",
] as const;

let largest = 0;
let instances: WebAssembly.Instance[] = [];
let isWatching = false;

function ask(bytes: number): void {
  // what is no number of bytes is refused by the constructor itself
  if (Number.isFinite(bytes) && bytes > largest) largest = bytes;
}

/** Watch from now on; code that took hold of a constructor before is not seen. */
export function watchReservations(): void {
  if (isWatching) return;
  isWatching = true;
  for (const name of CLASSES) {
    const real = globalThis[name] as unknown as {
      new (...args: unknown[]): object;
      BYTES_PER_ELEMENT?: number;
    };
    const width = real.BYTES_PER_ELEMENT ?? 1;
    const watched = new Proxy(real, {
      construct(target, args, self) {
        if (typeof args[0] === "number") ask(args[0] * width);
        // an array-like says its own length
        else if (typeof args[0] === "object" && args[0] !== null && Object.hasOwn(args[0], "length"))
          ask(Number(args[0].length) * width);
        return Reflect.construct(target, args, self);
      },
    });
    Object.defineProperty(globalThis, name, { value: watched, writable: true, configurable: true });
  }
  WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
    construct(target, args, self) {
      const made = Reflect.construct(target, args, self);
      instances.push(made);
      return made;
    },
  });
}

/** Bytes of the largest single reservation since the last call. */
export function largestReservation(): number {
  for (const { exports } of instances)
    if (exports.memory instanceof WebAssembly.Memory) ask(exports.memory.buffer.byteLength);
  instances = [];
  const found = largest;
  largest = 0;
  return found;
}
