/**
 * The training of a classic string, top to bottom: batches, gradients, steps, and now and then a listen to the closed
 * loop that decides which parameters are kept. Free of node: files, signals and screens belong to who calls it.
 */
import type { ClassicModel, Core } from "@neural-string/core-wasm";
import {
  type ClassicHeader,
  type ClassicTrainConfig,
  longestDelay,
  modelFeatures,
  type Tensor,
  tapDelays,
  UserError,
} from "@neural-string/shared";
import * as tf from "@tensorflow/tfjs-core";
import { createRollouts, type RolloutLoss } from "./classic-rollout.ts";
import type { NoteFacts } from "./controls.ts";
import { disposeBatch, type Examples } from "./examples.ts";
import { type FollowedFacts, keepsLosses } from "./followed-examples.ts";
import { checkLengths } from "./held-out.ts";
import { type Heard, Listener } from "./listen.ts";
import { LoopGain } from "./loop-gain.ts";
import { LossStretch } from "./loss-stretch.ts";
import { TrainableMlp } from "./mlp.ts";
import { OneStepLoss } from "./one-step-loss.ts";
import { createOptimizer, type TrainingOptimizer } from "./optimizer.ts";
import { playableLayers } from "./playable-layers.ts";
import { scheduleFactor } from "./schedule.ts";
import { evaluationInterval, type TrainingCallbacks, type TrainingState } from "./training.ts";
import { createExamples, heardNotes } from "./training-data.ts";

export type { TrainingCallbacks, TrainingState };

export interface TrainingOptions {
  config: ClassicTrainConfig;
  header: ClassicHeader;
  core: Core;
  /** [samples] each, at the header's sample rate. */
  recordings: readonly Float32Array[];
  /** Of each recording. Default: the header's pitch, and a start as loud as any. */
  notes?: readonly NoteFacts[];
  /** Further files to train on, of the header's pitch: stability recordings, natural harmonics. */
  further?: readonly Float32Array[];
  /** The core's train build (bytes, or compiled); needed where the config asks for rollouts. */
  trainModule?: BufferSource | WebAssembly.Module;
  /** Where to go on; or parameters to start from; or nothing. */
  resume?: TrainingState;
  warmStart?: Map<string, Tensor>;
}

// How often the outside may act, and over how many updates a line of the log reaches.
const PAUSE_MS = 50;
const LOG_LINES = 2000;

/** A training run. `dispose` frees its tensors. */
export class ClassicTraining {
  readonly examples: Examples;
  readonly #config: ClassicTrainConfig;
  readonly #header: ClassicHeader;
  readonly #network: TrainableMlp;
  readonly #optimizer: TrainingOptimizer;
  readonly #oneStep: OneStepLoss;
  readonly #loopGain: LoopGain | null;
  readonly #rollouts: RolloutLoss | null;
  readonly #listener: Listener;
  readonly #state: Omit<TrainingState, "parameters" | "optimizer">;

  /**
   * Prepare a run.
   * @throws UserError where the recordings are too short for the taps, the held-out stretches or the rollouts
   * @throws RangeError where the config asks for rollouts and there is no train build
   */
  constructor(options: TrainingOptions) {
    const { config, header, core, recordings, resume, warmStart } = options;
    const { training, selection, model } = config;
    this.#config = config;
    this.#header = header;
    const delays = tapDelays(header.tapPattern, header.sampleRate, header.f0);
    this.examples = createExamples(options);
    checkLengths(recordings, {
      longestDelay: longestDelay(delays),
      stretches: selection.stretches,
      sampleRate: header.sampleRate,
    });
    this.#rollouts = createRollouts(options, this.examples.stretches);
    this.#network = new TrainableMlp(header, model.bias, resume?.parameters ?? warmStart ?? training.seed);
    this.#optimizer = createOptimizer(training.optimizer, this.#network.variables);
    if (resume) this.#optimizer.setState(resume.optimizer);
    this.#oneStep = new OneStepLoss(config, this.#network, this.examples);
    const { longestT60 } = training;
    this.#loopGain = longestT60 === null ? null : new LoopGain(delays, 10 ** (-3 / (longestT60 * header.f0)));
    this.#listener = new Listener(
      core,
      this.#playable(),
      recordings,
      this.examples.stretches,
      heardNotes(options),
    );
    this.#state = {
      step: resume?.step ?? 0,
      bestStep: resume?.bestStep ?? 0,
      bestScoreDb: resume?.bestScoreDb ?? Number.POSITIVE_INFINITY,
      sinceBest: resume?.sinceBest ?? 0,
      epochLoss: resume?.epochLoss ?? 0,
      epochUpdates: resume?.epochUpdates ?? 0,
    };
  }

  /**
   * Measure how long a step and an evaluation take here, without a trace: parameters and optimiser are put back.
   * @returns milliseconds
   */
  measureSpeed(now: () => number): { stepMs: number; evaluationMs: number } {
    const parameters = this.#network.parameters();
    const optimizer = this.#optimizer.state();
    for (let i = 0; i < 30; i++) this.#step(i, 1, i > 25);
    const plainMs = this.#timeSteps(now, 400, false);
    const { rollout } = this.#config.training;
    const share = rollout === null ? 0 : 1 - rollout.from;
    const stepMs = share === 0 ? plainMs : plainMs + share * (this.#timeSteps(now, 40, true) - plainMs);
    this.#network.setParameters(parameters);
    this.#optimizer.setState(optimizer);
    const before = now();
    for (let i = 0; i < 2; i++) {
      this.#hear();
      this.#oneStep.ofFollowed();
    }
    return { stepMs, evaluationMs: (now() - before) / 2 };
  }

  /** @returns milliseconds of a step, the mean over at most `most` steps or a second */
  #timeSteps(now: () => number, most: number, rollOut: boolean): number {
    const start = now();
    let steps = 0;
    while (steps < most && now() - start < 1000) this.#step(30 + steps++, 1, rollOut);
    return (now() - start) / steps;
  }

  /**
   * Train to a number of steps (counted from the run's very beginning).
   * @returns the state at the end; the best parameters went through `onState`
   * @throws UserError where the loss is no longer a number
   */
  async run(steps: number, callbacks: TrainingCallbacks): Promise<TrainingState> {
    const state = this.#state;
    const { selection } = this.#config;
    const evaluateEvery = evaluationInterval(steps, selection.evaluations);
    const rolloutsFrom = steps * (this.#config.training.rollout?.from ?? 1);
    const linesEvery = Math.max(1, Math.round(steps / LOG_LINES));
    const recent = new LossStretch();
    let lastPause = Date.now();
    // the beginning counts too; a run resumed from there has heard it
    if (state.step === 0 && state.bestScoreDb === Number.POSITIVE_INFINITY)
      await this.#evaluate(callbacks, true);
    while (state.step < steps) {
      const { schedule, warmupSteps } = this.#config.training;
      const factor = scheduleFactor(schedule, state.step, steps, warmupSteps);
      const { loss, oneStep } = this.#step(state.step, factor, state.step >= rolloutsFrom);
      state.step++;
      this.#checkLoss(loss);
      recent.add(loss, this.#hasParts ? { "one step": oneStep, "rollouts and price": loss - oneStep } : {});
      this.#endOfEpoch(loss, callbacks);
      const atEvaluation = state.step % evaluateEvery === 0 || state.step === steps;
      const stop = callbacks.shouldStop();
      if (state.step % linesEvery === 0 || atEvaluation || stop) {
        callbacks.onLog(recent.line(state.step, this.#epoch, factor * this.#learningRate));
      }
      if (atEvaluation) {
        await this.#evaluate(callbacks, keepsLosses(state.step, evaluateEvery, selection.evaluations));
        if (selection.patience !== null && state.sinceBest >= selection.patience) break;
      } else if (stop) {
        // no listen here: an interrupted run must go on exactly as one that was left alone
        await callbacks.onState(this.#snapshot(), false);
      }
      if (stop) break;
      if (Date.now() - lastPause > PAUSE_MS) {
        await callbacks.pause();
        lastPause = Date.now();
      }
    }
    return this.#snapshot();
  }

  /** The examples whose losses go through `onLosses`; null where the config wants none. */
  get followed(): FollowedFacts | null {
    return this.#oneStep.followed;
  }

  dispose(): void {
    this.#network.dispose();
    this.#loopGain?.dispose();
    this.#optimizer.dispose();
  }

  get #learningRate(): number {
    return this.#config.training.optimizer.learningRate;
  }

  get #epoch(): number {
    return this.#state.step / this.examples.stepsPerEpoch;
  }

  #snapshot(): TrainingState {
    return {
      ...this.#state,
      parameters: this.#network.parameters(),
      optimizer: this.#optimizer.state(),
    };
  }

  #playable(): ClassicModel {
    const { sampleRate, f0, tapPattern, controls } = this.#header;
    const layers = playableLayers(this.#header, this.#network.parameters());
    const delays = tapDelays(tapPattern, sampleRate, f0);
    return {
      kind: "classic",
      sampleRate,
      f0,
      tapPattern,
      delays,
      controls,
      features: modelFeatures(this.#header),
      layers,
    };
  }

  /** Whether what a step makes smaller is more than the mean one-step loss. */
  get #hasParts(): boolean {
    return this.#loopGain !== null || this.#rollouts !== null;
  }

  /** One optimisation step. @returns what it made smaller, and how much of it was the one-step loss */
  #step(step: number, factor: number, rollOut: boolean): { loss: number; oneStep: number } {
    const { training } = this.#config;
    const batch = this.examples.batch(step);
    let oneStep = Number.NaN;
    const { value, grads } = tf.variableGrads(() => {
      const loss = this.#oneStep.mean(batch, step);
      if (this.#hasParts) oneStep = loss.dataSync()[0];
      const price = this.#loopGain === null ? loss : tf.add(loss, this.#loopGain.price(this.#network));
      if (!rollOut || this.#rollouts === null) return price as tf.Scalar;
      return tf.add(price, this.#rollouts.loss(this.#network, this.#rollouts.examples(step)));
    });
    const byName = new Map<string, tf.Tensor>();
    for (const [name, variable] of this.#network.variables) byName.set(name, grads[variable.name]);
    const decay = training.weightDecay * this.#learningRate;
    this.#optimizer.apply(byName, factor, step + 1, (name) => (name.endsWith(".weight") ? decay : 0));
    const loss = value.dataSync()[0];
    tf.dispose([value, ...Object.values(grads)]);
    disposeBatch(batch);
    return { loss, oneStep };
  }

  #hear(): Heard {
    return this.#listener.hear(playableLayers(this.#header, this.#network.parameters()));
  }

  /** Listen, log, and hand the state over. */
  async #evaluate({ onLog, onLosses, onState }: TrainingCallbacks, keep: boolean): Promise<void> {
    const state = this.#state;
    const heard = this.#hear();
    const best = heard.scoreDb < state.bestScoreDb;
    if (best) {
      state.bestScoreDb = heard.scoreDb;
      state.bestStep = state.step;
    }
    state.sinceBest = best ? 0 : state.sinceBest + 1;
    onLog({
      type: "evaluation",
      step: state.step,
      epoch: this.#epoch,
      heldOutLoss: this.#oneStep.heldOut(),
      ...heard,
      best,
    });
    const losses = keep ? this.#oneStep.ofFollowed() : new Float32Array();
    if (losses.length > 0) onLosses?.({ step: state.step, losses });
    await onState(this.#snapshot(), best);
  }

  #endOfEpoch(loss: number, { onLog }: TrainingCallbacks): void {
    const state = this.#state;
    state.epochLoss += loss;
    state.epochUpdates++;
    if (state.step % this.examples.stepsPerEpoch !== 0) return;
    onLog({
      type: "epoch",
      step: state.step,
      epoch: state.step / this.examples.stepsPerEpoch,
      loss: state.epochLoss / state.epochUpdates,
    });
    state.epochLoss = 0;
    state.epochUpdates = 0;
  }

  #checkLoss(loss: number): void {
    if (Number.isFinite(loss)) return;
    throw new UserError(
      `training: the loss is no longer a number at step ${this.#state.step}; use a smaller training.optimizer.learningRate (${this.#learningRate} now)`,
    );
  }
}
