/**
 * The one sentence at the top of a report: did it work, and if not, how does one hear it? Unseen recordings decide
 * where there are any, and among them the worst.
 */
import type { Judgement, RunRecord, Verdict } from "@neural-string/shared";
import { counted, withPeriod } from "@neural-string/shared/sentence";

/** A sentence and its colour. */
export interface RunVerdict {
  tone: "good" | "fair" | "poor" | "none";
  sentence: string;
}

/** Say how a run came out. */
export function runVerdict(record: RunRecord, judgements: readonly Judgement[]): RunVerdict {
  if (record.status === "failed") {
    const reason = record.error?.trim() || "it left no reason";
    return { tone: "poor", sentence: withPeriod(`The run failed: ${reason}`) };
  }
  if (judgements.length === 0) return { tone: "none", sentence: `${notJudged(record)}${bestSoFar(record)}` };

  const { unseen, pool, worst } = deciding(judgements);
  const which =
    pool.length > 1
      ? `the worst of ${pool.length} ${unseen.length > 0 ? "unseen recordings" : "recordings it was trained on"}`
      : unseen.length > 0
        ? "an unseen recording"
        : "a recording it was trained on";
  const { tone, sentence } = heard(worst, `On ${which}, ${worst.recording},`);
  const caution =
    unseen.length > 0 ? "" : " Nothing unseen was judged, so this says little about any other pluck.";
  return { tone, sentence: sentence + caution };
}

/** How a run ended, as a colour: neither good nor bad where it finished, since it may have learned nothing. */
export function statusTone(status: RunRecord["status"]): RunVerdict["tone"] {
  const tones = { running: "fair", finished: "none", stopped: "fair", failed: "poor" } as const;
  return tones[status];
}

/** The judgement by which a run is told: the worst of those on unseen recordings, where there are any. */
export function decidingJudgement(judgements: readonly Judgement[]): Judgement | null {
  return judgements.length === 0 ? null : deciding(judgements).worst;
}

/** @param judgements one or more */
function deciding(judgements: readonly Judgement[]) {
  const unseen = judgements.filter(({ seenInTraining }) => !seenInTraining);
  const pool = unseen.length > 0 ? unseen : judgements;
  const worst = pool.reduce((worst, next) => (badness(next) > badness(worst) ? next : worst));
  return { unseen, pool, worst };
}

/** Say how one comparison came out. */
export function judgementVerdict(judgement: Judgement): RunVerdict {
  const { seenInTraining, recording } = judgement;
  const which = seenInTraining ? "a recording it was trained on" : "an unseen recording";
  return heard(judgement, `On ${which}, ${recording},`);
}

function heard({ failures, verdicts }: Judgement, where: string): RunVerdict {
  if (failures.length > 0) {
    const names = failures.map(({ name }) => name);
    return { tone: "poor", sentence: `It does not work. ${where} the loop fails: ${list(names)}.` };
  }
  const [poor, fair] = [named(verdicts, "poor"), named(verdicts, "fair")];
  if (poor.length > 0) {
    const count = `${poor.length} of ${counted(verdicts.length, "measure")} ${poor.length === 1 ? "is" : "are"} poor`;
    return {
      tone: "poor",
      sentence: `It plays without failing, but does not sound like the recording. ${where} ${count}: ${list(poor)}.`,
    };
  }
  if (fair.length > 0) {
    return {
      tone: "fair",
      sentence: `It works, with differences one can hear. ${where} no measure is poor, ${fair.length} of ${verdicts.length} only fair: ${list(fair)}.`,
    };
  }
  return { tone: "good", sentence: `It works. ${where} all ${verdicts.length} measures are good.` };
}

function notJudged({ status, steps, stepsDone }: RunRecord): string {
  if (status === "running")
    return `The run has not ended (${stepsDone} of ${counted(steps, "update")}), so nothing is judged yet.`;
  if (status === "stopped")
    return `The run was stopped after ${stepsDone} of ${counted(steps, "update")}, before anything was judged.`;
  return "Training finished, but nothing was judged.";
}

function bestSoFar({ bestStep, bestScoreDb }: RunRecord): string {
  if (bestStep === null || bestScoreDb === null) return "";
  return ` Its best closed loop scored ${bestScoreDb.toFixed(1)} dB at update ${bestStep}.`;
}

/** Failures weigh more than any measure, poor measures more than fair ones, then the EDR decides. */
function badness({ failures, verdicts, metrics }: Judgement): number {
  const graded = 10 * named(verdicts, "poor").length + named(verdicts, "fair").length;
  return 1e6 * failures.length + 1e3 * graded + Math.min(999, metrics.edrDb);
}

function named(verdicts: readonly Verdict[], grade: Verdict["verdict"]): string[] {
  return verdicts.filter(({ verdict }) => verdict === grade).map(({ name }) => name);
}

function list(names: readonly string[]): string {
  return names.length < 2
    ? (names[0] ?? "")
    : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}
