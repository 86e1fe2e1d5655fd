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
  const list = (values: readonly number[], unit: string) =>
    `${[...new Set(values.map((x) => Number(x.toFixed(1))))].join(", ")} ${unit}`;
  const head = ["from", "loudest second", "last ten", "mean at the end", "tails", "bound", ""];
  const starts = [...new Set(runs.map(({ start }) => start))];
  const rows = starts.map((start) =>
    describeStart(
      start,
      runs.filter((run) => run.start === start),
    ),
  );
  const pitches = list(
    runs.map(({ f0 }) => f0),
    "Hz",
  );
  const rates = list(
    runs.map(({ sampleRate }) => sampleRate),
    "Hz",
  );
  return [
    `  soak ${seconds} s: ${passes ? "passes" : "fails"}; ${runs.length} runs without the guard, at ${pitches}, sample rates ${rates}; the worst from each past:`,
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
