/**
 * Pictures of a sound that the trainer's report has no need of: spectrograms, and its partials over time. In the same
 * language as the report's, so that the same code draws them.
 */
import type { Judgement } from "@neural-string/shared";
import { finite } from "@neural-string/trainer/measure/comparison";
import { ENVELOPE_HOP, partialEnvelope } from "@neural-string/trainer/measure/partials";
import { magnitudes } from "@neural-string/trainer/measure/stft";
import type { HeatMap, Ink, LinePlot, Series } from "@neural-string/trainer/report/plots";

const SIZE = 4096;
const HOP = 1024;
/** Rows of a spectrogram, from 40 Hz to 16 kHz, equally high. */
const BANDS = 96;
const [LOWEST, HIGHEST] = [40, 16000];
const COLUMNS = 240;
const FLOOR_DB = -90;
/** Partials that are drawn over time. */
const PARTIALS = 5;
const POINTS = 250;

/**
 * Draw a sound's spectrogram.
 * @param reference linear: what counts as 0 dB; default the sound's own loudest cell
 * @returns null where the sound is shorter than a frame or silent
 */
export function spectrogram(
  x: Float32Array,
  sampleRate: number,
  reference?: number,
): { map: HeatMap; loudest: number } | null {
  const { frames, bins, values } = magnitudes(finite(x), SIZE, HOP);
  if (frames < 2) return null;
  const highest = Math.min(HIGHEST, 0.95 * (sampleRate / 2));
  const edges = Array.from({ length: BANDS + 1 }, (_, i) => LOWEST * (highest / LOWEST) ** (i / BANDS));
  const binOf = (frequency: number) => (frequency * SIZE) / sampleRate;
  const columns = Math.min(frames, COLUMNS);
  const cells = new Float64Array(BANDS * columns);
  for (let column = 0; column < columns; column++) {
    const frame = Math.floor(((column + 0.5) * frames) / columns);
    for (let band = 0; band < BANDS; band++) {
      // low bands are narrower than a bin: then the bin they lie in
      const first = Math.max(1, Math.round(binOf(edges[band])));
      const end = Math.min(bins, Math.max(first + 1, Math.round(binOf(edges[band + 1]))));
      let most = 0;
      for (let k = first; k < end; k++) most = Math.max(most, values[frame * bins + k]);
      cells[band * columns + column] = most;
    }
  }
  const loudest = cells.reduce((most, value) => Math.max(most, value), 0);
  const zero = reference ?? loudest;
  if (!(zero > 0)) return null;
  const map: HeatMap = {
    kind: "level",
    min: FLOOR_DB,
    max: 0,
    seconds: x.length / sampleRate,
    frames: columns,
    edges: edges.map(Math.round),
    values: Array.from(cells, (value) =>
      value > 0
        ? Math.round(10 * Math.max(FLOOR_DB - 60, 20 * Math.log10(value / zero))) / 10
        : FLOOR_DB - 60,
    ),
  };
  return { map, loudest };
}

/**
 * Draw how the strongest low partials decay, recording and render together, relative to the loudest of the recording's.
 * @returns null where no partial could be followed
 */
export function partialDecays(
  target: Float32Array,
  render: Float32Array,
  sampleRate: number,
  { metrics }: Pick<Judgement, "metrics">,
): LinePlot | null {
  const followed = metrics.partials.slice(0, PARTIALS);
  if (followed.length === 0) return null;
  const [x, y] = [finite(target), finite(render)];
  const lines = followed.map(({ partial, frequency, cents }, i) => ({
    partial,
    ink: `filter-${i + 1}` as Ink,
    recorded: partialEnvelope(x, sampleRate, frequency),
    rendered: partialEnvelope(y, sampleRate, frequency * 2 ** (cents / 1200)),
  }));
  const loudest = Math.max(...lines.flatMap(({ recorded }) => [...recorded]));
  const frames = Math.min(lines[0].recorded.length, lines[0].rendered.length);
  const points = Math.min(frames, POINTS);
  const places = Array.from({ length: points }, (_, i) =>
    Math.floor((i * (frames - 1)) / Math.max(1, points - 1)),
  );
  const level = (envelope: Float64Array) =>
    places.map((n) => Math.round(100 * Math.max(-100, 20 * Math.log10(envelope[n] / loudest + 1e-12))) / 100);
  const series = lines.flatMap(({ partial, ink, recorded, rendered }): Series[] => [
    { label: `partial ${partial}`, ink, values: level(recorded) },
    { label: `${partial}, render`, ink, style: "dashed", values: level(rendered) },
  ]);
  return {
    x: { label: "time (s)" },
    y: { label: "level (dB)", min: -80, max: 5 },
    xs: places.map((n) => Math.round((1e4 * n * ENVELOPE_HOP) / sampleRate) / 1e4),
    series,
  };
}
