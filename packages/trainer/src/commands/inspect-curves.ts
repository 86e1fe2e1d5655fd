/** What `pnpm inspect` draws as lines of blocks: a recording's level, a network's taps, the decay of a loop's filters. */

import { longestT60 } from "@neural-string/core-wasm";
import type { ModelFile } from "@neural-string/shared";
import type { PassiveFile } from "../passive-file.ts";
import { gainAt } from "../report/loop-filters.ts";
import { firstLayer, unitResponse, unitsBySize } from "../report/weight-plots.ts";
import { sparkline } from "../sparkline.ts";
import { short } from "../terminal.ts";

const COLUMNS = 60;
/** Units whose frequency responses are drawn: the largest. */
const UNITS = 3;
/** dB below the loudest column at which a level is drawn lowest. */
const RANGE_DB = 72;

/** Level of a sound over time: RMS of each column, from its loudest down to 72 dB below. */
export function levelCurve(samples: Float32Array): string {
  const count = Math.min(COLUMNS, samples.length);
  const levels = Array.from({ length: count }, (_, column) => {
    const from = Math.floor((column * samples.length) / count);
    const to = Math.floor(((column + 1) * samples.length) / count);
    let energy = 0;
    for (let n = from; n < to; n++) energy += samples[n] * samples[n];
    return 10 * Math.log10(energy / (to - from));
  });
  const loudest = Math.max(...levels);
  // silence is drawn at the foot, not left blank
  const drawn = levels.map((level) => Math.max(level, loudest - RANGE_DB));
  return sparkline(drawn, [loudest - RANGE_DB, loudest], COLUMNS);
}

/**
 * How strongly the first layer listens to each tap: RMS of a tap's weights over all units.
 * @param delays of the taps (samples), in the order of the inputs
 * @returns one character a tap, by ascending delay; null where the file has no such layer
 */
export function tapCurve({ tensors }: ModelFile, delays: Int32Array): string | null {
  const weight = tensors.get("layers.0.weight");
  if (weight === undefined || weight.shape.length !== 2) return null;
  const [units, inputs] = weight.shape;
  const strengths = Array.from(delays.keys())
    .toSorted((a, b) => delays[a] - delays[b])
    .map((tap) => {
      let energy = 0;
      for (let unit = 0; unit < units; unit++) energy += weight.data[unit * inputs + tap] ** 2;
      return Math.sqrt(energy / units);
    });
  return sparkline(strengths, [0, Math.max(...strengths)], COLUMNS);
}

/**
 * What the largest units of the first layer let through, from 0 Hz to half the sample rate in dB; a line a unit.
 * @returns none of a file without such a layer
 */
export function unitCurves(file: ModelFile): string[] {
  const layer = firstLayer(file);
  if (layer === null) return [];
  const { sampleRate } = layer;
  const frequencies = Array.from(
    { length: COLUMNS },
    (_, column) => ((column + 0.5) * sampleRate) / 2 / COLUMNS,
  );
  return unitsBySize(layer)
    .slice(0, UNITS)
    .map(({ unit, rms }) => {
      const levels = unitResponse(layer, unit, frequencies).map((gain) => 20 * Math.log10(gain + 1e-12));
      return `  hears     ${sparkline(levels, undefined, COLUMNS)} unit ${unit + 1}, ${short(Math.min(...levels))} to ${short(Math.max(...levels))} dB, 0-${short(sampleRate / 2000)} kHz, RMS ${short(rms)}`;
    });
}

/** RMS of every unit's tap weights in the first layer, the largest first; null of a file without such a layer. */
export function sizeCurve(file: ModelFile): string | null {
  const layer = firstLayer(file);
  if (layer === null) return null;
  const sizes = unitsBySize(layer).map(({ rms }) => rms);
  return sparkline(sizes, [0, sizes[0]], COLUMNS);
}

/** T60 of every filter's loop from 0 Hz to half the sample rate, each on a scale of its own; a line a filter. */
export function decayCurves({ header, tensors }: PassiveFile): string[] {
  const { f0, taps, filters, sampleRate } = header;
  const all = tensors.get("filters.taps")?.data ?? new Float32Array(0);
  return Array.from({ length: 1 + filters }, (_, i) => {
    const row = (i + 1) % (1 + filters); // the second loop's filter is the first row, and told last
    const filter = all.subarray(row * taps, (row + 1) * taps);
    const logs = Array.from({ length: COLUMNS }, (_, column) =>
      Math.log10(longestT60(gainAt(filter, (Math.PI * (column + 0.5)) / COLUMNS), f0)),
    );
    const finite = logs.filter(Number.isFinite);
    const name = row === 0 ? "second" : filters === 1 ? "first" : `filter ${row}`;
    const ends =
      finite.length === 0
        ? "silent"
        : `${short(10 ** Math.min(...finite))}-${short(10 ** Math.max(...finite))} s`;
    return `  T60       ${sparkline(logs, undefined, COLUMNS)} ${name}, ${ends}, 0-${short(sampleRate / 2000)} kHz`;
  });
}
