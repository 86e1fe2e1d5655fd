/**
 * The language in which Node tells the page what to draw: line plots and heat maps as plain JSON, already thinned and
 * rounded. `page.js` knows how to draw these two and nothing about strings.
 */

/** One axis of a line plot. */
export interface Axis {
  label: string;
  /** Logarithmic; values at or below 0 must then be null. */
  log?: boolean;
  /** The values are 1 minus what the axis and the legend show, and grow downwards: gains just below 1, with `log`. */
  fromOne?: boolean;
  /** Ends of a y axis, both or neither; default those of the data. An x axis always ends where its data do. */
  min?: number;
  max?: number;
}

/** The role of a line; the page's style sheet gives each its colour, on light and on dark. */
export type Ink = "target" | "render" | "karplus" | "accent" | "poor" | "ink" | FilterInk;
type FilterInk = `filter-${1 | 2 | 3 | 4 | 5 | 6}`;

const FILTER_INKS: readonly FilterInk[] = [
  "filter-1",
  "filter-2",
  "filter-3",
  "filter-4",
  "filter-5",
  "filter-6",
];

/**
 * How a passive string's filter is called and drawn, alike in all pictures.
 * @param row as in the model: 0 is the second loop's filter, the first loop's follow
 * @param filters K, of the first loop
 */
export function filterLine(row: number, filters: number): Required<Pick<Series, "label" | "ink" | "style">> {
  if (row === 0) return { label: "second loop", ink: "karplus", style: "dashed" };
  const label = filters === 1 ? "first loop" : `filter ${row}`;
  const isFirstRound = row <= FILTER_INKS.length;
  return { label, ink: FILTER_INKS[(row - 1) % FILTER_INKS.length], style: isFirstRound ? "line" : "dashed" };
}

/** One line, or the edge of a band. */
export interface Series {
  label: string;
  /** [xs.length]; null where there is nothing. */
  values: (number | null)[];
  ink: Ink;
  /** Default "line"; an "edge" is drawn faintly and bounds a band; "marks" and the smaller "dots" are points alone. */
  style?: "line" | "dashed" | "points" | "marks" | "dots" | "edge";
  /** Whether a null interrupts the line; default: only an edge. */
  gaps?: boolean;
}

/** A line plot. */
export interface LinePlot {
  x: Axis;
  y: Axis;
  /** Ascending. */
  xs: number[];
  series: Series[];
  /** Index of the upper and of the lower edge among `series`, to be filled between. */
  band?: [upper: number, lower: number];
  /** Upright lines with a word each, ascending in x: where stages of training begin. */
  marks?: { x: number; label: string; short: string }[];
  /** A histogram at every x, drawn as cells behind the lines, darker where more is. */
  cells?: {
    /** [bars + 1] on the y axis, ascending. */
    edges: number[];
    /** [xs.length][bars] */
    shares: number[][];
  };
  /** Shares of a whole, drawn one on top of the other. */
  stacked?: boolean;
  /** Plots of one name share their pointer. */
  pointer?: string;
  /** Half as high as others. */
  low?: boolean;
}

/** A picture of dB over time and frequency bands. */
export interface HeatMap {
  kind: "level" | "difference";
  /** dB at the two ends of the colour map. */
  min: number;
  max: number;
  /** Seconds at the right edge. */
  seconds: number;
  frames: number;
  /** [bands + 1] Hz, ascending: rows of the picture, drawn equally high. */
  edges: number[];
  /** [bands, frames] row by row, dB; null where nothing was compared. */
  values: (number | null)[];
}

/** Most points a line keeps: twice the pixels of a wide screen. */
export const MOST_POINTS = 1500;

/** Round to a few significant digits, which no plot can tell from the number; null for what is not finite. */
export function rounded(value: number, digits = 4): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(digits)) : null;
}

/** Keep a value for a logarithmic axis: null at or below 0. */
export function positive(value: number): number | null {
  return value > 0 ? rounded(value) : null;
}

/**
 * Split `length` items into at most `most` runs of equal size, for thinning.
 * @returns [start, end) of each run, ascending, none empty
 */
export function runs(length: number, most = MOST_POINTS): [start: number, end: number][] {
  const count = Math.min(length, most);
  return Array.from({ length: count }, (_, i) => [
    Math.floor((i * length) / count),
    Math.floor(((i + 1) * length) / count),
  ]);
}

/**
 * Choose which points of some lines to keep so that no peak and no dip is lost: of every run the highest and the lowest
 * of each line, and the first and last of all.
 * @param lines equally long; values that are not finite are never chosen
 * @returns ascending indices, at most `most` plus the two ends
 */
export function keepExtremes(lines: readonly ArrayLike<number>[], most = MOST_POINTS): number[] {
  const length = lines[0]?.length ?? 0;
  if (length <= most) return Array.from({ length }, (_, i) => i);
  const kept = new Set([0, length - 1]);
  for (const [start, end] of runs(length, Math.floor(most / (2 * lines.length)))) {
    for (const line of lines) {
      let [low, high] = [-1, -1];
      for (let i = start; i < end; i++) {
        if (!Number.isFinite(line[i])) continue;
        if (low < 0 || line[i] < line[low]) low = i;
        if (high < 0 || line[i] > line[high]) high = i;
      }
      if (low >= 0) kept.add(low).add(high);
    }
  }
  return [...kept].sort((a, b) => a - b);
}
