/** The main table: every engine at every workload, in paired rounds, after it has proved itself. */
import { Absent, type Contestant, type Workload } from "./contestant.ts";
import { Disproved, prove } from "./parity.ts";
import { type Pace, type Rounds, takeTurns } from "./rounds.ts";
import { ENGINES, type Engine, type Result } from "./schema.ts";
import { median, pairedRatio } from "./statistics.ts";
import { trainBuildOf } from "./workloads/rollout.ts";

/** Hz that voices are counted at. */
const VOICE_RATE = 48000;

export interface Table {
  results: Result[];
  /** What is not here, one sentence each. */
  skipped: string[];
  /** What sounded wrong, one sentence each. */
  refused: string[];
  /** All rounds' peaks, GMAC/s. */
  peaks: number[];
}

export interface TableOptions {
  workloads: readonly Workload[];
  engines: readonly Engine[];
  /** For each workload. */
  pace: Pace;
  progress: (text: string) => void;
}

/** Measure it. */
export async function measureTable({ workloads, engines, pace, progress }: TableOptions): Promise<Table> {
  const table: Table = { results: [], skipped: [], refused: [], peaks: [] };
  for (const workload of workloads) {
    const entered = new Map<Engine, { contestant: Contestant; parityDb: number }>();
    try {
      for (const engine of ENGINES.filter((name) => engines.includes(name))) {
        const make = workload.engines[engine];
        if (make === undefined) continue;
        progress(`${workload.name}: ${engine} proves itself`);
        await enter(workload, engine, make, entered, table);
      }
      if (entered.size === 0) continue;
      progress(`${workload.name}: rounds`);
      const contestants = new Map([...entered].map(([engine, { contestant }]) => [engine, contestant]));
      const rounds = await takeTurns(contestants, pace);
      for (const [engine, { parityDb }] of entered) {
        const own = rounds.get(engine) as Rounds;
        const parity = { parityDb: Number.isFinite(parityDb) ? parityDb : null };
        table.results.push({ ...resultOf(workload, engine, own, rounds.get("relaxed")), ...parity });
        table.peaks.push(...own.peakGmac);
      }
    } finally {
      for (const { contestant } of entered.values()) contestant.dispose?.();
    }
  }
  return table;
}

/** Make a contestant and let it prove itself; where it cannot, the table says why. */
async function enter(
  workload: Workload,
  engine: Engine,
  make: () => Contestant | Promise<Contestant>,
  entered: Map<Engine, { contestant: Contestant; parityDb: number }>,
  { skipped, refused }: Table,
): Promise<void> {
  let contestant: Contestant | null = null;
  try {
    contestant = await make();
    const what = `${workload.name}, ${engine}`;
    entered.set(engine, { contestant, parityDb: await prove({ ...workload, what }, contestant) });
  } catch (error) {
    contestant?.dispose?.();
    if (error instanceof Disproved) refused.push(error.message);
    else if (!(error instanceof Absent)) throw error;
    else if (!skipped.includes(error.message)) skipped.push(error.message);
  }
}

/** The figures of one engine's rounds. */
function resultOf(
  { name, macPerSample, toleranceDb }: Pick<Workload, "name" | "macPerSample" | "toleranceDb">,
  engine: Engine,
  { nsPerSample, peakGmac }: Rounds,
  relaxed: Rounds | undefined,
): Omit<Result, "parityDb"> {
  const ns = median(nsPerSample);
  const fractions = nsPerSample.map((time, round) => macPerSample / time / peakGmac[round]);
  return {
    ...{ workload: name, engine, binary: binaryOf(name, engine), nsPerSample: ns },
    nsLeast: Math.min(...nsPerSample),
    nsMost: Math.max(...nsPerSample),
    macPerSample,
    gmacPerSecond: macPerSample / ns,
    fmaPeakGmacPerSecond: median(peakGmac),
    fractionOfPeak: macPerSample > 0 ? median(fractions) : null,
    timesRelaxed: relaxed ? pairedRatio(nsPerSample, relaxed.nsPerSample) : null,
    voicesAt48k: Math.floor(1e9 / (ns * VOICE_RATE)),
    rounds: nsPerSample.length,
    toleranceDb,
  };
}

/** Which of our files an engine runs; null for others' engines. */
function binaryOf(workload: Workload["name"], engine: Engine): string | null {
  if (engine !== "relaxed" && engine !== "simd" && engine !== "scalar") return null;
  return workload === "rollout" && engine !== "scalar" ? trainBuildOf(engine) : engine;
}
