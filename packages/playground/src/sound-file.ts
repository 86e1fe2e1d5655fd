/** Tells a recording from a model before either is read. */

/**
 * Whether a file is a recording, by its first letters: whatever else it is, a model's reader says what is wrong with it.
 * @param bytes of the file, its start at least
 */
export function isSound(bytes: Uint8Array): boolean {
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  return (
    /^(RIFF|RF64|BW64|FORM|OggS|fLaC|ID3)/.test(start) || (bytes[0] === 0xff && (bytes[1] & 0xe0) === 0xe0)
  );
}
