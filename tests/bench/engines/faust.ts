/**
 * Faust, compiled to WebAssembly by its own compiler: the same Karplus-Strong loop, fed with the same excitation. Its
 * buffers are handed over without a copy, as its host offers, so what is timed is the loop.
 */
import { type Contestant, consume } from "../contestant.ts";
import { loadPeer, peerFile } from "../peers.ts";

/** What is used of faustwasm. */
interface FaustWasm {
  instantiateFaustModuleFromFile(path: string): Promise<object>;
  LibFaust: new (module: object) => object;
  FaustCompiler: new (lib: object) => object;
  FaustMonoDspGenerator: new () => {
    compile(compiler: object, name: string, code: string, args: string): Promise<object | null>;
    createOfflineProcessor(sampleRate: number, bufferSize: number): Promise<OfflineProcessor | null>;
  };
}

interface OfflineProcessor {
  start(): void;
  instanceClear(): void;
  compute(input: (channels: Float32Array[]) => void, output: (channels: Float32Array[]) => void): boolean;
}

/** Samples that Faust computes at once. */
const BUFFER = 512;

export interface FaustString {
  /** Samples; the loop's own feedback is one of them. */
  delay: number;
  gain: number;
  excitation: Float32Array;
  /** Samples that are to be compared. */
  frames: number;
}

/** Make it ready. @throws Absent where faustwasm is not installed or does not load */
export async function faustString({ delay, gain, excitation, frames }: FaustString): Promise<Contestant> {
  const faust = await loadPeer<FaustWasm>("@grame/faustwasm", "dist/esm/index.js");
  const lib = peerFile("@grame/faustwasm", "libfaust-wasm", "libfaust-wasm.js");
  const compiler = new faust.FaustCompiler(
    new faust.LibFaust(await faust.instantiateFaustModuleFromFile(lib)),
  );
  const generator = new faust.FaustMonoDspGenerator();
  const code = `average(x) = 0.5 * (x + x'); process = + ~ (@(${delay - 1}) : average : *(${gain}));`;
  await generator.compile(compiler, "string", code, "-ftz 0");
  const processor = await generator.createOfflineProcessor(44100, BUFFER);
  if (processor === null) throw new Error("faust: its compiler made nothing");
  processor.start();
  let heard: Float32Array = new Float32Array(BUFFER);
  const listen = ([channel]: Float32Array[]) => {
    heard = channel;
  };
  const rest = () => {};
  const feed =
    (from: number) =>
    ([channel]: Float32Array[]) => {
      channel.fill(0);
      channel.set(excitation.subarray(from, from + BUFFER));
    };
  // what holds the excitation first holds silence afterwards
  const pluck = () => {
    processor.instanceClear();
    for (let from = 0; from < excitation.length + BUFFER; from += BUFFER)
      processor.compute(feed(from), listen);
  };
  return {
    samples: BUFFER,
    rewind: pluck,
    run: () => {
      processor.compute(rest, listen);
      consume(heard[BUFFER - 1]);
    },
    prove: () => {
      const sound = new Float32Array(frames);
      processor.instanceClear();
      for (let from = 0; from < frames; from += BUFFER) {
        processor.compute(feed(from), listen);
        sound.set(heard.subarray(0, frames - from), from);
      }
      return sound;
    },
  };
}
