/**
 * A training rollout: forward through sixteen periods of a mixture of three filters, its losses (waveform, spectra,
 * energy decay), and back through all of it to the gradients. Runs on the train builds.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { RolloutTrainer } from "@neural-string/core-wasm/rollout";
import { decayBands } from "@neural-string/trainer/core/passive/material";
import { rollOut } from "../../reference/rollout.ts";
import { referenceLosses, type TaskParameters, taskSlope } from "../../reference/rollout-losses.ts";
import { type Case, makeTask, shapeOf } from "../../reference/rollout-task.ts";
import { type Contestant, consume, once, type Workload } from "../contestant.ts";

const STRING = { taps: 256, near: 344, filters: 3, hop: 256, hidden: 16, controls: 0, seed: 5 };
const LOSSES = { frameSizes: [512, 2048, 4096], decayBands: decayBands(44100) };
/** What is timed, 16 periods; and what is compared, fewer: the reference's spectra are sums of their definition. */
const TIMED: Case = { ...STRING, ...LOSSES, count: 8544 };
const COMPARED: Case = { ...STRING, ...LOSSES, count: 2100 };
/** Parameters whose gradients are compared: of each loop's filters, and of the network. */
const GRADIENTS: [of: keyof TaskParameters, index: number][] = [
  ["taps", 100],
  ["taps", 600],
  ["network", 3],
];
/** Samples, losses and gradients in one: the samples agree to -120 dB, gradients to some 1e-5 of themselves. */
const TOLERANCE_DB = -90;
/** Each tap of each filter once forward, once back to the signal, once to its own gradient; the spectra do not count. */
const MACS = 3 * (1 + STRING.filters) * STRING.taps;

/** Which file a build's rollouts run on. */
export function trainBuildOf(build: "relaxed" | "simd"): string {
  return `train-${build}`;
}

/** The reference's samples, its loss, and some of its slopes. */
function reference(): number[] {
  const task = makeTask(COMPARED);
  const { rollout } = rollOut({ ...shapeOf(COMPARED), ...task });
  const slopes = GRADIENTS.map(([of, index]) => taskSlope(COMPARED, task, of, index));
  return [...rollout, referenceLosses(COMPARED, task).loss, ...slopes];
}

function rolloutOn(build: "relaxed" | "simd"): Contestant {
  const file = fileURLToPath(import.meta.resolve(`@neural-string/core-wasm/${trainBuildOf(build)}.wasm`));
  const module = new WebAssembly.Module(readFileSync(file));
  const trainer = new RolloutTrainer(module, shapeOf(TIMED));
  const task = makeTask(TIMED);
  return {
    samples: TIMED.count,
    run: () => consume(trainer.run(task).loss),
    prove: () => {
      const result = trainer.run(makeTask(COMPARED));
      const gradients = { taps: result.gradientTaps, network: result.gradientNetwork };
      return [...result.rollout, result.loss, ...GRADIENTS.map(([of, index]) => gradients[of][index])];
    },
  };
}

export function rolloutWorkload(): Workload {
  return {
    name: "rollout",
    macPerSample: MACS,
    toleranceDb: TOLERANCE_DB,
    expected: once(reference),
    engines: { relaxed: () => rolloutOn("relaxed"), simd: () => rolloutOn("simd") },
  };
}
