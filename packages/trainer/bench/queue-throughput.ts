/**
 * How many trials a second the queue layer carries: trials that train nothing go through a real Redis, to workers and
 * back into a journal on the disk, as those of `pnpm sweep --queue` do.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SearchSchema, SpaceSchema, type TrialOutcome } from "@neural-string/shared";
import { programArguments, wholeNumber } from "../src/program-arguments.ts";
import { conduct } from "../src/sweep/conduct.ts";
import { Journal, readJournal } from "../src/sweep/journal.ts";
import { QueuePool } from "../src/sweep/queue/queue-pool.ts";
import { QueueWorker } from "../src/sweep/queue/queue-worker.ts";
import { stagesOf } from "../src/sweep/search.ts";
import { dimensionsOf } from "../src/sweep/space.ts";
import { TrialMaker } from "../src/sweep/trial.ts";

const PORT = 16390;
const WORKERS = 2;
/** Trials that a worker has at once: each waits for Redis most of its time. */
const AT_ONCE = 50;

const HELP = `node packages/trainer/bench/queue-throughput.ts [TRIALS]; needs redis-server

How many trials a second the queue layer carries, of TRIALS (default 10,000) that train nothing.
`;
const { positionals } = programArguments(HELP, {}, true);
const trials = wholeNumber("TRIALS", positionals[0] ?? "10000");
const folder = mkdtempSync(join(tmpdir(), "queue-throughput-"));
const url = `redis://127.0.0.1:${PORT}`;
const server = spawn("redis-server", ["--port", String(PORT), "--bind", "127.0.0.1", "--save", ""], {
  stdio: ["ignore", "pipe", "inherit"],
});
try {
  await new Promise<void>((ready, failed) => {
    server.stdout.on("data", (text) => String(text).includes("Ready to accept") && ready());
    server.on("error", failed);
  });
  await measure();
} finally {
  server.kill();
  rmSync(folder, { recursive: true });
}

async function measure(): Promise<void> {
  const outcome: TrialOutcome = {
    status: "finished",
    step: 1,
    scores: { score: 1, edr: 1, edc: 1, loss: 1 },
    judge: null,
    failures: [],
    seconds: 0,
    worker: "bench",
  };
  const workers = await Promise.all(
    Array.from({ length: WORKERS }, (_, i) =>
      QueueWorker.open({
        url,
        capacity: AT_ONCE,
        folder: join(folder, `worker-${i}`),
        patienceSeconds: 30,
        train: async () => outcome,
        tell: () => {},
      }),
    ),
  );
  const running = workers.map((worker) => worker.run());
  const pool = await QueuePool.open(url, folder);
  const { journal } = Journal.open(join(folder, "journal.jsonl"));
  const over = SpaceSchema.parse({ "training.seed": { from: 0, to: 4e9, whole: true } });
  const search = SearchSchema.parse({ kind: "random" });
  const began = performance.now();
  await conduct({
    name: "bench",
    stages: stagesOf({ dimensions: dimensionsOf(over), search, seed: 1, runs: trials }),
    metric: "score",
    maker: new TrialMaker({ recordings: [{ generate: "ks", f0: 220 }], training: { steps: 1 } }, "bench"),
    journal,
    lines: [],
    executor: pool,
    trials: join(folder, "trials"),
    watcher: { begun: () => {}, step: () => {}, ended: () => {} },
    isOver: () => false,
  });
  const seconds = (performance.now() - began) / 1000;
  const ids = readJournal(join(folder, "journal.jsonl")).lines.flatMap((line) =>
    line.type === "outcome" ? [line.id] : [],
  );
  await pool.close();
  await Promise.all(workers.map((worker) => worker.close()));
  await Promise.all(running);
  if (ids.length !== trials || new Set(ids).size !== trials)
    throw new Error(`expected ${trials} trials once each, got ${ids.length} of ${new Set(ids).size}`);
  process.stdout.write(
    `${trials} trials, ${WORKERS} workers: ${seconds.toFixed(1)} s, ${Math.round(trials / seconds)} a second, each recorded once\n`,
  );
}
