/**
 * What a sweep varies: every parameter as a dimension that a grid can list, a draw can fall on, and the Parzen
 * estimator can measure distances in. Paths that vary together are one dimension.
 */
import type { Range, Space } from "@neural-string/shared";
import type { Random } from "../core/random.ts";

/** What a trial sets, by the config's paths. */
export type Assignments = Record<string, unknown>;

/** One dimension of the space. */
export interface Dimension {
  /** The paths that it sets, joined by ", ". */
  name: string;
  /** Values that have no order, or a range. */
  choices: readonly unknown[] | Range;
}

/** A place in the space: for a list the value's index, for a range the number from 0 to 1 that it lies at. */
export type Point = readonly number[];

/** The dimensions, in the order in which they were written. */
export function dimensionsOf(space: Space): Dimension[] {
  return Object.entries(space).map(([name, choices]) => ({ name, choices }));
}

/** Whether a dimension is a range of numbers. */
export function isRange(choices: Dimension["choices"]): choices is Range {
  return !Array.isArray(choices);
}

/** How many values a grid has in a dimension. */
function gridSize({ choices }: Dimension): number {
  return isRange(choices) ? gridValues(choices).length : choices.length;
}

/** How many trials the grid has. */
export function gridLength(dimensions: readonly Dimension[]): number {
  return dimensions.reduce((product, dimension) => product * gridSize(dimension), 1);
}

/** A grid's trial. @param index 0 to gridLength - 1; the last dimension changes fastest */
export function gridPoint(dimensions: readonly Dimension[], index: number): Assignments {
  const assignments: Assignments[] = [];
  let rest = index;
  for (const dimension of dimensions.toReversed()) {
    const { choices } = dimension;
    const values = isRange(choices) ? gridValues(choices) : choices;
    assignments.unshift(assign(dimension, values[rest % values.length]));
    rest = Math.floor(rest / values.length);
  }
  return Object.assign({}, ...assignments);
}

/** The values that a grid takes of a range: evenly spaced on its scale, each once. */
function gridValues(range: Range): number[] {
  const last = range.points - 1;
  return [...new Set(Array.from({ length: range.points }, (_, i) => rangeValue(range, i / last)))];
}

/** The number at a place of a range. @param u 0 to 1 */
export function rangeValue({ from, to, scale, whole }: Range, u: number): number {
  const value = scale === "log" ? from * (to / from) ** u : from + (to - from) * u;
  const within = Math.min(to, Math.max(from, value));
  // four digits are more than a choice among trials can tell apart, and can be read
  if (!whole) return u === 0 ? from : u === 1 ? to : Number(within.toPrecision(4));
  return Math.min(Math.floor(to), Math.max(Math.ceil(from), Math.round(within)));
}

/** Draw a place, every value of a list and every stretch of a range's scale alike. */
export function drawPoint(dimensions: readonly Dimension[], random: Random): Point {
  return dimensions.map(({ choices }) =>
    isRange(choices) ? random() : Math.min(choices.length - 1, Math.floor(random() * choices.length)),
  );
}

/** What a place sets. */
export function assignmentsAt(dimensions: readonly Dimension[], point: Point): Assignments {
  return Object.assign(
    {},
    ...dimensions.map((dimension, i) => {
      const { choices } = dimension;
      return assign(dimension, isRange(choices) ? rangeValue(choices, point[i]) : choices[point[i]]);
    }),
  );
}

function assign({ name }: Dimension, value: unknown): Assignments {
  const paths = pathsOf(name);
  if (paths.length === 1) return { [paths[0]]: value };
  return Object.fromEntries(paths.map((path, i) => [path, (value as unknown[])[i]]));
}

/** The paths of a dimension's name. */
export function pathsOf(name: string): string[] {
  return name.split(",").map((path) => path.trim());
}
