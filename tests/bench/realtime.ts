/**
 * What an audio thread sees: how long each quantum of 128 samples takes, in percent of the time it may take at 48 kHz.
 * Single quanta, in sequence, as they come: here other work on the machine shows, and so it would in a browser.
 */
import type { Build } from "@neural-string/core-wasm";
import { newCore } from "../support/core-builds.ts";
import { consume, type Workload } from "./contestant.ts";
import { QUANTUM } from "./engines/core-string.ts";
import type { Realtime } from "./schema.ts";
import { percentile } from "./statistics.ts";
import { makeChord, makePassive } from "./workloads/passive.ts";

const SAMPLE_RATE = 48000;
const BUDGET_MS = (1000 * QUANTUM) / SAMPLE_RATE;
const WARM_UP = 400;
/** Quanta after which all voices are plucked anew, in the quantum that is timed. */
const BETWEEN_PLUCKS = 512;

/** How the row is called that a target is about. */
export const MANY_PASSIVE = "passive";
export const MANY = 32;

/** Time quanta. @returns percent of the budget */
function timeQuanta(
  render: () => void,
  quanta: number,
): Pick<Realtime, "medianPercent" | "p99Percent" | "worstPercent"> {
  const percents = new Float64Array(quanta);
  for (let i = 0; i < WARM_UP; i++) render();
  for (let i = 0; i < quanta; i++) {
    const start = performance.now();
    render();
    percents[i] = (100 * (performance.now() - start)) / BUDGET_MS;
  }
  const at = (share: number) => percentile(percents, share);
  return { medianPercent: at(0.5), p99Percent: at(0.99), worstPercent: at(1) };
}

/** Measure one voice of each network, and 1 and 32 voices of the passive strings. */
export async function measureRealtime(
  workloads: readonly Workload[],
  build: Build,
  quanta: number,
): Promise<Realtime[]> {
  const rows: Realtime[] = [];
  for (const { name, engines } of workloads) {
    const voice = name.startsWith("mlp-") ? await engines[build]?.() : undefined;
    if (!voice) continue;
    const times = timeQuanta(() => void voice.run(), quanta);
    rows.push({ what: name, build, voices: 1, quanta, ...times });
  }
  for (const [what, filters] of [
    [MANY_PASSIVE, 3],
    ["passive-linear", 1],
  ] as const) {
    for (const voices of [1, MANY]) {
      const model = makePassive({ filters, sampleRate: SAMPLE_RATE });
      const all = makeChord(newCore(build), model, voices, SAMPLE_RATE);
      const out = new Float32Array(QUANTUM);
      let quantum = 0;
      const times = timeQuanta(() => {
        if (quantum++ % BETWEEN_PLUCKS === 0) all.pluck();
        all.render(out);
        consume(out[QUANTUM - 1]);
      }, quanta);
      if (all.lacksNotes()) throw new Error(`${what}: a note died away within its time; it must ring longer`);
      rows.push({ what, build, voices, quanta, ...times });
    }
  }
  return rows;
}
