// `pnpm faults`: signals at random moments of trainings of both kinds, of sweeps and of exports; after each it is checked
// that nothing finished is lost and nothing half-written is taken for whole, and that in the end every run has the bits of
// one that was left alone. SIGTERM ends it early, with what it has met (Ctrl-C would reach what it disturbs, too). The other
// faults are in faults.test.ts.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MOST_PROCESSES, programArguments, wholeNumber } from "@neural-string/trainer/program-arguments";
import { succeed } from "../support/cli.ts";
import { disturbExport, disturbTraining, type Tally, timed } from "./moments.ts";
import { prepareVictims, VICTIMS } from "./runs.ts";
import { disturbSweep, prepareSweep } from "./sweeps.ts";

/** Of so many disturbances one is of an export. */
const EXPORT_EVERY = 5;
/** And, of the others, one of a sweep. */
const SWEEP_EVERY = 4;

/** Signals that one training is given at most, before it is left alone. */
const MOST_SIGNALS = 3;

const HELP = `pnpm faults [--moments N] [--seed S] [--jobs J]

Signals at random moments of trainings, sweeps and exports; after each, nothing finished may be lost.
  --moments N  how many (default 200)
  --seed S     the first seed (default 1)
  --jobs J     what is disturbed at once (default 2)
`;
const text = { type: "string" } as const;
const { values } = programArguments(HELP, {
  moments: { ...text, default: "200" },
  seed: { ...text, default: "1" },
  jobs: { ...text, default: "2" },
});
const moments = wholeNumber("--moments", values.moments);
const firstSeed = wholeNumber("--seed", values.seed);
const jobs = wholeNumber("--jobs", values.jobs, MOST_PROCESSES);

const folder = mkdtempSync(join(tmpdir(), "neural-string-faults-"));
const tally: Tally = { moments: 0 };
let failures = 0;
let isStopped = false;
// what is being disturbed is seen to its end, and what has been met is told
process.once("SIGTERM", () => {
  isStopped = true;
});
try {
  await prepareVictims(folder, VICTIMS);
  const times = new Map<string, number>();
  for (const { kind, args } of VICTIMS) {
    times.set(kind, await timed(() => succeed(folder, ...args, "--run-dir", `timed-${kind}`)));
  }
  times.set("sweep", await timed(() => prepareSweep(folder)));
  let next = firstSeed;
  const work = async () => {
    while (tally.moments < moments && !isStopped) {
      process.stderr.write(`  ${tally.moments} moments, ${failures} failures\n`);
      const seed = next++;
      // not in step with what is disturbed besides
      const victim = VICTIMS[Math.floor(seed / 2) % VICTIMS.length];
      try {
        if (seed % EXPORT_EVERY === 0) await disturbExport(folder, victim.kind, seed, tally);
        else if (seed % SWEEP_EVERY === 0)
          await disturbSweep(folder, { whole: times.get("sweep") ?? 5000, seed, most: MOST_SIGNALS }, tally);
        else {
          const whole = times.get(victim.kind) ?? 5000;
          await disturbTraining(folder, victim, { whole, seed, most: MOST_SIGNALS }, tally);
        }
      } catch (error) {
        failures++;
        process.stdout.write(`seed ${seed} (${victim.kind}): ${(error as Error).stack}\n`);
      }
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
} finally {
  if (failures === 0) rmSync(folder, { recursive: true, force: true });
  else process.stdout.write(`the folder stays: ${folder}\n`);
}
const { moments: met, ...kinds } = tally;
const told = Object.entries(kinds).map(([what, times]) => `${what} ${times}`);
process.stdout.write(
  `${met} moments (seeds ${firstSeed} on): ${failures === 0 ? "all as it should be" : `${failures} failures`}; ${told.join(", ")}\n`,
);
process.exitCode = failures === 0 ? 0 : 1;
