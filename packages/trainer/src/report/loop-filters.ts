/**
 * What the loop filters of a passive string do at every frequency: their gain per round trip, the decay it implies, and
 * how far all of them stay below the certificate. Computed from the taps as they are played.
 */
import { longestT60, type PassiveModel, verifyCertificate } from "@neural-string/core-wasm";
import { filterLine, type LinePlot, positive, rounded } from "./plots.ts";

/** Gains of all filters on one logarithmic grid of frequencies. */
export interface FilterCurves {
  /** K, of the first loop. */
  filters: number;
  /** Hz, of the model: a round trip takes 1 / f0. */
  f0: number;
  /** [points] Hz, ascending. */
  frequencies: number[];
  /** [1 + K][points], the largest gain between a point's neighbours; row 0 is the second loop's filter. */
  gains: Float64Array[];
  certificate: Margin;
}

/** The largest gain of all filters beside what the model claims. */
export interface Margin {
  /** What no gain may exceed. */
  claimed: number;
  /** What is proved of the taps, at every frequency; NaN where they are not finite. */
  certified: number;
  holds: boolean;
  /** Largest gain on the grid, NaN where the taps are not finite; its filter and frequency (Hz). */
  largest: number;
  row: number;
  frequency: number;
}

const POINTS = 400;
/** Frequencies looked at for each point: four for each bin of 256 taps, even at 20 kHz. */
const LOOKS = 8;
/** The grid begins this far below f0: an offset lasts as long as the gain there lets it. */
const BELOW_F0 = 8;

/** Evaluate the gains. Never throws. */
export function filterCurves(model: PassiveModel): FilterCurves {
  const { sampleRate, f0, taps, filters, loopTaps, certificate } = model;
  const [low, high] = [f0 / BELOW_F0, sampleRate / 2];
  const at = (place: number) => low * (high / low) ** (place / POINTS);
  const margin: Margin = { ...proof(model), claimed: certificate.gain, largest: 0, row: 0, frequency: 0 };
  const gains = Array.from({ length: 1 + filters }, (_, row) => {
    const h = loopTaps.subarray(row * taps, (row + 1) * taps);
    return Float64Array.from({ length: POINTS }, (_, point) => {
      let most = 0;
      for (let look = 0; look < LOOKS; look++) {
        const frequency = at(point + (look + 0.5) / LOOKS);
        const gain = gainAt(h, (2 * Math.PI * frequency) / sampleRate);
        // nothing exceeds a NaN: once found it stays
        if (gain > most || Number.isNaN(gain)) most = gain;
        if (gain > margin.largest || Number.isNaN(gain)) {
          Object.assign(margin, { largest: gain, row, frequency });
        }
      }
      return most;
    });
  });
  const frequencies = Array.from({ length: POINTS }, (_, point) => at(point + 0.5));
  return { filters, f0, frequencies, gains, certificate: margin };
}

function proof({ loopTaps, taps, certificate }: PassiveModel): Pick<Margin, "certified" | "holds"> {
  if (!loopTaps.every(Number.isFinite)) return { certified: Number.NaN, holds: false };
  const { gain, holds } = verifyCertificate(loopTaps, taps, certificate.gain);
  return { certified: gain, holds };
}

/** |H| of taps h at w radians per sample. */
export function gainAt(h: ArrayLike<number>, w: number): number {
  const [c, s] = [Math.cos(w), -Math.sin(w)];
  let [re, im] = [0, 0];
  for (let j = h.length - 1; j >= 0; j--) {
    const turned = re * c - im * s + h[j];
    im = re * s + im * c;
    re = turned;
  }
  return Math.hypot(re, im);
}

/** The gains against frequency, near 1 as readable as far below it, under the certificate's line. */
export function gainPlot({ filters, frequencies, gains, certificate }: FilterCurves): LinePlot | null {
  if (!Number.isFinite(certificate.largest)) return null;
  return {
    x: { label: "frequency (Hz)", log: true },
    y: { label: "gain per round trip", log: true, fromOne: true },
    xs: frequencies.map((frequency) => rounded(frequency, 5) ?? 0),
    series: [
      ...gains.map((row, i) => ({
        ...filterLine(i, filters),
        values: Array.from(row, (gain) => positive(1 - gain)),
      })),
      {
        label: "certificate",
        values: frequencies.map(() => positive(1 - certificate.claimed)),
        ink: "poor",
        style: "dashed",
      },
    ],
  };
}

/** Say how far the gains stay below the certificate, and what follows. */
export function marginSentence({ filters, f0, certificate }: FilterCurves): string {
  const { claimed, certified, holds, largest, row, frequency } = certificate;
  if (!Number.isFinite(largest))
    return "The filters hold numbers that are not finite: there is no gain to certify.";
  const hertz = frequency < 1000 ? frequency.toFixed(0) : `${Math.round(frequency / 10)}0`;
  const where = `${filterLine(row, filters).label}, near ${hertz} Hz`;
  if (!holds) {
    return `Largest gain ${largest.toFixed(6)} (${where}), certified below ${certified.toFixed(6)}, where the model claims ${claimed.toFixed(6)}: its certificate does not hold, and no player will take it.`;
  }
  const [low, high] = apart(largest, claimed);
  const seconds = longestT60(claimed, f0);
  return `Largest gain ${low} (${where}), certified below ${high}: nothing rings longer than T60 = ${seconds.toPrecision(3)} s at f0.`;
}

/** Two gains near 1 with as many digits as tell them from 1, and from each other. */
function apart(a: number, b: number): [string, string] {
  const least = Math.max(3, 2 - Math.floor(Math.log10(1 - b)));
  for (let digits = least; digits < 10; digits++) {
    const texts: [string, string] = [a.toFixed(digits), b.toFixed(digits)];
    if (texts[0] !== texts[1]) return texts;
  }
  return [`${a}`, `${b}`];
}
