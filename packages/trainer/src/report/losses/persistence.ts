/**
 * Whether it is always the same examples that are hard. Of every evaluation only the order of its losses counts: they are
 * ranked, and the ranks standardised, so that neither the falling of the loss nor the weights of a stage play a part. The
 * product of an example's standardised ranks at two evaluations, averaged over all pairs that lie equally far apart,
 * is its autocorrelation; the mean over the examples is Spearman's correlation of two such evaluations, on average.
 */
import { counted } from "@neural-string/shared/sentence";
import type { LossRow } from "../../core/followed-examples.ts";

export interface Persistence {
  /** Evaluations apart, ascending from 1. */
  lags: number[];
  /** [lags]: 1, the same order of examples; 0, another each time, by chance. */
  correlation: number[];
  /** [examples]: share of the evaluations in which it is among the hardest tenth. */
  hardShare: Float64Array;
}

/** Of the examples, how many count as the hardest. */
const HARDEST = 0.1;
/** Below this correlation which examples are hard is mostly chance; above the other, mostly the examples' own nature. */
const MOSTLY_CHANCE = 0.25;
const MOSTLY_NATURE = 0.6;
/** Of the evaluations those after the first fifth: at first everything is hard. */
const UNTRAINED = 0.2;
const FEWEST_ROWS = 4;
const FEWEST_EXAMPLES = 8;

/** Ranks from 0, ties sharing their mean, shifted and scaled to a mean of 0 and a variance of 1; all 0 where all tie. */
export function standardRanks(losses: ArrayLike<number>): Float64Array {
  const order = Array.from(losses, (_, i) => i).sort((a, b) => losses[a] - losses[b]);
  const ranks = new Float64Array(losses.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && losses[order[to]] === losses[order[from]]) to++;
    for (let i = from; i < to; i++) ranks[order[i]] = (from + to - 1) / 2;
    from = to;
  }
  const mean = (losses.length - 1) / 2;
  const variance = ranks.reduce((sum, rank) => sum + (rank - mean) ** 2, 0) / ranks.length;
  return ranks.map((rank) => (variance === 0 ? 0 : (rank - mean) / Math.sqrt(variance)));
}

/** Rows that are neither of an untrained string nor broken. */
export function trainedRows(rows: readonly LossRow[]): LossRow[] {
  const last = rows.at(-1)?.step ?? 0;
  return rows.filter(({ step, losses }) => step >= UNTRAINED * last && losses.every(Number.isFinite));
}

/** Measure it. @returns null where evaluations or examples are too few to tell */
export function persistence(rows: readonly LossRow[]): Persistence | null {
  const kept = trainedRows(rows);
  const examples = kept[0]?.losses.length ?? 0;
  if (kept.length < FEWEST_ROWS || examples < FEWEST_EXAMPLES) return null;
  const ranks = kept.map(({ losses }) => standardRanks(losses));
  const lags = Array.from({ length: kept.length - 2 }, (_, i) => i + 1);
  const correlation = lags.map((lag) => {
    let sum = 0;
    for (let t = 0; t + lag < ranks.length; t++) sum += dot(ranks[t], ranks[t + lag]) / examples;
    return sum / (ranks.length - lag);
  });
  return { lags, correlation, hardShare: hardShares(kept) };
}

/** Share of the evaluations in which each example is among the hardest tenth. */
function hardShares(rows: readonly LossRow[]): Float64Array {
  const shares = new Float64Array(rows[0].losses.length);
  const count = Math.max(1, Math.round(HARDEST * shares.length));
  for (const { losses } of rows) {
    const hardest = Array.from(losses, (_, i) => i).sort((a, b) => losses[b] - losses[a] || a - b);
    for (const i of hardest.slice(0, count)) shares[i] += 1 / rows.length;
  }
  return shares;
}

/** Say what it means. @param updates between two neighbouring evaluations */
export function persistenceSentence({ correlation, hardShare }: Persistence, updates: number): string {
  // far apart: the second half of the distances, of which the last few have few pairs
  const far = correlation.slice(Math.floor(correlation.length / 3), Math.ceil((2 * correlation.length) / 3));
  const held = far.reduce((sum, r) => sum + r, 0) / far.length;
  const often = hardShare.filter((share) => share >= 0.75).length;
  const among = Math.max(1, Math.round(HARDEST * hardShare.length));
  const numbers = `evaluations ${counted(updates, "update")} apart order the examples with a correlation of ${signed(correlation[0])}, distant ones of ${signed(held)}; ${often} of ${counted(among, "place")} among the hardest tenth ${often === 1 ? "belongs" : "belong"}, three times in four or more, to the same example`;
  if (held >= MOSTLY_NATURE) {
    return `Always the same are hard: ${numbers}. Look below at what those have in common.`;
  }
  if (held <= MOSTLY_CHANCE) {
    return `Which are hard is mostly chance: ${numbers}. More of a step's noise than of the data: a smaller learning rate or a larger batch may help, other data hardly.`;
  }
  return `Partly the same are hard: ${numbers}.`;
}

function signed(value: number): string {
  return value.toFixed(2).replace("-", "−");
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
