/**
 * What the profiler watches, in a process of its own: `node --cpu-prof profiled.ts WORKLOAD FILE.wasm SECONDS`. Only
 * the workload runs, after its string has been set up, so that the samples are the kernels'.
 */
import { readFileSync } from "node:fs";
import { Core } from "@neural-string/core-wasm";
import { type Contestant, consumed } from "./contestant.ts";
import type { PROFILED } from "./profile.ts";
import { makeNetwork, networkOn, PATTERNS } from "./workloads/networks.ts";
import { makePassive, passiveOn } from "./workloads/passive.ts";

const [workload, file, seconds] = process.argv.slice(2);
const core = new Core(readFileSync(file));
const contestants: Record<(typeof PROFILED)[number], () => Contestant> = {
  "mlp-14-64-64-1": () => networkOn(core, makeNetwork(PATTERNS[14], [64, 64])),
  "mlp-84-256-1": () => networkOn(core, makeNetwork(PATTERNS[84], [256])),
  passive: () => passiveOn(core, makePassive({ filters: 3 })),
  "passive-linear": () => passiveOn(core, makePassive({ filters: 1 })),
};
const contestant = contestants[workload as keyof typeof contestants]();
playProfiled(contestant, Number(seconds));
if (Number.isNaN(consumed())) process.exitCode = 1;

/** The profile is of what this calls. */
function playProfiled({ rewind, run, samples }: Contestant, seconds: number): void {
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end) {
    rewind?.();
    // a second of sound, then struck again
    for (let n = 0; n < 44100; n += samples) run();
  }
}
