/** What a task's rollout costs in float64, and by finite differences how that moves with a parameter. */
import { decayLoss, rollOut, spectralLoss, waveLoss } from "./rollout.ts";
import { type Case, type makeTask, shapeOf } from "./rollout-task.ts";

type Task = ReturnType<typeof makeTask>;

/** The three losses in float64, and their sum. */
export function referenceLosses(c: Case, task: Omit<Task, "taps" | "network"> & TaskParameters) {
  const { frameSizes, decayBands, ...shape } = shapeOf(c);
  const { rollout } = rollOut({ ...shape, ...task });
  const rms = Math.sqrt(task.past.reduce((sum, x) => sum + x * x, 0) / task.past.length);
  const scale = 1 / (rms + 1e-5);
  const spectra = frameSizes.map((size, i) => spectralLoss(rollout, task.target, size, task.floors[i]));
  const parts = {
    waveLoss: task.waveWeight * waveLoss(rollout, task.target, task.waveSamples, scale),
    spectralLoss: task.spectralWeight * spectra.reduce((sum, x) => sum + x, 0),
    decayLoss: decayBands
      ? task.decayWeight * decayLoss(rollout, task.target, decayBands, task.decayNoise)
      : 0,
  };
  return { ...parts, loss: parts.waveLoss + parts.spectralLoss + parts.decayLoss };
}

/** What a gradient is for. */
export interface TaskParameters {
  taps: ArrayLike<number>;
  network: ArrayLike<number>;
}

/** Central difference of the reference's loss for one parameter; so small a step that few cells cross their target. */
export function taskSlope(c: Case, task: Task, of: keyof TaskParameters, i: number): number {
  const step = 1e-7;
  const moved = (by: number) => {
    const values = Array.from<number>(task[of]);
    values[i] += by;
    return referenceLosses(c, { ...task, [of]: values }).loss;
  };
  return (moved(step) - moved(-step)) / (2 * step);
}
