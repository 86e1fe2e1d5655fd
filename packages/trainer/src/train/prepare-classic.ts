/** The training of a classic string as `pnpm train` runs it. */
import { type ClassicHeader, type ClassicTrainConfig, longestDelay, tapDelays } from "@neural-string/shared";
import { controlMeanings, startLevelDb } from "../core/controls.ts";
import { withMeans } from "../core/features.ts";
import { ClassicTraining } from "../core/train.ts";
import { loadTrainModule } from "../core-build.ts";
import { makeCheck } from "../string-check.ts";
import { classicWarmStart, headerFromConfig } from "../string-model.ts";
import { dataPictures, featureCurves } from "./data-pictures.ts";
import { cropToConfig, lossHeader, type PreparedTraining, type TrainingRequest } from "./prepared.ts";

/** Prepare. @throws UserError for what cannot be trained */
export function prepareClassic(request: TrainingRequest<ClassicTrainConfig>): PreparedTraining {
  const { config, name, f0, core, trainedOn, further = [], resume, from } = request;
  const { sampleRate } = trainedOn[0];
  const recordings = trainedOn.map((recording) => cropToConfig(recording, config));
  const notes = trainedOn.map(({ f0: own, samples }) => ({
    f0: own,
    startDb: startLevelDb(samples, sampleRate, own),
  }));
  const bare = headerFromConfig(config, name, sampleRate, f0);
  const header: ClassicHeader = {
    ...bare,
    ...(bare.controls > 0 && { controlMeanings: controlMeanings(config.model.controls, notes) }),
    features: withMeans(core, recordings, bare.features ?? []),
  };
  const training = new ClassicTraining({
    config,
    header,
    core,
    recordings,
    notes,
    further: further.map(({ samples }) => samples),
    trainModule: config.training.rollout === null ? undefined : loadTrainModule(),
    resume,
    warmStart: from === undefined ? undefined : classicWarmStart(from, header, config.model.bias),
  });
  const longest = longestDelay(tapDelays(header.tapPattern, header.sampleRate, header.f0));
  return {
    wantedHistory: longest,
    leastHistory: longest,
    summary: (steps) =>
      `${training.examples.count} examples, ${steps} steps of ${training.examples.batchSize}`,
    stepsFor: async (minutes) => {
      const { stepMs, evaluationMs } = training.measureSpeed(() => performance.now());
      const { evaluations } = config.selection;
      const budget = 60_000 * minutes - evaluationMs * (evaluations + 1);
      return Math.max(evaluations, Math.floor(budget / stepMs));
    },
    followed: lossHeader(training.followed, request),
    run: (steps, callbacks) => training.run(steps, callbacks),
    exported: (tensors) => ({
      header: { ...header, check: makeCheck(core, header, tensors) },
      tensors,
    }),
    pictures: () => {
      const sounds = [...recordings, ...further.map(({ samples }) => samples)];
      const skipped = sounds.map((_, i) => (i < recordings.length ? config.data.skipSeconds : 0));
      const features = featureCurves(core, header, sounds, skipped);
      return dataPictures(training.examples, [...trainedOn, ...further], features);
    },
    dispose: () => training.dispose(),
  };
}
