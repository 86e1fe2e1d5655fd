/**
 * The last touch in its place, after a training's last step: whether there is one, of how many rounds, what it begins
 * with, and where it stands; the rounds themselves are refine.ts's.
 */
import type { Tensor } from "@neural-string/shared";
import type { TrainingCallbacks, TrainingState } from "../../training.ts";
import { passiveModel } from "../export.ts";
import { playedBy } from "../listen.ts";
import type { Material } from "../material.ts";
import type { PassiveTrainingOptions } from "../options.ts";
import { partialsInTune } from "../partials-in-tune.ts";
import { filtersOf, type Parameters } from "../variables.ts";
import { inTune } from "./in-tune.ts";
import { pointsOf } from "./levenberg-marquardt.ts";
import { busiestRow, hasPlanes, withPlanes } from "./parameters.ts";
import { Ended, FRESH, type Refinement, refineRound, roundsFor } from "./refine.ts";
import { type PlaneSetup, planeSetup } from "./setup.ts";
import { withinCap } from "./within-cap.ts";

/** Name in the optimiser's state of where the last touch stands: rounds done, and the solver's damping. */
const REFINEMENT = "refinement";
/** What the second plane begins as is asked of the first seconds. */
const YOUNG_SECONDS = 5;
/** Points that measure a round: every thread has some. */
const MEASURED_POINTS = 16;

/** The last touch of one training. */
export class LastTouch {
  readonly #options: PassiveTrainingOptions;
  /** What it works on; null where there is nothing to do. */
  readonly #setup: PlaneSetup | null;
  /** Once the loops are parallel planes. */
  #planes: { parameters: Parameters; refinement: Refinement } | null = null;

  /** Goes on where the options' `resume` stood. */
  constructor(options: PassiveTrainingOptions, material: Material) {
    const { config, facts, recordings, residual, resume } = options;
    const { training } = config;
    this.#options = options;
    const tunings = recordings.map(({ tuning }) => tuning);
    const hasTouch = !residual && training.sequence.planes.rounds !== 0;
    this.#setup = hasTouch ? planeSetup(facts, tunings, material, training) : null;
    if (resume && hasPlanes(resume.parameters)) {
      const [rounds, damping] = resume.optimizer.get(REFINEMENT)?.data ?? [0, 1];
      this.#planes = { parameters: resume.parameters, refinement: { rounds, damping } };
    }
  }

  /** The string of parallel planes; undefined while it has loops. */
  get parameters(): Parameters | undefined {
    return this.#planes?.parameters;
  }

  /** Where it stands, to be kept beside the optimiser's state; empty while the string has loops. */
  state(): Map<string, Tensor> {
    if (this.#planes === null) return new Map();
    const { rounds, damping } = this.#planes.refinement;
    return new Map([[REFINEMENT, { shape: [2], data: Float32Array.of(rounds, damping) }]]);
  }

  /** The loops learn on, and become planes again at the end. */
  undo(): void {
    this.#planes = null;
  }

  /** Rounds that follow so many steps. */
  rounds(steps: number): number {
    const { config, createPlaneWork } = this.#options;
    if (createPlaneWork === undefined || this.#setup === null) return 0;
    return config.training.sequence.planes.rounds ?? roundsFor(steps);
  }

  /** How long a round takes (ms), from a few of its points. @param loops a string as it would begin */
  async measureRound(now: () => number, loops: () => Parameters): Promise<number> {
    const [setup, { createPlaneWork }] = [this.#setup, this.#options];
    if (setup === null || createPlaneWork === undefined) return 0;
    const first = this.#intoPlanes(loops());
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

  /**
   * Do the rounds that are left.
   * @param loops what was learned
   * @param state told how many rounds are left while there are some
   * @param onRound after each
   */
  async refine(
    rounds: number,
    loops: () => Parameters,
    state: Pick<TrainingState, "step" | "roundsLeft">,
    callbacks: TrainingCallbacks,
    onRound: () => Promise<void>,
  ): Promise<void> {
    const [setup, { createPlaneWork }] = [this.#setup, this.#options];
    if (rounds === 0 || setup === null || createPlaneWork === undefined) return;
    const begun = this.#planes ?? { parameters: this.#intoPlanes(loops()), refinement: FRESH };
    if (begun.refinement.rounds >= rounds) return;
    callbacks.onLog({
      type: "stage",
      step: state.step,
      stage: this.#options.config.training.sequence.stages.length,
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
        await onRound();
      }
      delete state.roundsLeft;
    } catch (error) {
      // planes that no round has touched are worse than the loops they were made of: those stay
      if (!(error instanceof Ended)) throw error;
    } finally {
      work.dispose();
    }
  }

  #intoPlanes(parameters: Parameters): Parameters {
    const { core, facts, recordings } = this.#options;
    const samples = recordings.map((recording) => recording.samples);
    const play = playedBy(core);
    const tuned = inTune(partialsInTune(parameters, facts, play, samples), facts, play, samples);
    const row = busiestRow(passiveModel(tuned, facts), recordings, YOUNG_SECONDS);
    return withinCap(withPlanes(tuned, facts.tuning, row), facts.tuning, facts.cap);
  }
}
