/**
 * A classic network as inference libraries take it: the windows of a whole block as one matrix, so that they can do
 * what they do best. The windows are gathered beforehand and that is not timed, nor is closing the loop: what they are
 * compared with does both, so the comparison leans towards them.
 */
import type { ClassicModel } from "@neural-string/core-wasm";

/** As many samples as the shortest of the taps around one period at 82 Hz lets a loop run ahead. */
export const BLOCK = 523;

/** A network and the block it is given. */
export interface NetworkBlock {
  model: ClassicModel;
  /** f32, [BLOCK, taps]: what the network reads for each sample. */
  windows: Float32Array;
}

/**
 * Gather the windows of a sound's first samples.
 * @param past what was heard before @param sound the next samples, BLOCK of them or more
 */
export function gatherBlock(model: ClassicModel, past: Float32Array, sound: ArrayLike<number>): NetworkBlock {
  const line = Float32Array.from({ length: past.length + BLOCK }, (_, n) =>
    n < past.length ? past[n] : sound[n - past.length],
  );
  const taps = model.delays.length;
  const windows = new Float32Array(BLOCK * taps);
  for (let n = 0; n < BLOCK; n++) {
    for (let t = 0; t < taps; t++) windows[n * taps + t] = line[past.length + n - model.delays[t]];
  }
  return { model, windows };
}
