/** What `pnpm evaluate --soak` says of a string that was left alone. */
import type { PassiveSoak, SoakRun } from "../measure/passive-soak.ts";
import type { SoakVerdict } from "../measure/soak.ts";
import { table } from "../terminal.ts";

/** Lines for a person. @param seconds of each run */
export function describeSoak(soak: SoakVerdict | PassiveSoak, seconds: number): string {
  if ("runs" in soak) return describePassiveSoak(soak);
  const { passes, reasons, loudestSecondDb, lastTenSecondsDb } = soak;
  const levels = `loudest second ${loudestSecondDb.toFixed(1)} dB, last ten ${lastTenSecondsDb.toFixed(1)} dB`;
  return `  soak ${seconds} s: ${passes ? "passes" : `fails: ${reasons.join("; ")}`} (${levels})`;
}

/** A row for each start: the worst over all pitches and sample rates. */
function describePassiveSoak({ passes, reasons, seconds, runs }: PassiveSoak): string {
  const head = [
    "from",
    "loudest second",
    "last ten",
    "mean at the end",
    "tails over g",
    "over the bound",
    "",
  ];
  const starts = [...new Set(runs.map(({ start }) => start))];
  const rows = starts.map((start) =>
    describeStart(
      start,
      runs.filter((run) => run.start === start),
    ),
  );
  const tunings = (of: (run: SoakRun) => number) =>
    `${[...new Set(runs.map((run) => Number(of(run).toFixed(1))))].join(", ")} Hz`;
  const where = `at ${tunings(({ f0 }) => f0)}, sample rates ${tunings(({ sampleRate }) => sampleRate)}`;
  return [
    `  soak ${seconds} s: ${passes ? "passes" : "fails"}; ${runs.length} runs without the guard, ${where}; the worst from each past:`,
    ...table([head, ...rows])
      .split("\n")
      .map((line) => `    ${line}`),
    ...reasons.map((reason) => `  ${reason}`),
  ].join("\n");
}

function describeStart(start: string, runs: readonly SoakRun[]): string[] {
  const most = (of: (run: SoakRun) => number) => Math.max(...runs.map(of));
  const failed = runs.filter(({ passes }) => !passes).length;
  return [
    start,
    `${most(({ loudestSecondDb }) => loudestSecondDb).toFixed(1)} dB`,
    `${most(({ lastTenSecondsDb }) => lastTenSecondsDb).toFixed(1)} dB`,
    most(({ dcEnd }) => Math.abs(dcEnd)).toExponential(1),
    most(({ tails }) => Math.max(tails.y, tails.u)).toExponential(1),
    `${most(({ belowBoundDb }) => belowBoundDb).toFixed(1)} dB`,
    failed === 0 ? "passes" : `fails ${failed} of ${runs.length}`,
  ];
}
