/**
 * Many batches in processes of their own, watched: one that does not answer in time, or dies, is run again case by case,
 * so that the case that did it is known. What broke a promise is kept in the corpus.
 */
import { type ChildProcess, fork } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Batch, BatchResult } from "./batch.ts";
import { CORPUS, LONG_RUN, type Target } from "./target.ts";

const WORKER = fileURLToPath(new URL("./worker.ts", import.meta.url));

/** Cases of one that run in one go. */
const BATCH_CASES = 250;
/** Broken promises after which a target is left. */
const ENOUGH = 8;

export interface CampaignOptions {
  /** URL of the module whose TARGETS these are. */
  module: string;
  seed: number;
  /** Default: each target's own number. */
  cases?: number;
  /** Processes at a time. */
  jobs: number;
  /** Seconds of its own time that a batch may take; where it waits for others, ten times as many by the clock. */
  patience: number;
  /** Folder that broken cases are kept in. */
  corpus?: string;
}

/** What became of a target. */
export interface Outcome {
  name: string;
  cases: number;
  seconds: number;
  /** Milliseconds of CPU of the slowest case; MiB, the largest process. */
  slowest: number;
  peak: number;
  /** Files of the cases that broke the promise, and why. */
  broken: { file: string; reason: string }[];
}

/** Run one target. */
export async function runCampaign(target: Target<unknown>, options: CampaignOptions): Promise<Outcome> {
  const { seed, jobs, patience, corpus = CORPUS } = options;
  const cases = options.cases ?? target.longRun ?? LONG_RUN;
  const started = Date.now();
  const outcome: Outcome = { name: target.name, cases: 0, seconds: 0, slowest: 0, peak: 0, broken: [] };
  const seen = new Set<string>();
  let next = 0;
  const work = async () => {
    const worker = new Worker(options.module, patience);
    while (next * BATCH_CASES < cases && outcome.broken.length < ENOUGH) {
      const batch = {
        target: target.name,
        seed: seed + next,
        cases: Math.min(BATCH_CASES, cases - next * BATCH_CASES),
      };
      next++;
      const result = await worker.run(batch);
      outcome.cases += batch.cases;
      outcome.slowest = Math.max(outcome.slowest, result.slowest);
      outcome.peak = Math.max(outcome.peak, result.peak);
      const kind = result.broken?.reason.split("\n")[0].replaceAll(/[\d.]+/g, "#");
      if (result.broken === undefined || kind === undefined || seen.has(kind)) continue;
      seen.add(kind);
      outcome.broken.push({ file: keep(target, result.broken.bytes, corpus), reason: result.broken.reason });
    }
    worker.end();
  };
  await Promise.all(Array.from({ length: jobs }, work));
  outcome.seconds = (Date.now() - started) / 1000;
  return outcome;
}

/** Keep a case. @returns its file */
function keep({ name, kept }: Target<unknown>, bytes: Uint8Array, corpus: string): string {
  const folder = join(corpus, name);
  mkdirSync(folder, { recursive: true });
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const file = join(folder, `${digest}.${kept === "bytes" ? "bin" : "json"}`);
  writeFileSync(file, bytes);
  return file;
}

/** A process for batches, begun anew where one had to be ended. */
class Worker {
  static #count = 0;
  readonly #module: string;
  readonly #patience: number;
  readonly #pending = join(tmpdir(), `neural-string-fuzz-${process.pid}-${Worker.#count++}`);
  #child: ChildProcess | undefined;

  constructor(module: string, patience: number) {
    this.#module = module;
    this.#patience = patience;
  }

  async run(batch: Batch): Promise<BatchResult> {
    const first = await this.#try(batch);
    if (typeof first !== "string") return first;
    const again = await this.#try({ ...batch, pending: this.#pending });
    if (typeof again !== "string") return { ...again, broken: again.broken ?? unrepeatable(batch, first) };
    const bytes = existsSync(this.#pending) ? readFileSync(this.#pending) : new Uint8Array();
    return { slowest: 0, peak: 0, broken: { bytes, reason: again } };
  }

  /** @returns what came of it, or how it ended instead */
  async #try(batch: Batch): Promise<BatchResult | string> {
    this.#child ??= await this.#start();
    const child = this.#child;
    const result = await new Promise<BatchResult | string>((resolve) => {
      // a machine with much else to do is no case's fault
      const [begun, used] = [Date.now(), cpuSeconds(child.pid)];
      const look = () => {
        const own = cpuSeconds(child.pid) - used;
        const waited = (Date.now() - begun) / 1000;
        if (own >= this.#patience || waited >= 10 * this.#patience)
          resolve(`it did not end within ${this.#patience} s`);
        else timer = setTimeout(look, 1000);
      };
      let timer = setTimeout(look, 1000);
      child.once("message", (message) => {
        clearTimeout(timer);
        const { broken, ...cost } = message as BatchResult & { broken?: { reason: string; bytes: string } };
        const bytes = Buffer.from(broken?.bytes ?? "", "base64");
        resolve({ ...cost, broken: broken && { reason: broken.reason, bytes } });
      });
      child.once("exit", (code, signal) => {
        clearTimeout(timer);
        resolve(`its process ended (${signal ?? code})`);
      });
      child.send(batch);
    });
    child.removeAllListeners();
    if (typeof result === "string") {
      child.kill("SIGKILL");
      this.#child = undefined;
    }
    return result;
  }

  /** Start a process, and wait until it has read its targets: that takes seconds, and is no case's fault. */
  #start(): Promise<ChildProcess> {
    const child = fork(WORKER, [this.#module], { execArgv: ["--max-old-space-size=1024"] });
    return new Promise((resolve, reject) => {
      child.once("message", () => {
        child.removeAllListeners();
        resolve(child);
      });
      child.once("exit", (code) => reject(new Error(`the fuzz worker did not start (${code})`)));
    });
  }

  end(): void {
    this.#child?.disconnect();
    rmSync(this.#pending, { force: true });
  }
}

/** Processor time of a process so far (s); where the system does not tell, the clock's. */
function cpuSeconds(pid = 0): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // user and system, in the hundredths that Linux counts in
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Date.now() / 1000;
  }
}

/** It happened once: what is known of it. */
function unrepeatable(batch: Batch, reason: string): BatchResult["broken"] {
  return {
    bytes: Buffer.from(JSON.stringify(batch)),
    reason: `${reason}, once; seed ${batch.seed} did not repeat it`,
  };
}
