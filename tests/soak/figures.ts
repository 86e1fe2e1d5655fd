/** What a long run has to report: figures taken on the way, and the demand that some of them stay where they are. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** A row of figures, by name. */
export type Figures = Record<string, number | string>;

/** What a long run came to. */
export interface Report {
  /** What was run, in one sentence. */
  what: string;
  rows: Figures[];
  /** What does not hold, a sentence each; none where all does. */
  broken: string[];
}

/** Told while it goes on. */
export type Tell = (line: string) => void;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes of JavaScript's heap and of its buffers that are in use, after what is not has been collected. */
export function usedBytes(): number {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/**
 * Say where a figure does not stay: the largest of its last third exceeds the largest of its middle third by too much.
 * What comes first is left out, as it warms up.
 * @param spare what it may grow by
 */
export function growthOf(rows: readonly Figures[], name: string, spare: number): string[] {
  const values = rows.map((row) => Number(row[name]));
  const third = Math.floor(values.length / 3);
  if (third < 1) return [`${name}: expected three figures or more, got ${values.length}`];
  const middle = Math.max(...values.slice(third, -third));
  const last = Math.max(...values.slice(-third));
  return last - middle > spare
    ? [`${name}: expected to stay at ${middle}, got ${last}, ${last - middle} more`]
    : [];
}

const MIB = 2 ** 20;

/** MiB to one decimal. */
export const inMib = (bytes: number): number => Math.round((10 * bytes) / MIB) / 10;

/** Rows as a table of text. */
export function tableOf(rows: readonly Figures[]): string {
  const names = Object.keys(rows[0] ?? {});
  const cells = [names, ...rows.map((row) => names.map((name) => String(row[name])))];
  const widths = names.map((_, i) => Math.max(...cells.map((line) => line[i].length)));
  return cells.map((line) => line.map((cell, i) => cell.padStart(widths[i])).join("  ")).join("\n");
}
