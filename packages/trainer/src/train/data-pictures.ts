/** What a classic training was given, gathered for the report's pictures while its examples are still at hand. */
import type { Core } from "@neural-string/core-wasm";
import { type ClassicHeader, modelFeatures } from "@neural-string/shared";
import type { Examples } from "../core/examples.ts";
import { featureTraces } from "../core/features.ts";
import { BAND_DB, bandOf } from "../core/thinning.ts";
import type { DataPictures } from "../report/data-plots.ts";
import { runs } from "../report/plots.ts";
import type { SourcedRecording } from "../sources.ts";
import type { FurtherRecording } from "./prepared.ts";

/** Examples looked at for the balance of signs. */
const BALANCE_EXAMPLES = 2048;
/** Points of a recording's level. */
const LEVEL_POINTS = 300;

/**
 * What the network of a classic string hears beside the taps, as it was trained.
 * @param sounds [samples] each, as they were trained on
 * @param skipped seconds of the recordings that come before them
 */
export function featureCurves(
  core: Core,
  { sampleRate, f0, ...header }: ClassicHeader,
  sounds: readonly Float32Array[],
  skipped: readonly number[],
): DataPictures["features"] {
  const features = modelFeatures({ sampleRate, f0, ...header });
  const traces = sounds.map((samples) => featureTraces(core, samples, features, sampleRate / f0));
  return features.map(({ kind }, i) => ({
    kind,
    curves: traces.map((own, r) => {
      const stretches = runs(own[i].length, LEVEL_POINTS);
      return {
        seconds: stretches.map(([from, to]) => skipped[r] + (from + to) / 2 / sampleRate),
        values: stretches.map(
          ([from, to]) => own[i].subarray(from, to).reduce((sum, x) => sum + x, 0) / (to - from),
        ),
      };
    }),
  }));
}

/** Gather. @param recordings in the order they are trained on */
export function dataPictures(
  examples: Examples,
  recordings: readonly (SourcedRecording | FurtherRecording)[],
  features: DataPictures["features"],
): DataPictures {
  const levels = examples.levels();
  const { clean, trained } = examples.preview(BALANCE_EXAMPLES);
  const relative = clean.targets.map((target, e) => target / Math.max(clean.rms[e], 1e-12));
  const example = loudest(clean.rms);
  return {
    levels: { bandDb: BAND_DB, all: countBands(levels.all), used: countBands(levels.used) },
    targets: relative,
    example: {
      delays: clean.delays(example),
      clean: clean.taps(example).slice(),
      trained: trained.taps(example).slice(),
    },
    recordings: recordings.map((recording) => ({
      name: recording.name,
      role: "role" in recording ? recording.role : "recording",
      f0: recording.f0,
      ...levelCurve(recording),
    })),
    features,
  };
}

/** How many examples each band of level has, by its lowest level (dB). */
function countBands(levelsDb: Float64Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (const level of levelsDb) {
    const from = BAND_DB * bandOf(level);
    counts.set(from, (counts.get(from) ?? 0) + 1);
  }
  return counts;
}

/** Of the examples shown; where a disturbance is relative to the taps, a loud one shows it best. */
function loudest(rms: Float32Array): number {
  return rms.reduce((best, value, e) => (value > rms[best] ? e : best), 0);
}

function levelCurve({ samples, sampleRate }: SourcedRecording): { seconds: number[]; levelDb: number[] } {
  const hop = Math.max(1, Math.floor(samples.length / LEVEL_POINTS));
  const seconds: number[] = [];
  const levelDb: number[] = [];
  for (let start = 0; start + hop <= samples.length; start += hop) {
    const power = samples.subarray(start, start + hop).reduce((sum, x) => sum + x * x, 0) / hop;
    seconds.push((start + hop / 2) / sampleRate);
    levelDb.push(10 * Math.log10(power + 1e-18));
  }
  return { seconds, levelDb };
}
