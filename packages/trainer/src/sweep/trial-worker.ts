/** What a worker process of the pool runs: one trial at a time, told by its parent when to end. */
import type { TrialJob, TrialOutcome } from "@neural-string/shared";
import { UserError } from "@neural-string/shared";
import { runTrial, TrialStopped } from "./run-trial.ts";

/** What the parent sends to have a trial trained. */
export interface TrialOrder {
  job: TrialJob;
  folder: string;
  located: readonly (readonly [string, string])[];
}

/** What comes back; errors cross a process as words. */
export type TrialAnswer =
  | { outcome: TrialOutcome }
  | { stopped: true }
  /** One sentence for the user. */
  | { refused: string };

/** Messages beside the pool's own. */
export type ToParent = { trialStep: number; trialScoreDb: number };
export type ToWorker = { trialStop: true };

// for good: a sweep that stops begins nothing more
let shouldStop = false;
process.on("message", (message: Partial<ToWorker> | null) => {
  if (message?.trialStop) shouldStop = true;
});
// a sweep that is killed takes its workers with it; what they have trained is on the disk
process.on("disconnect", () => process.exit(1));
// Ctrl-C reaches the whole group, and the training listens to it; between trials this process waits for its parent
process.on("SIGINT", () => {});

export default async function ({ job, folder, located }: TrialOrder): Promise<TrialAnswer> {
  try {
    const outcome = await runTrial(job, {
      folder,
      located: new Map(located),
      onEvaluation: ({ step, scoreDb }) =>
        process.send?.({ trialStep: step, trialScoreDb: scoreDb } satisfies ToParent),
      shouldStop: () => shouldStop,
    });
    return { outcome };
  } catch (error) {
    if (error instanceof TrialStopped) return { stopped: true };
    if (error instanceof UserError) return { refused: error.message };
    throw error;
  }
}
