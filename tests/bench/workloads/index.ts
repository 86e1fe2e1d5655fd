/** All workloads of the table, in its order. */
import type { Workload } from "../contestant.ts";
import { karplusStrongWorkload } from "./karplus-strong.ts";
import { multiTapWorkloads } from "./multi-tap.ts";
import { networkWorkloads } from "./networks.ts";
import { passiveWorkloads } from "./passive.ts";
import { rolloutWorkload } from "./rollout.ts";

/** @param python interpreter that may have PyTorch */
export function allWorkloads(python: string): Workload[] {
  return [
    ...networkWorkloads(python),
    ...passiveWorkloads(),
    karplusStrongWorkload(),
    ...multiTapWorkloads(),
    rolloutWorkload(),
  ];
}
