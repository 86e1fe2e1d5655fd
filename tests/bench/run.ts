/** One benchmark run, from beginning to end: everything that is measured, in the order in which it is written down. */
import { type Build, supportedBuilds } from "@neural-string/core-wasm";
import { UserError } from "@neural-string/shared";
import type { Arguments } from "./arguments.ts";
import { COMPARED, compareTails, compareWithYardstick, YARDSTICK } from "./comparisons.ts";
import { measureCurves } from "./curves.ts";
import { torchVersion } from "./engines/torch.ts";
import { describeBinaries, describeMachine, describeVersions } from "./machine.ts";
import { installPeers } from "./peers.ts";
import { profileWorkloads } from "./profile.ts";
import { measureRealtime } from "./realtime.ts";
import { fmaIsFused, type Pace } from "./rounds.ts";
import type { BenchRun, Comparison, Engine, Realtime } from "./schema.ts";
import { median } from "./statistics.ts";
import { measureTable } from "./table.ts";
import { checkTargets } from "./targets.ts";
import { allWorkloads } from "./workloads/index.ts";

/** Engines whose packages are installed on demand. */
const PEERS: readonly Engine[] = ["onnxruntime-web", "onnxruntime-node", "faust"];
/** What is timed in a turn (s): hardly more than a scheduler hands out at once, so that few turns are interrupted. */
const SLICE = 0.004;
/** What a contestant runs before it is timed (s). */
const WARM_UP = 0.2;
/** Shares of the table's seconds that the other parts are given. */
const COMPARISONS_SHARE = 0.12;
const CURVE_SHARE = 0.2;
const PROFILE_SHARE = 0.03;
const QUANTA_PER_SECOND = 40;

/** Who is told what happens. */
export interface Listener {
  say(text: string): void;
  progress(text: string): void;
}

/**
 * Measure.
 * @returns what was measured, and what was refused because it sounded wrong (one sentence each)
 */
export async function measureRun(
  { workloads: names, engines, seconds, curves, profile, cpuProfiles, offline, python }: Arguments,
  listener: Listener,
): Promise<{ run: BenchRun; refused: string[] }> {
  const progress = (text: string) => listener.progress(text);
  const wantsPeers = engines.some((engine) => PEERS.includes(engine));
  const problem = wantsPeers && !offline ? installPeers((text) => listener.say(text)) : null;
  const machine = describeMachine();
  const workloads = allWorkloads(python).filter(({ name }) => names.includes(name));
  const builds = supportedBuilds().filter((build) => engines.includes(build));
  const notHere = (["relaxed", "simd"] as const).filter(
    (build) => engines.includes(build) && !builds.includes(build),
  );
  const here = engines.filter((engine) => !(notHere as readonly Engine[]).includes(engine));
  const fastest: Build | undefined = builds[0];
  // first, because it is the part that can fail: it compiles
  const profileSeconds = Math.max(0.5, seconds * PROFILE_SHARE);
  const profiles =
    profile && fastest ? await profileWorkloads(names, fastest, profileSeconds, cpuProfiles, progress) : [];
  const table = await measureTable({
    ...{ workloads, engines: here, progress },
    pace: paceOf(seconds / Math.max(1, workloads.length)),
  });
  if (table.results.length === 0) {
    const reasons = [...table.refused, ...table.skipped];
    throw new UserError(
      `nothing was measured: ${reasons.join("; ") || "none of the engines has any of the workloads"}`,
    );
  }
  const isComplete = ([YARDSTICK, ...COMPARED] as const).every((name) => names.includes(name));
  const comparisons: Comparison[] = [];
  const realtime: Realtime[] = [];
  if (fastest !== undefined && isComplete) {
    progress("comparisons");
    const pace = paceOf(seconds * COMPARISONS_SHARE);
    comparisons.push(...(await compareWithYardstick(workloads, fastest, pace)));
    progress("tails");
    comparisons.push(...(await compareTails(fastest, pace)));
    progress("quanta in real time");
    const quanta = Math.round(Math.min(5000, Math.max(200, seconds * QUANTA_PER_SECOND)));
    realtime.push(...(await measureRealtime(workloads, fastest, quanta)));
  }
  const vectors = builds.filter((build) => build !== "scalar");
  const vectorBuilds = vectors.length > 0 ? vectors : builds;
  const curvePace = { ...paceOf(seconds * CURVE_SHARE), slice: SLICE / 2, warmUp: WARM_UP / 10 };
  const measured = {
    binaries: describeBinaries(),
    results: table.results,
    comparisons,
    realtime,
  };
  const run: BenchRun = {
    ...{ schema: 1, machine, seconds },
    fmaPeakGmacPerSecond: median(table.peaks),
    fmaIsFused,
    versions: describeVersions(engines.includes("pytorch") ? torchVersion(python) : null),
    ...measured,
    skipped: [
      ...(problem === null ? [] : [problem]),
      ...notHere.map((build) => `${build} is left out: this engine does not know its instructions`),
      ...table.skipped,
    ],
    curves: curves && fastest ? await measureCurves(vectorBuilds, curvePace, progress) : [],
    profiles,
    targets: checkTargets(measured),
  };
  return { run, refused: table.refused };
}

/** How a budget is spent. @param total seconds */
function paceOf(total: number): Pace {
  return {
    total,
    slice: Math.max(SLICE / 2, Math.min(SLICE, total / 100)),
    warmUp: WARM_UP,
    leastRounds: 3,
    mostRounds: 201,
  };
}
