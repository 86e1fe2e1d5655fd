/**
 * The ablation's string with a per-sample residual: the default mixture and a small odd network beside its loops,
 * trained by the same rollouts and judged alike. It has no model file (nothing bounds what the network adds), so it is
 * trained and played here, from its checkpoint, and not by `pnpm train`.
 */
import type { Core } from "@neural-string/core-wasm";
import type { PassiveTrainConfig } from "@neural-string/shared";
import { chooseBackend } from "../src/backend.ts";
import { readCheckpoint } from "../src/checkpoint.ts";
import { resolveConfig } from "../src/config.ts";
import { ResidualPlayer } from "../src/core/passive/residual.ts";
import { furthestDelay, wholePeriodOf } from "../src/core/passive/tuning.ts";
import { loadTrainModule } from "../src/core-build.ts";
import { checkSkip, compareSounds } from "../src/judge.ts";
import { median } from "../src/measure/decay-time.ts";
import { createRunFolder } from "../src/numbered-runs.ts";
import { bindPassive, type PassiveFile } from "../src/passive-file.ts";
import { RunFolder } from "../src/run-folder.ts";
import type { SourcedRecording } from "../src/sources.ts";
import { trainIntoFolder } from "../src/train/into-folder.ts";
import { prepareTraining } from "../src/train/prepare.ts";
import type { PreparedTraining } from "../src/train/prepared.ts";
import type { Budget, Trained } from "./trained-strings.ts";
import type { JudgeString } from "./untrained-strings.ts";

/** As the prototype had it: 16 units; the taps are those of the origin's networks around one period. */
const RESIDUAL = { units: 16, reach: 10 };

/**
 * Train one into a folder: a config, a log and checkpoints, but no model.
 * @throws UserError where the recordings are too short, or the folder is there
 */
export async function trainResidual(
  core: Core,
  trainedOn: readonly SourcedRecording[],
  { budget, runDir }: { budget: Budget; runDir: string },
): Promise<Trained> {
  const { config, training } = await prepared(core, trainedOn, budget);
  try {
    const { minutes } = config.training;
    const steps = config.training.steps ?? (await training.stepsFor(minutes));
    const { folder } = createRunFolder({ exactly: runDir });
    folder.writeConfig(config);
    const start = performance.now();
    await trainIntoFolder(
      training,
      folder,
      steps,
      null,
      () => {},
      () => false,
    );
    return { folder: runDir, steps, minutes: (performance.now() - start) / 60_000 };
  } finally {
    training.dispose();
  }
}

/** A trained one, ready to be judged from any start. */
export async function residualString(
  core: Core,
  trainedOn: readonly SourcedRecording[],
  { folder }: Trained,
  budget: Budget,
): Promise<JudgeString> {
  const { training } = await prepared(core, trainedOn, budget);
  const { parameters } = readCheckpoint(new RunFolder(folder).best);
  try {
    // the loops as they would be exported: projected, and at their recordings' pitch
    const model = bindPassive(training.exported(parameters) as PassiveFile);
    const play = new ResidualPlayer(loadTrainModule()).play(parameters);
    const history = 2 * furthestDelay(model);
    return ({ name, samples, f0 }, { skip, seconds }) => {
      checkSkip(skip, furthestDelay(model), samples.length);
      const { sampleRate } = model;
      const frames = Math.max(0, Math.min(Math.round(seconds * sampleRate), samples.length - skip));
      const past = lastSamples(samples.subarray(0, skip), history, wholePeriodOf(model));
      const heard = { samples: past, f0, controls: [] };
      const { render, brokenSamples } = play(model, heard, history + frames);
      const known = { recording: name, seenInTraining: false, skip, f0, seconds, brokenSamples };
      return compareSounds(render, samples.subarray(skip), sampleRate, known);
    };
  } finally {
    training.dispose();
  }
}

/** The same training as `pnpm train` would prepare of the defaults, with a residual. */
async function prepared(
  core: Core,
  trainedOn: readonly SourcedRecording[],
  budget: Budget,
): Promise<{ config: PassiveTrainConfig; training: PreparedTraining }> {
  const recordings = trainedOn.map(({ source }) => source);
  const config = resolveConfig({ recordings, ...budget }) as PassiveTrainConfig;
  await chooseBackend(config.training.backend);
  const f0 = median(trainedOn.map((recording) => recording.f0));
  const request = { config, name: "residual", f0, core, trainedOn, residual: RESIDUAL };
  return { config, training: prepareTraining(request) };
}

/** The last samples of a history; what a short one lacks is taken from one period later, as the player does at first. */
function lastSamples(history: Float32Array, count: number, period: number): Float32Array {
  const past = new Float32Array(count);
  const missing = Math.max(0, count - history.length);
  past.set(history.subarray(Math.max(0, history.length - count)), missing);
  for (let n = missing - 1; n >= 0; n--) past[n] = past[n + period];
  return past;
}
