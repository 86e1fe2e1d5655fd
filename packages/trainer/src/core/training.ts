/** What trainings of all kinds have in common: the state they go on from, and whom they tell. */
import type { LogLine, Tensor } from "@neural-string/shared";
import type { LossRow } from "./followed-examples.ts";

/** Steps from one evaluation to the next, in a training of so many steps: it is heard at their multiples, and at its end. */
export function evaluationInterval(steps: number, evaluations: number): number {
  return Math.max(1, Math.round(steps / evaluations));
}

/** Everything a run needs to go on from where it was. */
export interface TrainingState {
  /** Steps done. */
  step: number;
  bestStep: number;
  bestScoreDb: number;
  /** Evaluations since the best one. */
  sinceBest: number;
  parameters: Map<string, Tensor>;
  optimizer: Map<string, Tensor>;
  /** Sum of losses and number of updates since the epoch began, for its line in the log. */
  epochLoss: number;
  epochUpdates: number;
  /** Rounds of a passive string's last touch that were still to come when it was asked to end; not kept on disk. */
  roundsLeft?: number;
}

export interface TrainingCallbacks {
  onLog(line: LogLine): void;
  /** The followed examples' losses, before the state they were computed in is handed over; without it there are none. */
  onLosses?(row: LossRow): void;
  /** A state worth keeping, at every evaluation; `isBest` where its closed loop is the best so far. */
  onState(state: TrainingState, isBest: boolean): void | Promise<void>;
  /** Let the outside act (signals, screens); called several times a second. */
  pause(): Promise<void>;
  /** Whether to end now. */
  shouldStop(): boolean;
}
