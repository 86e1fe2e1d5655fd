/** `pnpm sweep worker`: trains trials that sweeps have put into a queue, until it is told to end. */
import { join } from "node:path";
import { cacheFolder } from "../audio/cache.ts";
import { ensureFolder } from "../files.ts";
import { defaultWorkers, LocalPool } from "../sweep/local-pool.ts";
import { placeOf } from "../sweep/queue/connection.ts";
import { type QueueEvent, QueueWorker } from "../sweep/queue/queue-worker.ts";
import { line, type Terminal } from "../terminal.ts";
import { Interruption } from "../train/interruption.ts";

export interface SweepWorkerCommand {
  queue: string;
  /** Trials at once; default: as many as the machine runs at once. */
  workers?: number;
  /** Where recordings are kept, and runs until they are sent. */
  folder?: string;
  patienceSeconds: number;
}

/** Work. @returns the exit code: 130 where the user ended it */
export async function sweepWorker(request: SweepWorkerCommand, terminal: Terminal): Promise<number> {
  const folder = request.folder ?? join(cacheFolder(), "sweep-worker");
  ensureFolder(folder);
  const workers = request.workers ?? defaultWorkers("classic");
  const pool = new LocalPool({ workers });
  const worker = await QueueWorker.open({
    url: request.queue,
    capacity: workers,
    folder,
    patienceSeconds: request.patienceSeconds,
    tell: (event) => {
      terminal.say(line(inWords(event)));
      terminal.emit(event);
    },
    train: async (job, into, located, onStep) => (await pool.run(job, into, onStep, located)).outcome,
  });
  const interruption = new Interruption(
    terminal,
    "stopping: what is training goes back to the queue (Ctrl-C again to kill)",
  );
  interruption.onAsked = () => {
    pool.stop();
    void worker.close();
  };
  terminal.say(
    `worker of ${line(placeOf(request.queue))}: ${workers} trials at once, process ${process.pid}`,
  );
  terminal.emit({ type: "worker", queue: placeOf(request.queue), workers, pid: process.pid });
  try {
    await worker.run();
  } finally {
    interruption.dispose();
    await pool.close();
  }
  return interruption.asked ? 130 : 0;
}

function inWords(event: QueueEvent): string {
  if (event.type === "refused") return `refused: ${event.reason}`;
  const trial = `trial ${event.number} of ${event.sweep}`;
  return event.type === "taken"
    ? `${trial}: taken`
    : `${trial}: ${event.status} after ${Math.round(event.seconds)} s`;
}
