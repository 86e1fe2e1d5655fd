// `pnpm soak NAME`: one of the long runs, with its figures on the way and a report in the end.
import { cpus } from "node:os";
import { programArguments, refuse } from "@neural-string/trainer/program-arguments";
import { type Report, type Tell, tableOf } from "./figures.ts";

interface Run {
  what: string;
  soak(tell: Tell): Promise<Report>;
}

const RUNS: Record<string, Run> = {
  updates: {
    what: "10,000 updates of each kind of training: tensors and heap",
    soak: async (tell) => (await import("./updates.ts")).soakUpdates(10_000, tell),
  },
  worklet: {
    what: "30 minutes of the audio thread's worklet in Chromium: memory",
    soak: async (tell) => (await import("./worklet.ts")).soakWorklet(1800, tell),
  },
  day: {
    what: "24 hours of one model, plucked every ten minutes: the same bits",
    soak: async (tell) => (await import("./day.ts")).soakDay(86_400, 600, tell),
  },
  notes: {
    what: "10,000 note-ons with random parameters: stuck voices, levels",
    soak: async (tell) => (await import("./notes.ts")).soakNotes(10_000, 1, tell),
  },
};

const HELP = `pnpm soak NAME

A long run, with its figures on the way and a report in the end. NAME:
${Object.entries(RUNS)
  .map(([name, { what }]) => `  ${name.padEnd(8)} ${what}\n`)
  .join("")}`;
const { positionals } = programArguments(HELP, {}, true);
const [name = "nothing", ...more] = positionals;
if (!Object.hasOwn(RUNS, name) || more.length > 0) {
  refuse(`soak: expected one of ${Object.keys(RUNS).join(", ")}, got ${positionals.join(" ") || "nothing"}`);
}
const begun = performance.now();
const { what, rows, broken } = await RUNS[name].soak((line) => void process.stderr.write(`  ${line}\n`));
const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
process.stdout.write(`${what}: ${minutes} minutes on ${cpus()[0]?.model ?? "an unknown machine"}\n`);
process.stdout.write(`${tableOf(rows)}\n`);
for (const sentence of broken) process.stdout.write(`  ${sentence}\n`);
process.stdout.write(broken.length === 0 ? "all holds\n" : `${broken.length} things do not hold\n`);
process.exitCode = broken.length === 0 ? 0 : 1;
