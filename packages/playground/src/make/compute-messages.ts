/** What the training worker and its computing workers say to each other. */
import type { ComputeKind, ComputeKinds } from "./compute-tasks.ts";

/** `task` numbers work that is set up: a worker may keep several kinds at a time. */
export type ToComputeWorker =
  | { type: "setUp"; task: number; kind: ComputeKind; setup: ComputeKinds[ComputeKind]["setup"] }
  | { type: "begin"; task: number; batch: ComputeKinds[ComputeKind]["batch"] }
  | { type: "job"; task: number; index: number; job: ComputeKinds[ComputeKind]["job"] }
  | { type: "drop"; task: number };

export type FromComputeWorker =
  /** Its script runs. */
  | { type: "ready" }
  | { type: "setUp"; task: number; facts: ComputeKinds[ComputeKind]["facts"] }
  | { type: "result"; task: number; index: number; result: Float64Array<ArrayBuffer> }
  | { type: "failed"; message: string };
