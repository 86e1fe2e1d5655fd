// `pnpm soak NAME`: one of the long runs, with its figures on the way and a report in the end.
import { cpus } from "node:os";
import { type Report, type Tell, tableOf } from "./figures.ts";

const RUNS: Record<string, (tell: Tell) => Promise<Report>> = {
  // 10,000 updates of each kind of training
  updates: async (tell) => (await import("./updates.ts")).soakUpdates(10_000, tell),
  // 30 minutes of the worklet in Chromium
  worklet: async (tell) => (await import("./worklet.ts")).soakWorklet(1800, tell),
  // 24 hours of one model, plucked every ten minutes
  day: async (tell) => (await import("./day.ts")).soakDay(86_400, 600, tell),
  // 10,000 note-ons
  notes: async (tell) => (await import("./notes.ts")).soakNotes(10_000, 1, tell),
};

const [name, ...more] = process.argv.slice(2);
if (name === undefined || !Object.hasOwn(RUNS, name) || more.length > 0) {
  process.stderr.write(`soak: expected one of ${Object.keys(RUNS).join(", ")}, got ${name ?? "nothing"}\n`);
  process.exit(2);
}
const begun = performance.now();
const { what, rows, broken } = await RUNS[name]((line) => void process.stderr.write(`  ${line}\n`));
const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
process.stdout.write(`${what}: ${minutes} minutes on ${cpus()[0]?.model ?? "an unknown machine"}\n`);
process.stdout.write(`${tableOf(rows)}\n`);
for (const sentence of broken) process.stdout.write(`  ${sentence}\n`);
process.stdout.write(broken.length === 0 ? "all holds\n" : `${broken.length} things do not hold\n`);
process.exitCode = broken.length === 0 ? 0 : 1;
