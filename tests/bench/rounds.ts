/**
 * Paired rounds: everything that is to be compared takes turns, a few milliseconds each, and a multiply-add loop runs
 * between any two turns. A ratio is taken within each round, then the median over the rounds; so what the machine does
 * meanwhile (its clock, other work) meets both sides alike.
 */
import { bestBuild } from "@neural-string/core-wasm";
import {
  createFmaModule,
  instantiateFma,
  MACS_PER_ITERATION,
} from "../../packages/trainer/bench/fma-loop.ts";
import { type Contestant, consume } from "./contestant.ts";
import { Stopwatch } from "./stopwatch.ts";

/** Every contestant's time and the peak beside it, one number per round. */
export interface Rounds {
  nsPerSample: number[];
  /** GMAC/s, mean of the loop right before and right after. */
  peakGmac: number[];
}

/** How long things may take (s). */
export interface Pace {
  /** All rounds together. */
  total: number;
  /** One turn of a contestant, if a single run is not longer. */
  slice: number;
  /** What a contestant runs before it is timed; less where another has warmed up the same code. */
  warmUp: number;
  leastRounds: number;
  mostRounds: number;
}

const ITERATIONS = 10_000;
/** Share of a slice that the multiply-add loop runs. */
const PEAK_SHARE = 1 / 2;
/** V8 replaces its first, slower code while it runs; a contestant warms up for as long as its pace says, or three runs. */
const WARM_UP_RUNS = 3;

/** Whether this engine multiplies and adds with one rounding, in one instruction. */
export const fmaIsFused = bestBuild() === "relaxed";

/**
 * Let contestants take turns.
 * @param contestants by a name of the caller's choice
 * @returns by the same names, in the same order; the rounds of one call belong together
 * @throws Error where a string falls silent within its turn
 */
export async function takeTurns<Name>(
  contestants: ReadonlyMap<Name, Contestant>,
  pace: Pace,
): Promise<Map<Name, Rounds>> {
  const peak = await peakStopwatch(pace.slice * PEAK_SHARE);
  const seats: { name: Name; contestant: Contestant; watch: Stopwatch; rounds: Rounds }[] = [];
  let roundSeconds = 0;
  for (const [name, contestant] of contestants) {
    const { seconds, isAsync } = await warmUp(contestant, pace.warmUp);
    const watch = new Stopwatch(() => contestant.run(), pace.slice, isAsync);
    await watch.sample(); // finds out how many runs fill a slice
    seats.push({ name, contestant, watch, rounds: { nsPerSample: [], peakGmac: [] } });
    roundSeconds += Math.max(pace.slice, 2 * seconds) + PEAK_SHARE * pace.slice;
  }
  const affordable = Math.floor(pace.total / roundSeconds);
  const count = Math.max(pace.leastRounds, Math.min(pace.mostRounds, affordable));
  for (let round = 0; round < count; round++) {
    let before = await peak();
    // every other round backwards: nobody always comes after the same neighbour
    for (const { name, contestant, watch, rounds } of round % 2 === 0 ? seats : seats.toReversed()) {
      contestant.rewind?.();
      const seconds = await watch.sample();
      if (contestant.isSilent?.()) throw new Error(`${name}: fell silent within a turn; it must ring longer`);
      const after = await peak();
      rounds.nsPerSample.push((1e9 * seconds) / contestant.samples);
      rounds.peakGmac.push((before + after) / 2);
      before = after;
    }
  }
  return new Map(seats.map(({ name, rounds }) => [name, rounds]));
}

/** Run until the engine has compiled it for speed. @returns seconds of one run, and what kind of run it is */
async function warmUp(contestant: Contestant, least: number): Promise<{ seconds: number; isAsync: boolean }> {
  contestant.rewind?.();
  const start = performance.now();
  const enough = start + 1000 * least;
  let last = start;
  let seconds = Number.POSITIVE_INFINITY;
  let isAsync = false;
  for (let runs = 0; runs < WARM_UP_RUNS || performance.now() < enough; runs++) {
    const made = contestant.run();
    if (made) {
      isAsync = true;
      await made;
    }
    const now = performance.now();
    seconds = Math.min(seconds, (now - last) / 1000);
    last = now;
  }
  return { seconds, isAsync };
}

/** The multiply-add loop, warmed up. @returns takes a sample, GMAC/s */
async function peakStopwatch(slice: number): Promise<() => Promise<number>> {
  const loop = instantiateFma(createFmaModule());
  const run = () => consume(loop(ITERATIONS));
  for (let i = 0; i < 200; i++) run();
  const watch = new Stopwatch(run, slice, false);
  return async () => (ITERATIONS * MACS_PER_ITERATION) / (1e9 * (await watch.sample()));
}
