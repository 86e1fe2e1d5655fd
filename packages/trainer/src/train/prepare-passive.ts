/** The training of a passive string as `pnpm train` runs it: over all cores, on every recording at its own tuning. */
import { aheadRange, type PassiveTrainConfig, type Tensor, UserError } from "@neural-string/shared";
import { ONE_NOTE_CENTS } from "../core/controls.ts";
import { atRecordedPitch, passiveFile, type StringFacts, withExcitations } from "../core/passive/export.ts";
import { playedBy } from "../core/passive/listen.ts";
import { ResidualPlayer } from "../core/passive/residual.ts";
import { FADE } from "../core/passive/spectral-form.ts";
import { type PassiveRecording, PassiveTraining } from "../core/passive/train.ts";
import { furthestDelay, Retuning, retuned, type Tuning, wholePeriodOf } from "../core/passive/tuning.ts";
import { type Parameters, SPECTRA } from "../core/passive/variables.ts";
import { loadTrainModule } from "../core-build.ts";
import { median } from "../measure/decay-time.ts";
import { isPassive } from "../passive-file.ts";
import { createPlanePool } from "../plane-pool.ts";
import { createRolloutPool } from "../rollout-pool.ts";
import type { SourcedRecording } from "../sources.ts";
import { openModel } from "../string-model.ts";
import { cropToConfig, type PreparedTraining, type TrainingRequest } from "./prepared.ts";

/** Prepare. @throws UserError for what cannot be trained */
export function preparePassive(request: TrainingRequest<PassiveTrainConfig>): PreparedTraining {
  const { config, name, f0, core, trainedOn, resume, from, residual } = request;
  const facts = stringFacts(request);
  const recordings = trainedOn.map((recording): PassiveRecording => {
    const cents = 1200 * Math.log2(recording.f0 / f0);
    const isSame = Math.abs(cents) < ONE_NOTE_CENTS;
    return {
      samples: cropToConfig(recording, config),
      f0: isSame ? f0 : recording.f0,
      controls: config.model.pitchControl ? [isSame ? 0 : cents / 1200] : [],
      tuning: isSame ? facts.tuning : retuned(facts.tuning, recording.f0),
    };
  });
  const atOwnPitch = recordings.filter(({ tuning }) => tuning === facts.tuning).map(({ samples }) => samples);
  const isOneNote = recordings.every(({ tuning }) => tuning === facts.tuning);
  if (!isOneNote && !(config.model.pitchControl && config.model.filters > 1)) {
    const heard = trainedOn.map((recording) => `${recording.name} ${recording.f0.toFixed(2)} Hz`);
    throw new UserError(
      `recordings: expected one note, got ${heard.join(", ")}; leave out those of another, or set model.pitchControl=true (with model.filters above 1) for one model of several notes`,
    );
  }
  const module = loadTrainModule();
  const player = new ResidualPlayer(module);
  const threads = config.training.sequence.threads ?? undefined;
  const training = new PassiveTraining({
    config,
    facts,
    core,
    recordings,
    createRollouts: (shapes, sources) => createRolloutPool({ module, shapes, sources, threads }),
    createPlaneWork: (setup, first) => createPlanePool(setup, first, threads),
    resume,
    warmStart: from === undefined ? undefined : passiveWarmStart(from, facts, config),
    residual: residual && { ...residual, reach: Math.min(residual.reach, reachOf(facts.tuning)), player },
  });
  return {
    wantedHistory: 2 * furthestDelay(facts.tuning),
    leastHistory: furthestDelay(facts.tuning),
    summary: (steps) => {
      const { taps } = facts.tuning;
      const { cents } = training.glide;
      const glide = cents > 0 ? ` along a glide of ${cents.toFixed(1)} cents` : "";
      const loop = config.model.filters === 1 ? "linear" : `${config.model.filters} filters${glide}`;
      return `passive, ${taps} taps around ${wholePeriodOf(facts.tuning)} samples, ${loop}, ${steps} steps in ${config.training.sequence.stages.length} stages`;
    },
    stepsFor: async (minutes) => {
      const { stepMs, evaluationMs } = await training.measureSpeed(() => performance.now());
      const { evaluations } = config.selection;
      const { length } = config.training.sequence.stages;
      // the beginning and every stage's end are heard as well
      const budget = 60_000 * minutes - evaluationMs * (evaluations + length + 1);
      const roundMs = await training.measureRound(() => performance.now());
      // as many steps as leave time for the rounds that follow them
      let steps = Math.floor(budget / stepMs);
      while (steps > evaluations && steps * stepMs + training.rounds(steps) * roundMs > budget) steps--;
      return Math.max(evaluations, steps);
    },
    run: (steps, callbacks) => training.run(steps, callbacks),
    exported: (parameters) =>
      withExcitations(
        core,
        atRecordedPitch(
          residual ? player.play(parameters) : playedBy(core),
          passiveFile(parameters, facts),
          atOwnPitch,
        ),
        recordings.map(({ samples, f0, controls }, i) => ({
          name: trainedOn[i].name,
          samples,
          f0,
          controls,
        })),
        config.model.excitationSeconds,
      ),
    dispose: () => training.dispose(),
  };

  function stringFacts({ config: { model, training } }: typeof request): StringFacts {
    const { sampleRate } = trainedOn[0];
    const tuning = chooseTuning(config, sampleRate, f0);
    const longestT60 = training.longestT60 ?? Number.POSITIVE_INFINITY;
    return {
      name,
      tuning,
      hop: model.hop,
      controls: model.pitchControl ? 1 : 0,
      pitchControl: model.pitchControl,
      cap: Math.min(MOST_GAIN, 10 ** (-3 / (longestT60 * f0))),
      inharmonicity: knownInharmonicity(trainedOn),
    };
  }
}

/** No cap lies above this: a gain of 1 would be no guarantee. */
const MOST_GAIN = 0.9999;

/** Fewer taps than this are all fade: nothing is left for the string where it is tuned. */
const LEAST_TAPS = 64;
/** Shorter periods have no room for a filter (samples); the player's own limit. */
const LEAST_PERIOD = 8;

/** How many taps, and how many of them ahead of the period. @throws UserError where they do not fit the period */
function chooseTuning({ model }: PassiveTrainConfig, sampleRate: number, f0: number): Tuning {
  const period = Math.round(sampleRate / f0);
  if (f0 * LEAST_PERIOD > sampleRate) {
    throw new UserError(
      `f0: expected at most an eighth of the sample rate (${sampleRate / LEAST_PERIOD} Hz) for a passive string, got ${f0.toFixed(2)} Hz; use a higher data.sampleRate or a classic string`,
    );
  }
  const half = 2 ** Math.round(Math.log2(period / 2));
  const taps = model.taps ?? Math.min(1024, Math.max(LEAST_TAPS, half));
  const ahead = model.ahead ?? Math.min(Math.round(0.742 * taps), Math.floor(0.75 * period));
  const { least, most } = aheadRange({ taps, period }, "training");
  if (ahead < least || ahead > most) {
    const [limit, remedy] =
      taps <= period
        ? ["model.taps", "change it or give more taps"]
        : [
            `the period of ${period} samples at f0 ${f0.toFixed(2)} Hz and ${sampleRate} Hz`,
            "make it smaller",
          ];
    throw new UserError(
      `model.ahead: expected from ${least} to ${most}, two less than ${limit}, got ${ahead}; ${remedy}`,
    );
  }
  const tuning = { sampleRate, f0, taps, ahead };
  // narrower where the period's own tap would lie in the fade
  return { ...tuning, fade: Math.min(FADE, reachOf(tuning)) };
}

/** How far from the period every filter hears, on either side (samples). */
function reachOf({ taps, ahead }: Tuning): number {
  return Math.min(ahead, taps - 1 - ahead);
}

/** B of the string: the median of what the recordings tell, if any does. */
function knownInharmonicity(recordings: readonly SourcedRecording[]): number | undefined {
  const known = recordings.flatMap(({ inharmonicity }) => inharmonicity ?? []);
  return known.length === 0 ? undefined : median(known);
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
