/**
 * A string played by this core's own API, as an audio callback does: `Resonator.process` into a buffer of the caller,
 * 128 samples at a time. Taps, loop, flush of what is inaudible, mixture and copies are all in what is timed.
 */
import { type Core, Resonator, type StringModel } from "@neural-string/core-wasm";
import { type Contestant, consume } from "../contestant.ts";

/** Frames of a render quantum. */
export const QUANTUM = 128;

export interface CoreString {
  core: Core;
  model: StringModel;
  /** Set the string going, from silence. */
  start: (string: Resonator) => void;
  /** Samples that are to be compared. */
  frames: number;
  /** Samples of a block; default a quantum. */
  block?: number;
}

/** Make it ready. */
export function coreString({ core, model, start, frames, block }: CoreString): Contestant {
  const string = new Resonator(core, model);
  const rewind = () => {
    string.reset();
    start(string);
  };
  rewind();
  return streamed(string, rewind, frames, block);
}

/** What renders block by block: the core's strings, and those in plain JavaScript. */
interface BlockString {
  process(out: Float32Array): void;
}

/**
 * Let a string render block by block.
 * @param rewind silence it, and set it going again
 * @param frames that are to be compared
 * @param block samples; some strings take too long to render a whole quantum in a turn
 */
export function streamed(
  string: BlockString,
  rewind: () => void,
  frames: number,
  block = QUANTUM,
): Contestant {
  const out = new Float32Array(block);
  return {
    samples: block,
    rewind,
    run: () => {
      string.process(out);
      consume(out[block - 1]);
    },
    isSilent: () => out.every((x) => x === 0),
    prove: () => {
      rewind();
      const sound = new Float32Array(frames);
      for (let n = 0; n < frames; n += block) string.process(sound.subarray(n, Math.min(n + block, frames)));
      return sound;
    },
  };
}
