/**
 * The searches: each names trials in stages, and a stage waits for the one before it. A search is told nothing but
 * what its trials came to, in the order in which it named them; so it names the same trials whatever the number of
 * workers, and a sweep is resumed by asking it again.
 */
import type { SearchConfig, Sweep } from "@neural-string/shared";
import { seededRandom } from "../core/random.ts";
import { Draws } from "./draws.ts";
import { type Assignments, type Dimension, gridLength, gridPoint, isRange } from "./space.ts";
import { tpeStages } from "./tpe.ts";

/** A trial that a search wants trained. */
export interface Wish {
  set: Assignments;
  /** Share of its steps after which it pauses; 1 = train to the end. */
  share: number;
}

/** Yields the wishes of a stage; receives what each came to: the metric (lower is better), +Infinity where it failed. */
export type Stages = Generator<Wish[], void, number[]>;

/** What a search is told of the sweep. */
export type SearchRequest = Pick<Sweep, "search" | "seed" | "runs"> & { dimensions: readonly Dimension[] };

/** Draws that a search makes where nobody says how many. */
const USUAL_RUNS = 20;

/** The stages of a sweep. */
export function stagesOf(request: SearchRequest): Stages {
  const { search, dimensions } = request;
  switch (search.kind) {
    case "grid":
      return oneStage(firstTrials(request, gridLength(dimensions)));
    case "random":
      return oneStage(drawn(request));
    case "halving":
      return halvingStages(candidates(request), search);
    case "tpe":
      return tpeStages(request, search, request.runs ?? USUAL_RUNS);
  }
}

function* oneStage(trials: Assignments[]): Stages {
  yield trials.map((set) => ({ set, share: 1 }));
}

function firstTrials({ dimensions, runs }: SearchRequest, length: number): Assignments[] {
  return Array.from({ length: Math.min(runs ?? length, length) }, (_, i) => gridPoint(dimensions, i));
}

function drawn({ dimensions, seed, runs }: SearchRequest): Assignments[] {
  const draws = new Draws(dimensions);
  for (let i = 0; i < (runs ?? USUAL_RUNS); i++) {
    if (draws.add(seededRandom(seed, i)) === undefined) break;
  }
  return draws.all;
}

/** What a halving begins with: the whole grid where it is one of lists and small enough, else draws. */
function candidates(request: SearchRequest): Assignments[] {
  const { dimensions, runs } = request;
  const length = gridLength(dimensions);
  const isListed = dimensions.every(({ choices }) => !isRange(choices));
  return isListed && length <= (runs ?? length) ? firstTrials(request, length) : drawn(request);
}

/**
 * Successive halving (Jamieson and Talwalkar 2016): shares of the steps grow by the reduction from rung to rung, and
 * the best of each rung go on, those first that were named first where two are alike.
 */
function* halvingStages(
  trials: Assignments[],
  { reduction, rungs }: Extract<SearchConfig, { kind: "halving" }>,
): Stages {
  let standing = trials;
  for (let rung = 0; rung < rungs; rung++) {
    const share = rung === rungs - 1 ? 1 : reduction ** (rung - rungs + 1);
    const results: number[] = yield standing.map((set) => ({ set, share }));
    const order = standing.map((_, i) => i).toSorted((a, b) => compare(results[a], results[b]) || a - b);
    const kept = order.slice(0, Math.max(1, Math.ceil(standing.length / reduction)));
    const alive = kept.filter((i) => results[i] < Number.POSITIVE_INFINITY);
    standing = alive.toSorted((a, b) => a - b).map((i) => standing[i]);
    if (standing.length === 0) return;
  }
}

/** Order of two results; two failures are alike. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
