/** What was heard of a training so far, for its curves; few points, however long it takes. */

export interface TrainingHistory {
  losses: { step: number; loss: number }[];
  /** The closed loop on what is held out (dB). */
  heard: { step: number; edrDb: number; best: boolean }[];
  /** Each from step `from` up to step `to`. */
  stages: { name: string; from: number; to: number }[];
}

/** More points than this are thinned to half. */
const MOST_LOSSES = 800;

/** Add a loss; one of a step that was told already, or that is no number, adds nothing. */
export function addLoss({ losses }: TrainingHistory, step: number, loss: number): void {
  const last = losses.at(-1)?.step ?? -1;
  if (step <= last || !Number.isFinite(loss)) return;
  losses.push({ step, loss });
  if (losses.length > MOST_LOSSES) {
    for (let i = 0; i < losses.length - 1; i++) losses.splice(i + 1, 1);
  }
}

/** Add what was heard; what was heard at the same step before, without the last touch, makes room. */
export function addHeard(
  { heard }: TrainingHistory,
  { step, edrDb, best }: TrainingHistory["heard"][number],
): void {
  while ((heard.at(-1)?.step ?? -1) >= step) heard.pop();
  heard.push({ step, edrDb, best });
}

/** Forget what came after a step, which is done again. */
export function dropAfter({ losses, heard }: TrainingHistory, step: number): void {
  while ((losses.at(-1)?.step ?? 0) > step) losses.pop();
  while ((heard.at(-1)?.step ?? 0) > step) heard.pop();
}
