/**
 * A model file's proof of itself: a short past and the sound that must follow, computed in float64 when the model is
 * exported. A loader anywhere can play it and see whether it plays the string that was meant; `pnpm inspect` does.
 */
import { type Core, generateKarplusStrong, Resonator } from "@neural-string/core-wasm";
import {
  type ClassicHeader,
  countExtras,
  longestDelay,
  type ModelFile,
  type Tensor,
  tapDelays,
} from "@neural-string/shared";
import { playableModel } from "./playable-model.ts";

type Check = NonNullable<ClassicHeader["check"]>;

const EXPECTED_SAMPLES = 64;

/** What a render may deviate from the proof (dB relative to it): -80 is what the golden renders ask of every build. */
export const CHECK_TOLERANCE_DB = -80;

/**
 * Compute a model's proof.
 * @param core makes the past: a synthetic pluck, nobody's recording
 */
export function makeCheck(core: Core, header: ClassicHeader, tensors: ReadonlyMap<string, Tensor>): Check {
  const delays = tapDelays(header.tapPattern, header.sampleRate, header.f0);
  const longest = longestDelay(delays);
  const { sampleRate } = header;
  const pluck = generateKarplusStrong(core, {
    sampleRate,
    f0: Math.min(header.f0, sampleRate / 8),
    seconds: (longest + 1) / sampleRate,
    t60: 1,
    damping: 0.2,
  });
  // four digits keep the file small; as float32 they are what a player will read
  const past = Array.from(pluck.subarray(0, longest), (x) => Math.round(x * 1e4) / 1e4);
  return { past, expected: renderFloat64(header, tensors, delays, past) };
}

/** The string's own equation in float64: y[n] = MLP(taps, controls and features at 0). */
function renderFloat64(
  header: ClassicHeader,
  tensors: ReadonlyMap<string, Tensor>,
  delays: Int32Array,
  past: readonly number[],
): number[] {
  const activations = { linear: (x: number) => x, tanh: Math.tanh, relu: (x: number) => Math.max(0, x) };
  const line = past.map(Math.fround);
  for (let n = past.length; n < past.length + EXPECTED_SAMPLES; n++) {
    let values = [...Array.from(delays, (delay) => line[n - delay]), ...idleInputs(header)];
    header.layers.forEach(({ units, activation }, i) => {
      const weight = (tensors.get(`layers.${i}.weight`) as Tensor).data;
      const bias = tensors.get(`layers.${i}.bias`)?.data;
      values = Array.from({ length: units }, (_, unit) => {
        const sum = values.reduce((s, x, k) => s + weight[unit * values.length + k] * x, bias?.[unit] ?? 0);
        return activations[activation](sum);
      });
    });
    line.push(values[0]);
  }
  return line.slice(past.length);
}

function idleInputs(header: ClassicHeader): number[] {
  return new Array(countExtras(header)).fill(0);
}

/**
 * Play a model's proof.
 * @returns deviation of the render from it (dB relative to its RMS), or null where the file has none
 */
export function checkDeviationDb(core: Core, file: ModelFile): number | null {
  const { check } = file.header;
  if (check === undefined) return null;
  const resonator = new Resonator(core, playableModel(file));
  const past = Float32Array.from(check.past);
  if (past.length < resonator.wantedHistory) return Number.POSITIVE_INFINITY;
  const render = new Float32Array(check.expected.length);
  resonator.excite(past);
  resonator.process(render);
  const energy = check.expected.reduce((sum, x) => sum + x * x, 0);
  const error = check.expected.reduce((sum, x, i) => sum + (x - render[i]) ** 2, 0);
  return 10 * Math.log10((error + 1e-30) / (energy + 1e-30));
}
