/**
 * What this core is meant to reach, and whether a run reached it. Printed and written down, never a test: the figures
 * are the machine's as much as the code's.
 */
import { TAILS, yardstickName } from "./comparisons.ts";
import { MANY, MANY_PASSIVE } from "./realtime.ts";
import type { BenchRun, Engine, Target, WorkloadName } from "./schema.ts";

type Measured = Pick<BenchRun, "results" | "comparisons" | "realtime" | "binaries">;

const PLAYERS = ["relaxed", "simd", "scalar"];
const MOST_PLAYER_BYTES = 32 * 1024;
const NETWORKS = [
  { workload: "mlp-14-64-64-1", ofPeak: 0.66, overTfjs: 8 },
  { workload: "mlp-22-100-1", ofPeak: 0.62, overTfjs: 12 },
  { workload: "mlp-84-256-1", ofPeak: 0.8, overTfjs: 6 },
] as const;

/** Hold a run against the targets. */
export function checkTargets({ results, comparisons, realtime, binaries }: Measured): Target[] {
  const result = (workload: WorkloadName, engine: Engine) =>
    results.find((row) => row.workload === workload && row.engine === engine);
  const times = (workload: WorkloadName, engine: Engine) => result(workload, engine)?.timesRelaxed;
  const ratio = (name: string) => comparisons.find((row) => row.name === name)?.ratio;
  const tails = comparisons.filter(({ name }) => TAILS.some((tail) => name.startsWith(`tail of ${tail}:`)));
  const many = realtime.find(({ what, voices }) => what === MANY_PASSIVE && voices === MANY);
  const players = binaries.filter(({ name }) => PLAYERS.includes(name)).map(({ bytes }) => bytes);
  return [
    ...NETWORKS.map(({ workload, ofPeak }) =>
      atLeast(
        `${workload}: share of the multiply-add peak`,
        ofPeak,
        result(workload, "relaxed")?.fractionOfPeak,
      ),
    ),
    ...NETWORKS.map(({ workload, overTfjs }) =>
      atLeast(`${workload}: times faster than tfjs wasm`, overTfjs, times(workload, "tfjs-wasm")),
    ),
    ...NETWORKS.map(({ workload }) =>
      above(`${workload}: times faster than onnxruntime-web`, 1, times(workload, "onnxruntime-web")),
    ),
    ...NETWORKS.map(({ workload }) => atMost(`${workload}: simd over relaxed`, 1.4, times(workload, "simd"))),
    atMost("windows of 84 taps over mlp-14-64-64-1", 0.25, ratio(yardstickName("multitap-84"))),
    atMost("passive over mlp-14-64-64-1", 0.25, ratio(yardstickName("passive"))),
    atMost("passive-linear over mlp-14-64-64-1", 0.125, ratio(yardstickName("passive-linear"))),
    atLeast("karplus-strong: times faster than Faust", 5, times("karplus-strong", "faust")),
    atMost(
      "worst tail over its attack",
      1.1,
      tails.length > 0 ? Math.max(...tails.map((row) => row.ratio)) : null,
    ),
    atMost(`p99 of a quantum with ${MANY} passive voices, % of its budget`, 20, many?.p99Percent),
    atMost(
      "largest player build, bytes",
      MOST_PLAYER_BYTES,
      players.length > 0 ? Math.max(...players) : null,
    ),
  ];
}

function atLeast(text: string, least: number, value: number | null | undefined): Target {
  return target(`${text} >= ${least}`, value, (x) => x >= least);
}

function above(text: string, bound: number, value: number | null | undefined): Target {
  return target(`${text} > ${bound}`, value, (x) => x > bound);
}

function atMost(text: string, most: number, value: number | null | undefined): Target {
  return target(`${text} <= ${most}`, value, (x) => x <= most);
}

function target(text: string, value: number | null | undefined, isMet: (value: number) => boolean): Target {
  return { text, value: value ?? null, met: value === null || value === undefined ? null : isMet(value) };
}
