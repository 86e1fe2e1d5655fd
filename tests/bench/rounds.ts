/**
 * Paired rounds: everything that is to be compared takes turns, a few milliseconds each, and a multiply-add loop runs
 * right before and after each turn. A ratio is taken within each round, then the median over the rounds; so what the machine does
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
  /** All rounds together; benchmark.js's own work, some ten milliseconds a turn, counts. */
  total: number;
  /** What is timed in one turn, if a single run is not longer. */
  slice: number;
  /** What a contestant runs before it is timed; less where another has warmed up the same code. */
  warmUp: number;
  leastRounds: number;
  mostRounds: number;
}

/** One call of the loop is some tenths of a millisecond: V8 replaces its first, slower code only between calls. */
const ITERATIONS = 10_000;
/** The loop runs this long, before and after each turn (s). */
const PEAK_SECONDS = 0.001;
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
  const peak = warmPeak();
  const seats: { name: Name; contestant: Contestant; watch: Stopwatch; rounds: Rounds }[] = [];
  for (const [name, contestant] of contestants) {
    const isAsync = await warmUp(contestant, pace.warmUp);
    const watch = new Stopwatch(() => contestant.run(), pace.slice, isAsync);
    // find out how many runs fill a slice; of a string that the warm-up has not silenced, which costs next to nothing
    contestant.rewind?.();
    await watch.sample();
    seats.push({ name, contestant, watch, rounds: { nsPerSample: [], peakGmac: [] } });
  }
  const end = performance.now() + 1000 * pace.total;
  for (let round = 0; round < pace.mostRounds; round++) {
    if (round >= pace.leastRounds && performance.now() > end) break;
    // every other round backwards: nobody always comes after the same neighbour
    for (const { name, contestant, watch, rounds } of round % 2 === 0 ? seats : seats.toReversed()) {
      contestant.rewind?.();
      const before = peak();
      const seconds = await watch.sample();
      const after = peak();
      if (contestant.isSilent?.()) {
        throw new Error(`${name}: fell silent within a turn; it must ring longer`);
      }
      rounds.nsPerSample.push((1e9 * seconds) / contestant.samples);
      rounds.peakGmac.push((before + after) / 2);
    }
  }
  return new Map(seats.map(({ name, rounds }) => [name, rounds]));
}

/** Run until the engine has compiled it for speed. @returns whether a run is a promise */
async function warmUp(contestant: Contestant, least: number): Promise<boolean> {
  contestant.rewind?.();
  let isAsync = false;
  const enough = performance.now() + 1000 * least;
  for (let runs = 0; runs < WARM_UP_RUNS || performance.now() < enough; runs++) {
    const made = contestant.run();
    isAsync = made instanceof Promise;
    await made;
  }
  return isAsync;
}

/** The multiply-add loop, warmed up. @returns runs it for a while, GMAC/s */
function warmPeak(): () => number {
  const loop = instantiateFma(createFmaModule());
  for (let i = 0; i < 200; i++) consume(loop(ITERATIONS));
  return () => {
    const start = performance.now();
    let calls = 0;
    let milliseconds = 0;
    for (; milliseconds < 1000 * PEAK_SECONDS; calls++) {
      consume(loop(ITERATIONS));
      milliseconds = performance.now() - start;
    }
    return (calls * ITERATIONS * MACS_PER_ITERATION) / (1e6 * milliseconds);
  };
}
