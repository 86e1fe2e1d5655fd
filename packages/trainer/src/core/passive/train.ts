/**
 * The training of a passive string, top to bottom: a start from linear prediction; stages of rollouts of growing length,
 * linear loops first, then the mixture; a listen to the closed loop now and then. Free of node: files, threads and
 * screens belong to who calls it.
 */
import type { Core } from "@neural-string/core-wasm";
import { type PassiveTrainConfig, type StageConfig, type Tensor, UserError } from "@neural-string/shared";
import * as tf from "@tensorflow/tfjs-core";
import type { Heard } from "../listen.ts";
import { LossStretch } from "../loss-stretch.ts";
import { createOptimizer, type TrainingOptimizer } from "../optimizer.ts";
import { seededRandom } from "../random.ts";
import type { TrainingCallbacks, TrainingState } from "../train.ts";
import { type PlannedStage, planStages, stageRate } from "./curriculum.ts";
import { passiveModel, type StringFacts } from "./export.ts";
import { type Glide, measureGlide } from "./glide.ts";
import { type HeardRecording, hearPassive, playedBy } from "./listen.ts";
import { Material } from "./material.ts";
import { lossOperation, type Objected, PassiveObjective } from "./objective.ts";
import { inTune } from "./planes/in-tune.ts";
import { pointsOf } from "./planes/levenberg-marquardt.ts";
import { busiestRow, hasPlanes, withoutPlanes, withPlanes } from "./planes/parameters.ts";
import { Ended, FRESH, type Refinement, refineRound, roundsFor } from "./planes/refine.ts";
import { type PlaneSetup, type PlaneWorkFactory, planeSetup } from "./planes/setup.ts";
import { RESIDUAL_RATES, type ResidualPlayer, type ResidualSize, withResidual } from "./residual.ts";
import type { RolloutWeights } from "./rollouts.ts";
import { type RolloutsFactory, StageRollouts } from "./stage-rollouts.ts";
import { retunedStart, startSpectra } from "./start.ts";
import { type Tuning, wholePeriodOf } from "./tuning.ts";
import {
  expandParameters,
  filtersOf,
  type Parameters,
  PassiveVariables,
  startParameters,
} from "./variables.ts";

/** A recording to learn from. */
export interface PassiveRecording extends HeardRecording {
  tuning: Tuning;
}

export interface PassiveTrainingOptions {
  config: PassiveTrainConfig;
  facts: StringFacts;
  core: Core;
  recordings: readonly PassiveRecording[];
  createRollouts: RolloutsFactory;
  /** How the last touch is computed; without it there is none. */
  createPlaneWork?: PlaneWorkFactory;
  resume?: TrainingState;
  warmStart?: Parameters;
  /** The ablation's: a network beside the loops, and how a string that has it is played (residual.ts). */
  residual?: ResidualSize & { player: ResidualPlayer };
}

const PERIODS_OF_WAVEFORM = 16;
/** Name in the optimiser's state of the number of its updates. */
const UPDATES = "updates";
/** And of where the last touch stands: rounds done, and the solver's damping. */
const REFINEMENT = "refinement";
/** What the second plane begins as is asked of the first seconds. */
const YOUNG_SECONDS = 5;
/** Largest norm of a step's gradient. */
const CLIP = 1;
const PAUSE_MS = 50;
const LOG_LINES = 2000;
/** Steps that measure a stage's speed, after some that warm it up. */
const MEASURED_STEPS = 4;
const WARM_UP_STEPS = 2;
/** Points that measure a round of the last touch: every thread has some. */
const MEASURED_POINTS = 16;

/** A training run of a passive string. `dispose` frees its tensors and threads. */
export class PassiveTraining {
  readonly material: Material;
  readonly #options: PassiveTrainingOptions;
  readonly #objective: PassiveObjective;
  #learned: PassiveVariables;
  #optimizer: TrainingOptimizer;
  /** Updates of the optimiser since its moments were 0: its bias correction counts from there. */
  #updates = 0;
  readonly #rollouts: StageRollouts;
  /** What the last touch works on; null where there is none to do. */
  readonly #planeSetup: PlaneSetup | null;
  /** Once the loops are parallel planes: their parameters, and where the last touch stands. */
  #planes: { parameters: Parameters; refinement: Refinement } | null = null;
  /** How much sharper the recordings sound while loud; where the filters of a fresh mixture begin. */
  readonly glide: Glide;
  readonly #state: Omit<TrainingState, "parameters" | "optimizer">;

  /** @throws UserError where the recordings are too short */
  constructor(options: PassiveTrainingOptions) {
    const { config, facts, recordings, resume, warmStart } = options;
    const { training, selection } = config;
    this.#options = options;
    const tunings = recordings.map(({ tuning }) => tuning);
    const samples = recordings.map((recording) => recording.samples);
    this.material = new Material(samples, tunings, training.sequence, selection.seconds, training.seed);
    this.#rollouts = new StageRollouts(options, this.material);
    const hasTouch = !options.residual && training.sequence.planes.rounds !== 0;
    this.#planeSetup = hasTouch ? planeSetup(facts, tunings, this.material, training) : null;
    this.glide = training.sequence.glide ? this.#measureGlide() : { cents: 0, level: 1 };
    this.#objective = new PassiveObjective(facts.tuning, tunings, facts.cap, config.model.hearsChange);
    this.#learned = new PassiveVariables(
      resume ? withoutPlanes(resume.parameters) : (warmStart ?? this.#start()),
    );
    this.#optimizer = createOptimizer({ ...ADAM, learningRate: 1 }, this.#learned.variables);
    if (resume) {
      this.#optimizer.setState(resume.optimizer);
      this.#updates = resume.optimizer.get(UPDATES)?.data[0] ?? resume.step;
      if (hasPlanes(resume.parameters)) {
        const [rounds, damping] = resume.optimizer.get(REFINEMENT)?.data ?? [0, 1];
        this.#planes = { parameters: resume.parameters, refinement: { rounds, damping } };
      }
    }
    this.#state = {
      step: resume?.step ?? 0,
      bestStep: resume?.bestStep ?? 0,
      bestScoreDb: resume?.bestScoreDb ?? Number.POSITIVE_INFINITY,
      sinceBest: resume?.sinceBest ?? 0,
      epochLoss: 0,
      epochUpdates: 0,
    };
  }

  /**
   * Measure how long a step and an evaluation take here, without a trace.
   * @returns milliseconds; a step's is the mean over the stages, by their shares
   */
  async measureSpeed(now: () => number): Promise<{ stepMs: number; evaluationMs: number }> {
    const { stages } = this.#options.config.training.sequence;
    const begun = { learned: this.#learned, optimizer: this.#optimizer, updates: this.#updates };
    const linear = begun.learned.parameters();
    let weighted = 0;
    let evaluationMs = 0;
    for (const config of stages) {
      const plan = { index: 0, config, from: 0, to: 1 };
      this.#learn(this.#parametersFor(config, linear));
      await this.#rollouts.prepare(config, this.#learned.parameters());
      for (let i = 0; i < WARM_UP_STEPS; i++) await this.#step(plan, i, 0);
      const start = now();
      for (let i = 0; i < MEASURED_STEPS; i++) await this.#step(plan, i, 0);
      weighted += (config.share * (now() - start)) / MEASURED_STEPS;
      const before = now();
      this.#hear();
      evaluationMs = Math.max(evaluationMs, now() - before);
      this.#learned.dispose();
      this.#optimizer.dispose();
    }
    this.#learned = begun.learned;
    this.#optimizer = begun.optimizer;
    this.#updates = begun.updates;
    return { stepMs: weighted / stages.reduce((sum, { share }) => sum + share, 0), evaluationMs };
  }

  /**
   * Train to a number of steps (counted from the run's very beginning).
   * @returns the state at the end; the best parameters went through `onState`
   * @throws UserError where the loss is no longer a number
   */
  async run(steps: number, callbacks: TrainingCallbacks): Promise<TrainingState> {
    const { config } = this.#options;
    const state = this.#state;
    const evaluateEvery = Math.max(1, Math.round(steps / config.selection.evaluations));
    const linesEvery = Math.max(1, Math.round(steps / LOG_LINES));
    const recent = new LossStretch();
    let lastPause = Date.now();
    // more steps than were planned: the loops learn on, and become planes again at the end
    if (state.step < steps) this.#planes = null;
    if (state.step === 0 && state.bestScoreDb === Number.POSITIVE_INFINITY)
      await this.#evaluate(callbacks, 0, true);
    const plan = planStages(config.training.sequence.stages, steps);
    for (const stage of plan) {
      if (state.step >= stage.to) continue;
      const firstHeard = Math.min(stage.to, evaluateEvery * (Math.floor(stage.from / evaluateEvery) + 1));
      await this.#begin(stage, callbacks);
      while (state.step < stage.to) {
        const rate = stageRate(stage, state.step);
        const { loss, parts } = await this.#step(stage, state.step, rate);
        state.step++;
        this.#checkLoss(loss);
        recent.add(loss, parts);
        const atEnd = state.step === stage.to;
        const atEvaluation = state.step % evaluateEvery === 0 || atEnd;
        const stop = callbacks.shouldStop();
        if (state.step % linesEvery === 0 || atEvaluation || stop) {
          callbacks.onLog(recent.line(state.step, this.#epoch(plan), rate, stage.index));
        }
        if (atEvaluation) await this.#evaluate(callbacks, this.#epoch(plan), state.step === firstHeard);
        else if (stop) await callbacks.onState(this.#snapshot(), false);
        if (stop) return this.#snapshot();
        if (Date.now() - lastPause > PAUSE_MS) {
          await callbacks.pause();
          lastPause = Date.now();
        }
      }
    }
    await this.#refine(this.rounds(steps), this.#epoch(plan), callbacks);
    return this.#snapshot();
  }

  /** Rounds of the last touch that follow so many steps. */
  rounds(steps: number): number {
    const { config, createPlaneWork } = this.#options;
    if (createPlaneWork === undefined || this.#planeSetup === null) return 0;
    return config.training.sequence.planes.rounds ?? roundsFor(steps);
  }

  /** How long a round of the last touch takes (ms), from a few of its points. */
  async measureRound(now: () => number): Promise<number> {
    const [setup, { createPlaneWork }] = [this.#planeSetup, this.#options];
    if (setup === null || createPlaneWork === undefined) return 0;
    const first = this.#intoPlanes(this.#mixtureFrom(this.#learned.parameters()));
    const work = await createPlaneWork(setup, first);
    try {
      const { unknowns } = work;
      work.begin(first, 0);
      const points = Array.from({ length: MEASURED_POINTS }, () => new Float64Array(unknowns));
      await work.errors(points);
      const start = now();
      await work.errors(points);
      return ((now() - start) / MEASURED_POINTS) * pointsOf(unknowns);
    } finally {
      work.dispose();
    }
  }

  dispose(): void {
    this.#rollouts.dispose();
    this.#learned.dispose();
    this.#optimizer.dispose();
  }

  #intoPlanes(parameters: Parameters): Parameters {
    const { core, facts, recordings } = this.#options;
    const samples = recordings.map((recording) => recording.samples);
    const tuned = inTune(parameters, facts, playedBy(core), samples);
    const row = busiestRow(passiveModel(tuned, facts), recordings, YOUNG_SECONDS);
    return withPlanes(tuned, facts.tuning, row);
  }

  /** The last touch. What it ends with is kept as the best: the held-out stretch is too late to hear what it mends. */
  async #refine(rounds: number, epoch: number, callbacks: TrainingCallbacks): Promise<void> {
    const [setup, { createPlaneWork }, state] = [this.#planeSetup, this.#options, this.#state];
    if (rounds === 0 || setup === null || createPlaneWork === undefined) return;
    const begun = this.#planes ?? {
      parameters: this.#intoPlanes(this.#learned.parameters()),
      refinement: FRESH,
    };
    if (begun.refinement.rounds >= rounds) return;
    const { stages } = this.#options.config.training.sequence;
    callbacks.onLog({
      type: "stage",
      step: state.step,
      stage: stages.length,
      name: "two planes",
      filters: filtersOf(begun.parameters),
      seconds: setup.seconds,
      batchSize: setup.starts * setup.recordings.length,
      steps: rounds - begun.refinement.rounds,
    });
    const work = await createPlaneWork(setup, begun.parameters);
    const pause = async () => {
      await callbacks.pause();
      return callbacks.shouldStop();
    };
    try {
      let { parameters, refinement } = begun;
      while (refinement.rounds < rounds) {
        state.roundsLeft = rounds - refinement.rounds;
        ({ parameters, refinement } = await refineRound(work, parameters, refinement, pause));
        this.#planes = { parameters, refinement };
        await this.#evaluate(callbacks, epoch, true);
      }
      delete state.roundsLeft;
    } catch (error) {
      // planes that no round has touched are worse than the loops they were made of: those stay
      if (!(error instanceof Ended)) throw error;
    } finally {
      work.dispose();
    }
  }

  #measureGlide(): Glide {
    const { facts, recordings } = this.#options;
    const learnedFrom = recordings.map(({ tuning: { f0, sampleRate } }, i) => {
      return { samples: this.material.learnedPart(i), sampleRate, f0 };
    });
    return measureGlide(learnedFrom, facts.inharmonicity ?? 0);
  }

  /** Spectra from linear prediction over the recordings whose tuning is nearest to the model's. */
  #start(): Parameters {
    const { facts, recordings, config } = this.#options;
    const cents = ({ tuning }: PassiveRecording) => Math.abs(Math.log2(tuning.f0 / facts.tuning.f0));
    const { tuning } = recordings.reduce((a, b) => (cents(b) < cents(a) ? b : a));
    const samples = recordings.flatMap((recording, i) =>
      recording.tuning === tuning ? [this.material.learnedPart(i)] : [],
    );
    const random = seededRandom(config.training.seed, 0x57a7);
    const start = startSpectra(samples, tuning, facts.inharmonicity ?? 0, random);
    return startParameters(retunedStart(start, tuning, facts.tuning));
  }

  /** Parameters as a stage needs them: a linear string becomes a mixture once, and gets its residual if it is to. */
  #parametersFor({ filters }: StageConfig, parameters: Parameters): Parameters {
    const { residual, config } = this.#options;
    if (filters === "linear") return parameters;
    const mixture = this.#mixtureFrom(parameters);
    return residual ? withResidual(mixture, residual, seededRandom(config.training.seed, 0x4e5)) : mixture;
  }

  #mixtureFrom(parameters: Parameters): Parameters {
    const { config, facts } = this.#options;
    const { model, training } = config;
    if (model.filters === 1 || filtersOf(parameters) > 1) return parameters;
    return expandParameters(
      parameters,
      {
        filters: model.filters,
        hidden: model.hidden,
        inputs: 2 + facts.controls,
        hearsChange: model.hearsChange,
      },
      seededRandom(training.seed, 0x313),
      { ...this.glide, period: wholePeriodOf(facts.tuning) },
    );
  }

  #weightsOf({ waveWeight, spectralWeight, decayWeight }: StageConfig): RolloutWeights {
    const waveSamples = PERIODS_OF_WAVEFORM * wholePeriodOf(this.#options.facts.tuning);
    return { waveSamples, waveWeight, spectralWeight, decayWeight };
  }

  /** Learn these parameters from now on, with a fresh optimiser. */
  #learn(parameters: Parameters): void {
    this.#learned = new PassiveVariables(parameters);
    this.#optimizer = createOptimizer({ ...ADAM, learningRate: 1 }, this.#learned.variables);
    this.#updates = 0;
  }

  async #begin(stage: PlannedStage, { onLog }: TrainingCallbacks): Promise<void> {
    const { config } = stage;
    const state = this.#state;
    const parameters = this.#learned.parameters();
    const wanted = this.#parametersFor(config, parameters);
    await this.#rollouts.prepare(config, wanted);
    if (wanted !== parameters) {
      this.#optimizer.dispose();
      this.#learned.dispose();
      this.#learn(wanted);
      state.sinceBest = 0;
    }
    if (state.step !== stage.from) return;
    onLog({
      type: "stage",
      step: state.step,
      stage: stage.index,
      name: config.name,
      filters: filtersOf(this.#learned.parameters()),
      seconds: config.seconds,
      batchSize: config.batchSize,
      steps: stage.to - stage.from,
    });
  }

  /** One optimisation step. @returns the loss, NaN where its gradient is no longer finite; and its parts */
  async #step(
    { config: stage }: PlannedStage,
    step: number,
    rate: number,
  ): Promise<Pick<Objected, "loss" | "parts">> {
    const { sequence } = this.#options.config.training;
    const examples = this.material.examples(step, stage.seconds, stage.batchSize);
    const { variables } = this.#learned;
    const objected = await this.#objective.evaluate(
      this.#learned.parameters(),
      this.#rollouts.current,
      examples,
      this.#weightsOf(stage),
    );
    const { value, grads } = tf.variableGrads(() => lossOperation(variables, objected));
    const loss = value.dataSync()[0];
    const norm = normOf(Object.values(grads));
    const clip = norm > CLIP ? CLIP / norm : 1;
    const byName = new Map<string, tf.Tensor>();
    for (const [name, variable] of variables) {
      byName.set(
        name,
        tf.tidy(() => tf.mul(grads[variable.name], clip)),
      );
    }
    const slow = variables.has("mixture.hidden.weight") ? sequence.mixtureSlowdown : 1;
    const rates: Record<string, number> = {
      "filters.logDamping": slow * sequence.dampingRate,
      "filters.phase": slow * sequence.phaseRate,
      ...RESIDUAL_RATES,
    };
    this.#optimizer.apply(
      byName,
      (name) => rate * (rates[name] ?? sequence.networkRate),
      ++this.#updates,
      (name) => (name in rates ? 0 : sequence.networkDecay),
    );
    tf.dispose([value, ...Object.values(grads), ...byName.values()]);
    return { loss: Number.isFinite(norm) ? loss : Number.NaN, parts: objected.parts };
  }

  #hear(): Heard {
    const { core, facts, recordings, residual } = this.#options;
    const parameters = this.#planes?.parameters ?? this.#learned.parameters();
    const play = residual ? residual.player.play(parameters) : playedBy(core);
    return hearPassive(play, passiveModel(parameters, facts), recordings, this.material.heldOut);
  }

  /** Listen, log, and hand the state over. @param isFirst of its stage: whatever came before it is superseded */
  async #evaluate({ onLog, onState }: TrainingCallbacks, epoch: number, isFirst: boolean): Promise<void> {
    const state = this.#state;
    const heard = this.#hear();
    const best = isFirst || heard.scoreDb < state.bestScoreDb;
    if (best) {
      state.bestScoreDb = heard.scoreDb;
      state.bestStep = state.step;
    }
    state.sinceBest = best ? 0 : state.sinceBest + 1;
    onLog({ type: "evaluation", step: state.step, epoch, heldOutLoss: null, ...heard, best });
    await onState(this.#snapshot(), best);
  }

  #snapshot(): TrainingState {
    const parameters: Map<string, Tensor> = this.#planes?.parameters ?? this.#learned.parameters();
    const optimizer = this.#optimizer
      .state()
      .set(UPDATES, { shape: [1], data: Float32Array.of(this.#updates) });
    if (this.#planes) {
      const { rounds, damping } = this.#planes.refinement;
      optimizer.set(REFINEMENT, { shape: [2], data: Float32Array.of(rounds, damping) });
    }
    return { ...this.#state, parameters, optimizer };
  }

  /** Seconds rolled out so far over the recordings' seconds. */
  #epoch(plan: readonly PlannedStage[]): number {
    const { recordings } = this.#options;
    const seconds = recordings.reduce(
      (sum, { samples, tuning }) => sum + samples.length / tuning.sampleRate,
      0,
    );
    const rolledOut = plan.reduce((sum, { config, from, to }) => {
      const done = Math.max(0, Math.min(this.#state.step, to) - from);
      return sum + done * config.seconds * config.batchSize;
    }, 0);
    return rolledOut / seconds;
  }

  #checkLoss(loss: number): void {
    if (Number.isFinite(loss)) return;
    throw new UserError(
      `training: the loss is no longer a number at step ${this.#state.step}; use a smaller training.sequence.dampingRate`,
    );
  }
}

/** The Euclidean norm of several tensors as one, in float64. */
function normOf(tensors: readonly tf.Tensor[]): number {
  let sum = 0;
  for (const tensor of tensors) for (const x of tensor.dataSync()) sum += x * x;
  return Math.sqrt(sum);
}

const ADAM = { name: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;
