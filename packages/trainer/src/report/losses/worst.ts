/** The hardest of the followed examples, by the mean, the largest or a high quantile of their losses over training. */
import type { LossRow } from "../../core/followed-examples.ts";
import { trainedRows } from "./persistence.ts";
import { quantile } from "./quantiles.ts";

export const MEASURES = ["mean", "max", "quantile"] as const;
export type WorstBy = (typeof MEASURES)[number];

/** The quantile over an example's evaluations that it may be chosen by. */
export const HIGH_QUANTILE = 0.9;

/** [examples] each, over the evaluations of a string that has learned something. */
export type ExampleLosses = Record<WorstBy, Float64Array>;

/** One of the hardest: its index, and its place (from 1) by each measure by which it is among them. */
export interface WorstExample {
  example: number;
  places: Partial<Record<WorstBy, number>>;
}

/** Put each example's losses into three numbers. @returns null where no evaluation is whole */
export function exampleLosses(rows: readonly LossRow[]): ExampleLosses | null {
  const kept = trainedRows(rows);
  if (kept.length === 0) return null;
  const { length } = kept[0].losses;
  const found = {
    mean: new Float64Array(length),
    max: new Float64Array(length),
    quantile: new Float64Array(length),
  };
  for (let i = 0; i < length; i++) {
    const own = Float64Array.from(kept, ({ losses }) => losses[i]).sort();
    found.mean[i] = own.reduce((sum, loss) => sum + loss, 0) / own.length;
    found.max[i] = own[own.length - 1];
    found.quantile[i] = quantile(own, HIGH_QUANTILE);
  }
  return found;
}

/** Choose the worst few by each measure; those that several name come once. @returns by the mean, the worst first */
export function worstExamples(losses: ExampleLosses, count: number): WorstExample[] {
  const found = new Map<number, WorstExample>();
  for (const by of MEASURES) {
    const values = losses[by];
    const order = Array.from(values, (_, i) => i).sort((a, b) => values[b] - values[a] || a - b);
    order.slice(0, count).forEach((example, i) => {
      const worst = found.get(example) ?? { example, places: {} };
      worst.places[by] = i + 1;
      found.set(example, worst);
    });
  }
  return [...found.values()].sort(
    (a, b) => losses.mean[b.example] - losses.mean[a.example] || a.example - b.example,
  );
}
