/**
 * Comparisons across workloads, on the fastest build: each pair measured in the same rounds. What other strings cost
 * beside a network of 14-64-64-1, and what a string costs that has died away beside one that has just been struck.
 */
import type { Build, ClassicModel, PassiveModel, Resonator } from "@neural-string/core-wasm";
import { newCore } from "../support/core-builds.ts";
import { somePast } from "../support/networks.ts";
import { longestDelayOf, periodOf } from "../support/passive-playing.ts";
import type { Contestant, Workload } from "./contestant.ts";
import { coreString, QUANTUM } from "./engines/core-string.ts";
import { type Pace, type Rounds, takeTurns } from "./rounds.ts";
import type { Comparison } from "./schema.ts";
import { median, pairedRatio } from "./statistics.ts";
import { karplusStrongOn } from "./workloads/karplus-strong.ts";
import { makeNetwork, tapsAroundPeriod } from "./workloads/networks.ts";
import { makePassive } from "./workloads/passive.ts";

/** What the others are compared with. */
export const YARDSTICK = "mlp-14-64-64-1";
export const COMPARED = ["multitap-84", "passive", "passive-linear"] as const;

/** The strings whose tails are measured. */
export const TAILS = ["passive", "passive-linear", "classic 22-100-1", "karplus-strong"] as const;

/** Level of the faint string (of full scale): its partials fall below the flush, 1e-15, throughout a turn, but not all of it. */
const FAINT = 1e-12;
/** Certified gain of the strings whose tails are measured: a turn is seconds of sound, through which the faint one must ring. */
const TAIL_GAIN = 0.9995;

/** How a comparison with the yardstick is called. */
export function yardstickName(workload: (typeof COMPARED)[number]): string {
  return `${workload} / ${YARDSTICK}`;
}

/** Measure some workloads beside the yardstick. They have proved themselves in the table already. */
export async function compareWithYardstick(
  workloads: readonly Workload[],
  build: Build,
  pace: Pace,
): Promise<Comparison[]> {
  const contestants = new Map<string, Contestant>();
  for (const name of [YARDSTICK, ...COMPARED]) {
    const make = workloads.find((workload) => workload.name === name)?.engines[build];
    if (make) contestants.set(name, await make());
  }
  const rounds = await takeTurns(contestants, pace);
  return COMPARED.flatMap((name) => compare(yardstickName(name), rounds.get(name), rounds.get(YARDSTICK)));
}

/**
 * Measure strings that have died away: at the level where sound is flushed to silence (1e-15), and after a ring-down
 * so long that it would be in the subnormal range, 1e-40, if nothing were flushed.
 */
export async function compareTails(build: Build, pace: Pace): Promise<Comparison[]> {
  const contestants = new Map<string, Contestant>();
  const passives = {
    passive: makePassive({ filters: 3, gain: TAIL_GAIN }),
    "passive-linear": makePassive({ filters: 1, gain: TAIL_GAIN }),
  };
  for (const [name, model] of Object.entries(passives)) {
    const trip = longestDelayOf(model);
    const past = somePast(2 * trip, periodOf(model));
    addTails(contestants, name, build, model, past, tripsTo(1e-40, model.certificate.gain) * trip);
  }
  const network = makeNetwork(tapsAroundPeriod(22), [100], 0);
  addTails(contestants, "classic 22-100-1", build, network, somePast(1100, 534), tripsTo(1e-40, 0.99) * 546);
  const core = newCore(build);
  contestants.set("karplus-strong, struck", karplusStrongOn(core));
  contestants.set("karplus-strong, silent", karplusStrongOn(core, 0.05));
  const rounds = await takeTurns(contestants, pace);
  return TAILS.flatMap((name) => {
    const struck = rounds.get(`${name}, struck`);
    return [
      ...compare(`tail of ${name}: at the flush`, rounds.get(`${name}, faint`), struck),
      ...compare(`tail of ${name}: rung down`, rounds.get(`${name}, silent`), struck),
    ];
  });
}

function compare(name: string, a: Rounds | undefined, b: Rounds | undefined): Comparison[] {
  if (a === undefined || b === undefined) return [];
  const ratio = pairedRatio(a.nsPerSample, b.nsPerSample);
  const [aNsPerSample, bNsPerSample] = [median(a.nsPerSample), median(b.nsPerSample)];
  return [{ name, ratio, aNsPerSample, bNsPerSample, rounds: a.nsPerSample.length }];
}

/** Round trips in which a loop of this gain falls to a level. */
function tripsTo(level: number, gain: number): number {
  return Math.ceil(Math.log(level) / Math.log(gain));
}

/** The same string three times: struck anew each round, barely audible to a computer, rung down. */
function addTails(
  contestants: Map<string, Contestant>,
  name: string,
  build: Build,
  model: ClassicModel | PassiveModel,
  past: Float32Array,
  ringDown: number,
): void {
  const core = newCore(build);
  const at = (level: number) => (string: Resonator) => string.excite(past.map((x) => level * x));
  const string = (level: number) => coreString({ core, model, start: at(level), frames: 0 });
  contestants.set(`${name}, struck`, string(1));
  contestants.set(`${name}, faint`, string(FAINT));
  const { rewind, isSilent, ...rung } = string(1);
  for (let n = 0; n < ringDown; n += QUANTUM) rung.run();
  contestants.set(`${name}, silent`, rung); // and is never struck again
}
