/** Memory over thousands of updates, of both kinds of string: neither tensors nor heap may grow. */

import { chooseBackend } from "@neural-string/trainer/backend";
import * as tf from "@tensorflow/tfjs";
import { tinyPassiveConfig, trainTinyPassive } from "../support/passive-training.ts";
import { tinyConfig, trainTiny } from "../support/training.ts";
import { type Figures, growthOf, inMib, type Report, type Tell, usedBytes } from "./figures.ts";

/** Figures taken on the way. */
const ROWS = 12;
/** Heap: what logs, compiled code and the collector's moods may add (MiB). */
const SPARE_MIB = 3;

/** Train so many updates of each kind. */
export async function soakUpdates(updates: number, tell: Tell): Promise<Report> {
  await chooseBackend("wasm");
  const rows: Figures[] = [];
  const broken: string[] = [];
  for (const kind of ["classic", "passive"] as const) {
    const own: Figures[] = [];
    let next = 0;
    const callbacks = {
      // nothing is kept, or this would be what grows
      onLog: () => {},
      onState: () => {},
      shouldStop: () => {
        if (next++ % Math.ceil(updates / ROWS) === 0) {
          const { numTensors } = tf.memory();
          own.push({ kind, updates: next - 1, tensors: numTensors, "used MiB": inMib(usedBytes()) });
          tell(`${kind} ${next - 1}`);
        }
        return false;
      },
    };
    if (kind === "classic") await trainTiny(tinyConfig({ training: { steps: updates } }), { callbacks });
    else await trainTinyPassive(tinyPassiveConfig({ steps: updates }), { callbacks });
    broken.push(
      ...[...growthOf(own, "tensors", 0), ...growthOf(own, "used MiB", SPARE_MIB)].map(
        (s) => `${kind}: ${s}`,
      ),
    );
    rows.push(...own);
  }
  return { what: `memory over ${updates} updates of a training of each kind`, rows, broken };
}
