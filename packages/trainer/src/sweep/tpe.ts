/**
 * The tree-structured Parzen estimator (Bergstra et al. 2011), each dimension by itself: trials are split into the
 * good and the rest, densities of both are estimated, and of some draws from the good one that is taken which the rest
 * makes least likely. No kept library has it for JavaScript; the parts are those of the paper.
 */
import type { SearchConfig } from "@neural-string/shared";
import { type Random, seededRandom } from "../core/random.ts";
import { Draws } from "./draws.ts";
import type { SearchRequest, Stages } from "./search.ts";
import { type Dimension, isRange, type Point } from "./space.ts";

interface Tried {
  point: Point;
  result: number;
}

/** The stages of a Parzen search: random draws first, then batches. */
export function* tpeStages(
  { dimensions, seed }: SearchRequest,
  { startup, batch, candidates }: Extract<SearchConfig, { kind: "tpe" }>,
  runs: number,
): Stages {
  const draws = new Draws(dimensions);
  const tried: Tried[] = [];
  while (tried.length < runs) {
    const isStartup = tried.length < startup;
    const size = Math.min(runs - tried.length, isStartup ? startup - tried.length : batch);
    const points: Point[] = [];
    for (let i = 0; i < size; i++) {
      const random = seededRandom(seed, tried.length + i);
      const point = isStartup ? undefined : propose(dimensions, tried, points, candidates, random);
      if (point !== undefined && draws.take(point)) points.push(point);
      else {
        const other = draws.add(random);
        if (other !== undefined) points.push(other);
      }
    }
    if (points.length === 0) return;
    const results: number[] = yield draws.all.slice(-points.length).map((set) => ({ set, share: 1 }));
    points.forEach((point, i) => {
      tried.push({ point, result: results[i] });
    });
  }
}

/**
 * Draw from where good trials are dense, and take the draw that promises most.
 * @param pending drawn in this batch already: taken for no good, so that the batch spreads
 */
export function propose(
  dimensions: readonly Dimension[],
  tried: readonly Tried[],
  pending: readonly Point[],
  candidates: number,
  random: Random,
): Point {
  const sorted = tried.toSorted((a, b) => (a.result < b.result ? -1 : a.result > b.result ? 1 : 0));
  const finite = sorted.filter(({ result }) => result < Number.POSITIVE_INFINITY).length;
  // a tenth are good, at most 25, at least one
  const goodCount = Math.max(1, Math.min(25, finite, Math.ceil(0.1 * sorted.length)));
  const good = sorted.slice(0, goodCount).map(({ point }) => point);
  const rest = [...sorted.slice(goodCount).map(({ point }) => point), ...pending];
  return dimensions.map((dimension, axis) => {
    const [near, far] = [good, rest].map((points) =>
      densityOf(
        dimension,
        points.map((point) => point[axis]),
        tried.length,
      ),
    );
    let best = near.draw(random);
    let promise = Math.log(near.at(best)) - Math.log(far.at(best));
    for (let i = 1; i < candidates; i++) {
      const place = near.draw(random);
      const its = Math.log(near.at(place)) - Math.log(far.at(place));
      if (its > promise) [best, promise] = [place, its];
    }
    return best;
  });
}

interface Density {
  draw(random: Random): number;
  /** Above 0 everywhere. */
  at(place: number): number;
}

function densityOf({ choices }: Dimension, places: readonly number[], trials: number): Density {
  return isRange(choices) ? rangeDensity(places, trials) : choiceDensity(places, choices.length);
}

/** How often each value was there, with one of every value in advance. */
function choiceDensity(places: readonly number[], count: number): Density {
  const weights = new Array<number>(count).fill(1 / count);
  for (const place of places) weights[place]++;
  const sum = places.length + 1;
  return {
    at: (place) => weights[place] / sum,
    draw: (random) => {
      let left = random() * sum;
      const found = weights.findIndex((weight) => {
        left -= weight;
        return left < 0;
      });
      return found < 0 ? count - 1 : found;
    },
  };
}

/**
 * A normal density around every place, cut off at 0 and 1, as wide as the way to the further neighbour; and a wide one
 * in the middle, which stands for what is not known. The more trials there were, the narrower one may be.
 */
function rangeDensity(places: readonly number[], trials: number): Density {
  const centres = [...places, 0.5].toSorted((a, b) => a - b);
  const least = 1 / Math.min(100, trials + 1);
  const widths = centres.map((centre, i) => {
    const [before, after] = [centre - (centres[i - 1] ?? 0), (centres[i + 1] ?? 1) - centre];
    return Math.min(1, Math.max(least, before, after));
  });
  widths[centres.indexOf(0.5)] = 1;
  const inside = centres.map((c, i) => normalBelow((1 - c) / widths[i]) - normalBelow(-c / widths[i]));
  return {
    at: (place) => {
      let sum = 0;
      for (const [i, centre] of centres.entries()) {
        const z = (place - centre) / widths[i];
        sum += Math.exp(-0.5 * z * z) / (widths[i] * Math.sqrt(2 * Math.PI) * inside[i]);
      }
      return sum / centres.length;
    },
    draw: (random) => {
      const i = Math.min(centres.length - 1, Math.floor(random() * centres.length));
      for (;;) {
        // Box and Muller; again where it falls outside
        const radius = Math.sqrt(-2 * Math.log(1 - random()));
        const place = centres[i] + widths[i] * radius * Math.cos(2 * Math.PI * random());
        if (place >= 0 && place <= 1) return place;
      }
    },
  };
}

/** Share of a normal distribution below z; |error| < 1e-7 (Abramowitz and Stegun 26.2.17). */
function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const polynomial =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = (Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)) * polynomial;
  return z > 0 ? 1 - tail : tail;
}
