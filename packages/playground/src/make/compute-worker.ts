/** A computing worker of a training: does jobs of the work it was set up for, one message each. */
import type { FromComputeWorker, ToComputeWorker } from "./compute-messages.ts";
import { type ComputeKind, type ComputeTask, SET_UP } from "./compute-tasks.ts";

const scope = globalThis as unknown as {
  onmessage: (event: { data: ToComputeWorker }) => void;
  postMessage(message: FromComputeWorker, transfer?: Transferable[]): void;
};

const tasks = new Map<number, ComputeTask<ComputeKind>>();

function handle(message: ToComputeWorker): void {
  const { task } = message;
  switch (message.type) {
    case "setUp": {
      const setUp = SET_UP[message.kind] as (setup: unknown) => ComputeTask<ComputeKind>;
      const made = setUp(message.setup);
      tasks.set(task, made);
      scope.postMessage({ type: "setUp", task, facts: made.facts });
      return;
    }
    case "begin":
      known(task).begin(message.batch as never);
      return;
    case "job": {
      const result = known(task).do(message.job as never);
      scope.postMessage({ type: "result", task, index: message.index, result }, [result.buffer]);
      return;
    }
    case "drop":
      tasks.delete(task);
  }
}

function known(task: number): ComputeTask<ComputeKind> {
  const found = tasks.get(task);
  if (found === undefined) throw new Error(`task ${task}: it was not set up`);
  return found;
}

scope.onmessage = ({ data }) => {
  try {
    handle(data);
  } catch (error) {
    scope.postMessage({ type: "failed", message: error instanceof Error ? error.message : String(error) });
  }
};
scope.postMessage({ type: "ready" });
