/** Training states on disk: safetensors with the parameters, the optimiser's state and the counters. */
import {
  parseJsonOrExplain,
  readSafetensors,
  type Tensor,
  UserError,
  writeSafetensors,
} from "@neural-string/shared";
import { z } from "zod";
import type { TrainingState } from "./core/train.ts";
import { readWhole, writeWhole } from "./files.ts";

const KEY = "neural-string-checkpoint";

const CountersSchema = z.strictObject({
  schema: z.literal(1),
  step: z.int().min(0),
  bestStep: z.int().min(0),
  bestScoreDb: z.number(),
  sinceBest: z.int().min(0),
  epochLoss: z.number(),
  epochUpdates: z.int().min(0),
});

/** Write a state, whole or not at all. @throws UserError */
export function writeCheckpoint(
  path: string,
  { parameters, optimizer, roundsLeft: _, ...counters }: TrainingState,
): void {
  const tensors = new Map<string, Tensor>();
  for (const [name, tensor] of parameters) tensors.set(`parameters.${name}`, tensor);
  for (const [name, tensor] of optimizer) tensors.set(`optimizer.${name}`, tensor);
  writeWhole(
    path,
    writeSafetensors({ metadata: { [KEY]: JSON.stringify({ schema: 1, ...counters }) }, tensors }),
  );
}

/** Read a state. @throws UserError where it is missing, damaged or something else */
export function readCheckpoint(path: string): TrainingState {
  const { metadata, tensors } = readSafetensors(readWhole(path, "a checkpoint"), path);
  const text = Object.hasOwn(metadata, KEY) ? metadata[KEY] : undefined;
  if (text === undefined)
    throw new UserError(`${path}: expected a checkpoint of a training run, got another file`);
  const { schema: _, ...counters } = parseJsonOrExplain(CountersSchema, text, path);
  const part = (prefix: string) =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    );
  return { ...counters, parameters: part("parameters."), optimizer: part("optimizer.") };
}
