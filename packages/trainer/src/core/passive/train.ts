/**
 * The training of a passive string, top to bottom: a start from linear prediction; stages of rollouts of growing length,
 * linear loops first, then the mixture (which a model of several notes is from the start); a listen to the closed loop now
 * and then; the last touch. Free of node: files, threads and screens belong to who calls it.
 */
import { type StageConfig, UserError } from "@neural-string/shared";
import { type FollowedFacts, keepsLosses } from "../followed-examples.ts";
import type { Heard } from "../listen.ts";
import { LossStretch } from "../loss-stretch.ts";
import { evaluationInterval, type TrainingCallbacks, type TrainingState } from "../training.ts";
import { Beginnings } from "./beginnings.ts";
import { type PlannedStage, planStages, stageRate } from "./curriculum.ts";
import { passiveModel } from "./export.ts";
import { FollowedRollouts } from "./followed-rollouts.ts";
import type { Glide } from "./glide.ts";
import { Learner } from "./learner.ts";
import { hearPassive, playedBy } from "./listen.ts";
import { Material } from "./material.ts";
import { type Objected, PassiveObjective } from "./objective.ts";
import type { PassiveTrainingOptions } from "./options.ts";
import { LastTouch } from "./planes/last-touch.ts";
import { withoutPlanes } from "./planes/parameters.ts";
import type { RolloutWeights } from "./rollouts.ts";
import { StageRollouts } from "./stage-rollouts.ts";
import { wholePeriodOf } from "./tuning.ts";
import { filtersOf, type Parameters } from "./variables.ts";

export type { PassiveRecording, PassiveTrainingOptions } from "./options.ts";

const PERIODS_OF_WAVEFORM = 16;
const PAUSE_MS = 50;
const LOG_LINES = 2000;
/** Steps that measure a stage's speed, after some that warm it up. */
const MEASURED_STEPS = 4;
const WARM_UP_STEPS = 2;

/** A training run of a passive string. `dispose` frees its tensors and threads. */
export class PassiveTraining {
  readonly material: Material;
  readonly #options: PassiveTrainingOptions;
  readonly #objective: PassiveObjective;
  readonly #beginnings: Beginnings;
  readonly #rollouts: StageRollouts;
  readonly #followed: FollowedRollouts;
  #learner: Learner;
  readonly #lastTouch: LastTouch;
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
    this.#followed = new FollowedRollouts(options, this.material);
    this.#lastTouch = new LastTouch(options, this.material);
    this.#beginnings = new Beginnings(options, this.material);
    this.#objective = new PassiveObjective(facts.tuning, tunings, facts.cap, config.model.hearsChange);
    const begun = resume ? withoutPlanes(resume.parameters) : (warmStart ?? this.#beginnings.first());
    this.#learner = this.#learn(begun);
    if (resume) this.#learner.setState(resume.optimizer, resume.step);
    this.#state = {
      step: resume?.step ?? 0,
      bestStep: resume?.bestStep ?? 0,
      bestScoreDb: resume?.bestScoreDb ?? Number.POSITIVE_INFINITY,
      sinceBest: resume?.sinceBest ?? 0,
      epochLoss: 0,
      epochUpdates: 0,
    };
  }

  /** How much sharper the recordings sound while loud; where the filters of a fresh mixture begin. */
  get glide(): Glide {
    return this.#beginnings.glide;
  }

  /** Hidden units that are missing for filters to begin as notes; 0 where they do, or have no notes to be. */
  get hiddenMissing(): number {
    const { hidden } = this.#options.config.model;
    return Math.max(0, this.#beginnings.hiddenForNotes - hidden);
  }

  /** How many notes the recordings are of. */
  get notes(): number {
    return this.#beginnings.notes.length;
  }

  /**
   * Measure how long a step and an evaluation take here, without a trace.
   * @returns milliseconds; a step's is the mean over the stages, by their shares
   */
  async measureSpeed(now: () => number): Promise<{ stepMs: number; evaluationMs: number }> {
    const { stages } = this.#options.config.training.sequence;
    const begun = this.#learner;
    const linear = begun.parameters();
    let weighted = 0;
    let evaluationMs = 0;
    for (const config of stages) {
      const plan = { index: 0, config, from: 0, to: 1 };
      this.#learner = this.#learn(this.#beginnings.forStage(config, linear));
      await this.#rollouts.prepare(config, this.#learner.parameters());
      for (let i = 0; i < WARM_UP_STEPS; i++) await this.#step(plan, i, 0);
      const start = now();
      for (let i = 0; i < MEASURED_STEPS; i++) await this.#step(plan, i, 0);
      weighted += (config.share * (now() - start)) / MEASURED_STEPS;
      const before = now();
      this.#hear();
      await this.#losses(config);
      evaluationMs = Math.max(evaluationMs, now() - before);
      this.#learner.dispose();
    }
    this.#learner = begun;
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
    const evaluateEvery = evaluationInterval(steps, config.selection.evaluations);
    const linesEvery = Math.max(1, Math.round(steps / LOG_LINES));
    const recent = new LossStretch();
    let lastPause = Date.now();
    // more steps than were planned: the loops learn on, and become planes again at the end
    if (state.step < steps) this.#lastTouch.undo();
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
        if (atEvaluation) {
          const keep = keepsLosses(state.step, evaluateEvery, config.selection.evaluations);
          const losses = keep && callbacks.onLosses ? await this.#losses(stage.config) : null;
          await this.#evaluate(callbacks, this.#epoch(plan), state.step === firstHeard, losses);
        } else if (stop) await callbacks.onState(this.#snapshot(), false);
        if (stop) return this.#snapshot();
        if (Date.now() - lastPause > PAUSE_MS) {
          await callbacks.pause();
          lastPause = Date.now();
        }
      }
    }
    const learned = () => this.#learner.parameters();
    // what a round ends with is kept as the best: the held-out stretch is too late to hear what it mends
    const onRound = () => this.#evaluate(callbacks, this.#epoch(plan), true);
    await this.#lastTouch.refine(this.rounds(steps), learned, state, callbacks, onRound);
    return this.#snapshot();
  }

  /** The rollouts whose losses go through `onLosses`; null where the config wants none. */
  get followed(): FollowedFacts | null {
    return this.#followed.facts;
  }

  /** Rounds of the last touch that follow so many steps. */
  rounds(steps: number): number {
    return this.#lastTouch.rounds(steps);
  }

  /** How long a round of the last touch takes (ms), from a few of its points. */
  measureRound(now: () => number): Promise<number> {
    return this.#lastTouch.measureRound(now, () => this.#beginnings.mixture(this.#learner.parameters()));
  }

  dispose(): void {
    this.#rollouts.dispose();
    this.#learner.dispose();
  }

  #weightsOf({ waveWeight, spectralWeight, decayWeight }: StageConfig): RolloutWeights {
    const waveSamples = PERIODS_OF_WAVEFORM * wholePeriodOf(this.#options.facts.tuning);
    return { waveSamples, waveWeight, spectralWeight, decayWeight };
  }

  #learn(parameters: Parameters): Learner {
    return new Learner(parameters, this.#options.config.training.sequence);
  }

  async #begin(stage: PlannedStage, { onLog }: TrainingCallbacks): Promise<void> {
    const { config } = stage;
    const state = this.#state;
    const parameters = this.#learner.parameters();
    const wanted = this.#beginnings.forStage(config, parameters);
    await this.#rollouts.prepare(config, wanted);
    if (wanted !== parameters) {
      this.#learner.dispose();
      this.#learner = this.#learn(wanted);
      state.sinceBest = 0;
    }
    if (state.step !== stage.from) return;
    onLog({
      type: "stage",
      step: state.step,
      stage: stage.index,
      name: config.name,
      filters: filtersOf(this.#learner.parameters()),
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
    const examples = this.material.examples(step, stage.seconds, stage.batchSize);
    const parameters = this.#learner.parameters();
    const weights = this.#weightsOf(stage);
    const objected = await this.#objective.evaluate(parameters, this.#rollouts.current, examples, weights);
    // filters of several notes have much to learn in the stages in which a string of one note is linear
    const gently = filtersOf(parameters) > 1 && !(this.#beginnings.isAnchored && stage.filters === "linear");
    return { loss: this.#learner.step(objected, rate, gently), parts: objected.parts };
  }

  /** Of every followed rollout, as this stage weighs them. @returns null where none are followed */
  #losses(stage: StageConfig): Promise<Float32Array> | null {
    const parameters = this.#learner.parameters();
    return this.#followed.losses(
      this.#objective,
      parameters,
      this.#rollouts.current,
      this.#weightsOf(stage),
      stage,
    );
  }

  /** The string as it is now. */
  #parameters(): Parameters {
    return this.#lastTouch.parameters ?? this.#learner.parameters();
  }

  #hear(): Heard {
    const { core, facts, recordings, residual } = this.#options;
    const parameters = this.#parameters();
    const play = residual ? residual.player.play(parameters) : playedBy(core);
    return hearPassive(play, passiveModel(parameters, facts), recordings, this.material.heldOut);
  }

  /** Listen, log, and hand the state over. @param isFirst of its stage: whatever came before it is superseded */
  async #evaluate(
    { onLog, onLosses, onState }: TrainingCallbacks,
    epoch: number,
    isFirst: boolean,
    losses: Float32Array | null = null,
  ): Promise<void> {
    const state = this.#state;
    const heard = this.#hear();
    const best = isFirst || heard.scoreDb < state.bestScoreDb;
    if (best) {
      state.bestScoreDb = heard.scoreDb;
      state.bestStep = state.step;
    }
    state.sinceBest = best ? 0 : state.sinceBest + 1;
    onLog({ type: "evaluation", step: state.step, epoch, heldOutLoss: null, ...heard, best });
    if (losses) onLosses?.({ step: state.step, losses });
    await onState(this.#snapshot(), best);
  }

  #snapshot(): TrainingState {
    const optimizer = new Map([...this.#learner.state(), ...this.#lastTouch.state()]);
    return { ...this.#state, parameters: this.#parameters(), optimizer };
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
      `training: the loss is no longer a number at step ${this.#state.step}; check that the notes' f0 is what the recordings play, or use a smaller training.sequence.dampingRate`,
    );
  }
}
