/** Reads of a WebAssembly file what a comparison of two builds needs: its code. */

const CODE = 10;
/** Magic number and version. */
const HEADER = 8;

/**
 * Find the code section.
 * @returns its content, a view
 * @throws RangeError where there is none
 */
export function codeSection(bytes: Uint8Array): Uint8Array {
  let at = HEADER;
  while (at < bytes.length) {
    const id = bytes[at++];
    let size = 0;
    // a length of seven bits a byte, the least first
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      size += (byte & 127) * 2 ** shift;
      if (!(byte & 128)) break;
    }
    if (id === CODE) return bytes.subarray(at, at + size);
    at += size;
  }
  throw new RangeError("wasm: expected a code section, found none");
}
