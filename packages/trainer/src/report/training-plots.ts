/**
 * What training did, from the lines of `log.jsonl`: the loss per update and per epoch, the closed loop over training,
 * the held-out loss beside the training loss, and the stages where there are any. Thinned here, because a long run writes more lines than a page can
 * draw; spikes survive the thinning.
 */
import type { EpochLine, EvaluationLine, LogLine, RunRecord, UpdateLine } from "@neural-string/shared";
import { type Ink, keepExtremes, type LinePlot, positive, rounded, runs } from "./plots.ts";
import { meanParts, partNames, type Stage, stagesOf } from "./stages.ts";

/** The plots of a run's training; null where the log holds nothing to draw. */
export interface TrainingPlots {
  updates: LinePlot | null;
  /** What the loss is the sum of. */
  parts: LinePlot | null;
  epochs: LinePlot | null;
  closedLoop: LinePlot | null;
  heldOut: LinePlot | null;
  /** The evaluation whose checkpoint was kept. */
  best: EvaluationLine | null;
  /** Held-out over training loss at the best evaluation, or at the last; null where either is unknown. */
  gap: number | null;
  /** Empty where training had none. */
  stages: Stage[];
}

/** Smallest dB drawn on the logarithmic axis: a perfect 0 has no place there. */
const SMALLEST_DB = 0.01;
/** Of the loss's parts, in turn. */
const PART_INKS: readonly Ink[] = ["filter-1", "filter-2", "filter-3", "filter-4", "filter-5", "filter-6"];

/** Make the plots of training. */
export function trainingPlots(log: readonly LogLine[], record: RunRecord): TrainingPlots {
  const updates = ascending(log.filter((line) => line.type === "updates"));
  const epochs = ascending(log.filter((line) => line.type === "epoch"));
  const evaluations = ascending(log.filter((line) => line.type === "evaluation"));
  const stages = stagesOf(
    log.filter((line) => line.type === "stage"),
    updates,
    evaluations,
  );
  const best =
    evaluations.findLast(({ step }) => step === record.bestStep) ??
    evaluations.findLast((line) => line.best) ??
    null;
  const training = trainingLossBefore(evaluations, updates);
  const at = best === null ? evaluations.length - 1 : evaluations.indexOf(best);
  const ratio = at < 0 ? null : (evaluations[at].heldOutLoss ?? 0) / (training[at] ?? 0);
  const knowsHeldOut = evaluations.some(({ heldOutLoss }) => heldOutLoss !== null);
  return {
    updates: updates.length === 0 ? null : marked(updatePlot(updates), stages),
    parts: partNames(updates).length === 0 ? null : marked(partsPlot(updates), stages),
    epochs: epochs.length === 0 ? null : epochPlot(epochs),
    closedLoop: evaluations.length === 0 ? null : marked(closedLoopPlot(evaluations, best), stages),
    heldOut: knowsHeldOut ? marked(heldOutPlot(evaluations, training), stages) : null,
    best,
    gap: ratio !== null && Number.isFinite(ratio) && ratio > 0 ? ratio : null,
    stages,
  };
}

/** Mark where stages begin, by the numbers the table gives them. */
export function marked(plot: LinePlot, stages: readonly Stage[]): LinePlot {
  if (stages.length === 0) return plot;
  const marks = stages.map(({ step, name }, i) => ({
    x: step,
    label: `${i + 1} ${name}`,
    short: `${i + 1}`,
  }));
  return { ...plot, marks };
}

/** A resumed run goes back to its checkpoint and overrules what it had logged beyond: of two lines the later counts. */
export function ascending<Line extends LogLine>(lines: Line[]): Line[] {
  const kept: Line[] = [];
  for (const line of lines) {
    while (kept.length > 0 && kept[kept.length - 1].step >= line.step) kept.pop();
    kept.push(line);
  }
  return kept;
}

function updatePlot(lines: UpdateLine[]): LinePlot {
  const groups = runs(lines.length).map(([start, end]) => lines.slice(start, end));
  const mean = (group: UpdateLine[]) => group.reduce((sum, { loss }) => sum + loss, 0) / group.length;
  const most = (group: UpdateLine[]) => group.reduce((most, line) => Math.max(most, line.lossMax), 0);
  const least = (group: UpdateLine[]) =>
    group.reduce((least, line) => Math.min(least, line.lossMin), Number.POSITIVE_INFINITY);
  return {
    x: { label: "update" },
    y: { label: "loss", log: true },
    xs: groups.map((group) => group[group.length - 1].step),
    series: [
      {
        label: "highest",
        values: groups.map((group) => positive(most(group))),
        ink: "accent",
        style: "edge",
      },
      {
        label: "lowest",
        values: groups.map((group) => positive(least(group))),
        ink: "accent",
        style: "edge",
      },
      { label: "mean loss", values: groups.map((group) => positive(mean(group))), ink: "accent" },
    ],
    band: [0, 1],
  };
}

function partsPlot(lines: UpdateLine[]): LinePlot {
  const groups = runs(lines.length).map(([start, end]) => lines.slice(start, end));
  const means = groups.map(meanParts);
  return {
    x: { label: "update" },
    y: { label: "part of the loss", log: true },
    xs: groups.map((group) => group[group.length - 1].step),
    series: partNames(lines).map((name, i) => ({
      label: name,
      values: means.map((parts) => positive(parts[name] ?? 0)),
      ink: PART_INKS[i % PART_INKS.length],
      gaps: true,
    })),
  };
}

function epochPlot(lines: EpochLine[]): LinePlot {
  const kept = keepExtremes([lines.map(({ loss }) => loss)]).map((i) => lines[i]);
  return {
    x: { label: "epoch" },
    y: { label: "loss", log: true },
    xs: kept.map(({ epoch }) => epoch),
    series: [
      {
        label: "mean loss of the epoch",
        values: kept.map(({ loss }) => positive(loss)),
        ink: "accent",
        style: "points",
      },
    ],
  };
}

function closedLoopPlot(lines: EvaluationLine[], best: EvaluationLine | null): LinePlot {
  const kept = keepExtremes([
    lines.map((line) => line.scoreDb),
    lines.map((line) => line.edrDb),
    lines.map((line) => line.edcDb),
    // the best one is an extreme of nothing where a later run of evaluations was better still
    lines.map((line) => (line === best ? 1 : 0)),
  ]).map((i) => lines[i]);
  const drawn = (value: number) => positive(Math.max(SMALLEST_DB, value));
  return {
    x: { label: "update" },
    y: { label: "dB, lower is better", log: true },
    xs: kept.map(({ step }) => step),
    series: [
      { label: "score", values: kept.map((line) => drawn(line.scoreDb)), ink: "accent", style: "points" },
      { label: "EDR", values: kept.map((line) => drawn(line.edrDb)), ink: "target", style: "dashed" },
      { label: "EDC", values: kept.map((line) => drawn(line.edcDb)), ink: "karplus", style: "dashed" },
      {
        label: "best",
        values: kept.map((line) => (line === best ? drawn(line.scoreDb) : null)),
        ink: "render",
        style: "marks",
      },
    ],
  };
}

function heldOutPlot(lines: EvaluationLine[], training: (number | null)[]): LinePlot {
  const kept = keepExtremes([
    lines.map(({ heldOutLoss }) => heldOutLoss ?? Number.NaN),
    training.map((loss) => loss ?? Number.NaN),
  ]);
  return {
    x: { label: "update" },
    y: { label: "one-step loss", log: true },
    xs: kept.map((i) => lines[i].step),
    series: [
      {
        label: "held out",
        values: kept.map((i) => positive(lines[i].heldOutLoss ?? 0)),
        ink: "render",
        style: "points",
      },
      {
        label: "training",
        values: kept.map((i) => (training[i] === null ? null : rounded(training[i]))),
        ink: "target",
        style: "dashed",
      },
    ],
  };
}

/**
 * For each evaluation the mean training loss since the one before; null where no update lies between. Where the loss is
 * the sum of several, that of single steps, which is what the held-out loss measures.
 */
function trainingLossBefore(evaluations: EvaluationLine[], updates: UpdateLine[]): (number | null)[] {
  let next = 0;
  return evaluations.map(({ step }) => {
    let sum = 0;
    let count = 0;
    for (; next < updates.length && updates[next].step <= step; next++) {
      sum += updates[next].parts?.["one step"] ?? updates[next].loss;
      count++;
    }
    return count > 0 && sum > 0 ? sum / count : null;
  });
}
