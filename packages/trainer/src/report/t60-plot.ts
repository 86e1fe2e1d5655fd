/**
 * T60 of the partials against frequency: points for recording and render, the band inside which a difference is not
 * noticed, and for a passive string the curve that each of its loop filters implies on its own.
 */
import { longestT60 } from "@neural-string/core-wasm";
import type { PartialMetrics } from "@neural-string/shared";
import { UNNOTICED_T60_RATIO } from "../measure/verdicts.ts";
import type { FilterCurves } from "./loop-filters.ts";
import { filterLine, type LinePlot, positive, rounded, type Series } from "./plots.ts";

/** The curves go on this far beyond the partials. */
const BEYOND = 1.5;
/** Highest frequency of the curves where no partial is known (Hz). */
const HIGHEST = 8000;
/** A curve is followed this far below the shortest T60 of the partials. */
const DEEPEST = 1 / 5;

/** Make the plot. @returns null where there is nothing to draw */
export function t60Plot(partials: readonly PartialMetrics[], filters: FilterCurves | null): LinePlot | null {
  const known = partials
    .filter(({ t60Seconds }) => t60Seconds !== null)
    .toSorted((a, b) => a.frequency - b.frequency);
  const points = known.length === 0 ? null : partialsPlot(known);
  return filters === null || !Number.isFinite(filters.certificate.largest)
    ? points
    : withCurves(points, filters);
}

function partialsPlot(known: readonly PartialMetrics[]): LinePlot {
  const times = (factor: number) => known.map(({ t60Seconds }) => positive((t60Seconds ?? 0) * factor));
  return {
    x: { label: "frequency (Hz)", log: true },
    y: { label: "T60 (s)", log: true },
    xs: known.map(({ frequency }) => rounded(frequency, 5) ?? 0),
    series: [
      { label: "longest unnoticed", values: times(UNNOTICED_T60_RATIO.high), ink: "target", style: "edge" },
      { label: "shortest unnoticed", values: times(UNNOTICED_T60_RATIO.low), ink: "target", style: "edge" },
      { label: "recording", values: times(1), ink: "target", style: "points" },
      {
        label: "render",
        values: known.map(({ t60Seconds, t60Ratio }) => positive((t60Seconds ?? 0) * (t60Ratio ?? 0))),
        ink: "render",
        style: "points",
      },
    ],
    band: [0, 1],
  };
}

/** Put points and curves on one x axis; the points keep their places, nothing stands for them between. */
function withCurves(points: LinePlot | null, { filters, f0, frequencies, gains }: FilterCurves): LinePlot {
  const measured = new Map((points?.xs ?? []).map((x, i) => [x, i]));
  const low = Math.min(f0, points?.xs[0] ?? f0) / BEYOND;
  const high = points === null ? HIGHEST : (points.xs.at(-1) ?? 0) * BEYOND;
  const places = frequencies.map((x) => rounded(x, 5) ?? 0);
  const shown = places.filter((x) => x >= low && x <= high);
  const xs = [...new Set([...measured.keys(), ...shown])].sort((a, b) => a - b);
  const times = points?.series.flatMap(({ values }) => values.filter((value) => value !== null)) ?? [];
  const deepest = times.length === 0 ? 0 : Math.min(...times) * DEEPEST;
  const series = (points?.series ?? []).map((line) => ({
    ...line,
    values:
      line.style === "edge" && points ? between(points.xs, line.values, xs) : spread(line, measured, xs),
  }));
  const curves = gains.map((row, i): Series => {
    const values = Array.from(row, (gain) => {
      const seconds = gain < 1 ? longestT60(Math.max(gain, 1e-9), f0) : 0;
      return seconds < deepest ? null : positive(seconds);
    });
    return { ...filterLine(i, filters), values: between(places, values, xs), gaps: true };
  });
  return {
    x: { label: "frequency (Hz)", log: true },
    y: { label: "T60 (s)", log: true },
    xs,
    series: [...series, ...curves],
    ...(points && { band: points.band }),
  };
}

function spread({ values }: Series, measured: Map<number, number>, xs: readonly number[]): Series["values"] {
  return xs.map((x) => values[measured.get(x) ?? -1] ?? null);
}

/** The values of a line at other places, straight on two logarithmic axes; null outside and beside gaps. */
function between(
  xs: readonly number[],
  values: Series["values"],
  places: readonly number[],
): Series["values"] {
  return places.map((place) => {
    const right = xs.findIndex((x) => x >= place);
    const [high, low] = [values[right] ?? null, values[right - 1] ?? null];
    if (xs[right] === place) return high;
    if (high === null || low === null) return null;
    const share = Math.log(place / xs[right - 1]) / Math.log(xs[right] / xs[right - 1]);
    return positive(low * (high / low) ** share);
  });
}
