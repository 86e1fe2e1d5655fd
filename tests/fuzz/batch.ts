/** One batch of cases, in this process: what broke, made as small as it goes, and what the worst of them cost. */
import { writeFileSync } from "node:fs";
import fc from "fast-check";
import { largestReservation } from "./reservations.ts";
import { checkCase, encodeCase, readCorpus, type Target } from "./target.ts";

/** What a case may cost; cases are some kilobytes. */
const MOST_CPU_MS = 10_000;
const MOST_BYTES = 400 * 2 ** 20;

export interface Batch {
  target: string;
  seed: number;
  cases: number;
  /** A file to write every case to before it runs, so that one that ends the process is known. */
  pending?: string;
}

export interface BatchResult {
  /** Milliseconds of this process's own time that the slowest case took. */
  slowest: number;
  /** Largest resident size so far (MiB). */
  peak: number;
  broken?: { bytes: Uint8Array; reason: string };
}

/** Run a batch. */
export async function runBatch(
  target: Target<unknown>,
  { seed, cases, pending }: Batch,
): Promise<BatchResult> {
  const corpus = [...readCorpus(target).values()];
  let slowest = 0;
  const property = fc.asyncProperty(target.cases(corpus), async (value) => {
    if (pending !== undefined) writeFileSync(pending, encodeCase(target, value));
    const [memory, time] = [process.memoryUsage().arrayBuffers, process.cpuUsage()];
    largestReservation();
    await checkCase(target, value);
    const asked = largestReservation();
    if (asked > MOST_BYTES) throw new Error(`it asked for ${Math.round(asked / 2 ** 20)} MiB at once`);
    const { user, system } = process.cpuUsage(time);
    const took = (user + system) / 1000;
    slowest = Math.max(slowest, took);
    if (took > MOST_CPU_MS) throw new Error(`it took ${(took / 1000).toFixed(1)} s of CPU`);
    const more = process.memoryUsage().arrayBuffers - memory;
    if (more > MOST_BYTES) throw new Error(`it reserved ${Math.round(more / 2 ** 20)} MiB`);
  });
  const result = await fc.check(property, { seed, numRuns: cases });
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  if (!result.failed || result.counterexample === null) return { slowest, peak };
  const error = result.errorInstance;
  const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { slowest, peak, broken: { bytes: encodeCase(target, result.counterexample[0]), reason } };
}
