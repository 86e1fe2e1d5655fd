/** What trains the trials of a sweep: processes of this machine, or a queue that other machines take from. */
import type { TrialJob, TrialOutcome } from "@neural-string/shared";

/** Told of every listening to the closed loop. @param scoreDb lower is better */
export type OnStep = (step: number, scoreDb: number) => void;

export interface Result {
  outcome: TrialOutcome;
  /** To be called once the outcome is recorded for good: what was kept for the case that it is lost may go. */
  settle(): Promise<void>;
}

export interface Executor {
  /** Trials that it is given at once. */
  readonly capacity: number;
  /**
   * Train a trial; its run folder is whole when this returns.
   * @throws TrialStopped where `stop` came before the result
   */
  run(job: TrialJob, folder: string, onStep: OnStep): Promise<Result>;
  /** Begin nothing more, and end what is running as soon as nothing is lost by it. */
  stop(): void;
  close(): Promise<void>;
}
