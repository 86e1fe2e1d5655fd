// A process that runs batches for main.ts, one after the other, and can be ended when one does not end.
import { type Batch, runBatch } from "./batch.ts";
import { watchReservations } from "./reservations.ts";
import type { Target } from "./target.ts";

// before the code under test is read
watchReservations();

const { TARGETS } = (await import(process.argv[2])) as { TARGETS: Target<unknown>[] };

process.on("message", async (batch: Batch) => {
  const target = TARGETS.find(({ name }) => name === batch.target);
  if (target === undefined) throw new Error(`no target ${batch.target}`);
  const { broken, ...cost } = await runBatch(target, batch);
  process.send?.({
    ...cost,
    broken: broken && { reason: broken.reason, bytes: Buffer.from(broken.bytes).toString("base64") },
  });
});
process.send?.("ready");
process.on("disconnect", () => process.exit());
