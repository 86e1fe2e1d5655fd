/**
 * The training of a passive string as `pnpm train` runs it: over all cores, from files. What it is made of is prepared by
 * core/passive/prepare.ts, as it is in a page.
 */
import { type PassiveTrainConfig, type Tensor, UserError } from "@neural-string/shared";
import type { StringFacts } from "../core/passive/export.ts";
import { preparePassiveTraining } from "../core/passive/prepare.ts";
import { ResidualPlayer } from "../core/passive/residual.ts";
import { Retuning, type Tuning } from "../core/passive/tuning.ts";
import { type Parameters, SPECTRA } from "../core/passive/variables.ts";
import { loadTrainModule } from "../core-build.ts";
import { isPassive } from "../passive-file.ts";
import { createPlanePool } from "../plane-pool.ts";
import { createRolloutPool } from "../rollout-pool.ts";
import { openModel } from "../string-model.ts";
import { cropToConfig, lossHeader, type PreparedTraining, type TrainingRequest } from "./prepared.ts";

/** Prepare. @throws UserError for what cannot be trained */
export function preparePassive(request: TrainingRequest<PassiveTrainConfig>): PreparedTraining {
  const { config, name, f0, core, trainedOn, resume, from, residual } = request;
  const module = loadTrainModule();
  const threads = config.training.sequence.threads ?? undefined;
  const { training, ...prepared } = preparePassiveTraining({
    config,
    name,
    f0,
    core,
    notes: trainedOn.map((recording) => ({ ...recording, samples: cropToConfig(recording, config) })),
    createRollouts: (shapes, sources) => createRolloutPool({ module, shapes, sources, threads }),
    createPlaneWork: (setup, first) => createPlanePool(setup, first, threads),
    resume,
    warmStart: from === undefined ? undefined : (facts) => passiveWarmStart(from, facts, config),
    residual: residual && { ...residual, player: new ResidualPlayer(module) },
  });
  return {
    ...prepared,
    stepsFor: (minutes) => prepared.stepsFor(minutes, () => performance.now()),
    followed: lossHeader(training.followed, request),
    run: (steps, callbacks) => training.run(steps, callbacks),
    dispose: () => training.dispose(),
  };
}

/** Parameters of a passive string for a warm start. @throws UserError where the model has another shape */
function passiveWarmStart(
  path: string,
  { tuning, controls }: StringFacts,
  config: PassiveTrainConfig,
): Parameters {
  const file = openModel(path);
  if (!isPassive(file)) {
    throw new UserError(
      `--from ${path}: expected a passive string, as the config trains, got a ${file.header.kind} one; give a model of that kind`,
    );
  }
  const { header, tensors } = file;
  const { model } = config;
  const shape = (s: { taps: number; ahead: number; filters: number; controls: number; hidden?: number }) =>
    `${s.taps} taps, ${s.ahead} ahead, ${s.filters} filters${s.filters > 1 ? `, ${s.hidden} hidden units, ${s.controls} controls` : ""}`;
  const got = shape({ ...header, hidden: header.mixture?.hidden });
  const linear = shape({ ...tuning, filters: 1, controls: 0 });
  const expected = shape({ ...tuning, filters: model.filters, controls, hidden: model.hidden });
  if (got !== expected && got !== linear) {
    throw new UserError(
      `--from ${path}: expected a string of this config's shape (${expected}), got ${got}; change the config's model to match`,
    );
  }
  const parameters = new Map([...tensors].filter(([tensor]) => !tensor.startsWith("excitations.")));
  parameters.delete("filters.taps");
  // it learns on as a cascade; planes are made of it at the end
  parameters.delete("filters.coupling");
  retune(parameters, header, tuning);
  const bins = tuning.taps / 2 + 1;
  return parameters.set("filters.turns", { shape: [bins], data: new Float32Array(bins) });
}

/** Move spectra learned at one tuning to another of the same sizes; unwrapped phases stay unwrapped. */
function retune(parameters: Parameters, from: Tuning, to: Tuning): void {
  const retuning = new Retuning(from, to);
  const [damping, phases] = SPECTRA.map((name) => parameters.get(name) as Tensor);
  const [rows, bins] = damping.shape;
  const [logDampings, allPhases] = [damping.data.slice(), phases.data.slice()];
  for (let at = 0; at < rows * bins; at += bins) {
    const part = (all: Float32Array) => Float64Array.from(all.subarray(at, at + bins));
    const { logDamping, phase } = retuning.apply({ logDamping: part(logDampings), phase: part(allPhases) });
    logDampings.set(logDamping, at);
    allPhases.set(phase, at);
  }
  parameters.set(SPECTRA[0], { shape: damping.shape, data: logDampings });
  parameters.set(SPECTRA[1], { shape: phases.shape, data: allPhases });
}
