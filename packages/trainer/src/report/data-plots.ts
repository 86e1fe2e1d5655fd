/**
 * Pictures of what a network was trained on: how levels are spread before and after thinning, whether signs are
 * balanced, what was added to the taps, and every recording that took part.
 */
import { type Ink, type LinePlot, rounded } from "./plots.ts";

/** What the pictures are made of. */
export interface DataPictures {
  /** Examples by level: how many in each band, by its lower edge (dB). */
  levels: { bandDb: number; all: ReadonlyMap<number, number>; used: ReadonlyMap<number, number> };
  /** Some targets, mirrored ones among them, over the RMS of their taps. */
  targets: Float32Array;
  /** The taps of one example as recorded, and as a step gets them. */
  example: { delays: Int32Array; clean: Float32Array; trained: Float32Array };
  recordings: {
    name: string;
    role: "recording" | "stability" | "harmonic";
    /** Hz */
    f0: number;
    seconds: number[];
    levelDb: number[];
  }[];
  /** What the network hears beside the taps, over each of the recordings, in their order. */
  features: { kind: string; curves: { seconds: number[]; values: number[] }[] }[];
}

export interface DataPlots {
  levels: LinePlot;
  balance: LinePlot;
  taps: LinePlot;
  recordings: LinePlot;
  features: LinePlot[];
}

/** Bars of the picture of signs, from -3 to 3 times the RMS of the taps. */
const SIGN_BARS = 61;
const SIGN_RANGE = 3;
const INKS: readonly Ink[] = ["filter-1", "filter-2", "filter-3", "filter-4", "filter-5", "filter-6"];
const QUIETEST_DB = -120;

/** Make the plots. */
export function dataPlots({ levels, targets, example, recordings, features }: DataPictures): DataPlots {
  return {
    levels: levelsPlot(levels),
    balance: balancePlot(targets),
    taps: tapsPlot(example),
    recordings: recordingsPlot(recordings),
    features: features.map((feature) => featurePlot(feature, recordings)),
  };
}

function levelsPlot({ bandDb, all, used }: DataPictures["levels"]): LinePlot {
  const edges = [...all.keys()].toSorted((a, b) => a - b);
  const counts = (of: ReadonlyMap<number, number>) => edges.map((edge) => of.get(edge) ?? null);
  return {
    x: { label: `level of the last period (dB, bands of ${bandDb})` },
    y: { label: "examples", log: true },
    xs: edges.map((edge) => edge + bandDb / 2),
    series: [
      { label: "in the recordings", values: counts(all), ink: "target", style: "dashed" },
      { label: "trained on", values: counts(used), ink: "render", style: "points" },
    ],
  };
}

function balancePlot(targets: Float32Array): LinePlot {
  const width = (2 * SIGN_RANGE) / SIGN_BARS;
  const bars = new Array<number>(SIGN_BARS).fill(0);
  for (const target of targets) {
    const bar = Math.floor((target + SIGN_RANGE) / width);
    if (bar >= 0 && bar < SIGN_BARS) bars[bar]++;
  }
  const centre = (bar: number) => (bar + 0.5) * width - SIGN_RANGE;
  return {
    x: { label: "target over the RMS of its taps" },
    y: { label: "share of the examples (%)" },
    xs: bars.map((_, bar) => rounded(centre(bar)) ?? 0),
    series: [
      {
        label: "as trained on",
        values: bars.map((count) => rounded((100 * count) / Math.max(1, targets.length))),
        ink: "render",
      },
      {
        label: "all signs reversed",
        values: bars.toReversed().map((count) => rounded((100 * count) / Math.max(1, targets.length))),
        ink: "target",
        style: "dashed",
      },
    ],
  };
}

function tapsPlot({ delays, clean, trained }: DataPictures["example"]): LinePlot {
  const order = [...delays.keys()].toSorted((a, b) => delays[a] - delays[b]);
  return {
    x: { label: "delay of the tap (samples)" },
    y: { label: "amplitude" },
    xs: order.map((t) => delays[t]),
    series: [
      { label: "as recorded", values: order.map((t) => rounded(clean[t])), ink: "target", style: "points" },
      {
        label: "as trained on",
        values: order.map((t) => rounded(trained[t])),
        ink: "render",
        style: "marks",
      },
    ],
  };
}

function recordingsPlot(recordings: DataPictures["recordings"]): LinePlot {
  const curves = recordings.map(({ seconds, levelDb }) => ({
    seconds,
    values: levelDb.map((level) => Math.max(QUIETEST_DB, level)),
  }));
  return overTime("level (dB)", curves, recordings);
}

function featurePlot(
  { kind, curves }: DataPictures["features"][number],
  recordings: DataPictures["recordings"],
): LinePlot {
  return { ...overTime(`${kind} (-1 to 1)`, curves, recordings), low: true };
}

/** All on one axis of time: a line has points where another has none. */
function overTime(
  label: string,
  curves: DataPictures["features"][number]["curves"],
  recordings: DataPictures["recordings"],
): LinePlot {
  const xs = [...new Set(curves.flatMap(({ seconds }) => seconds))].toSorted((a, b) => a - b);
  return {
    x: { label: "time (s)" },
    y: { label },
    xs,
    series: curves.map(({ seconds, values }, i) => {
      const { name, role, f0 } = recordings[i];
      const known = new Map(seconds.map((second, n) => [second, values[n]]));
      return {
        label: `${role === "recording" ? "" : `${role}: `}${name}, ${f0.toFixed(1)} Hz`,
        values: xs.map((x) => {
          const value = known.get(x);
          return value === undefined ? null : rounded(value);
        }),
        ink: INKS[i % INKS.length],
        style: role === "recording" ? "line" : "dashed",
      };
    }),
  };
}
