/** Training states as bytes: safetensors with the parameters, the optimiser's state and the counters. */
import {
  parseJsonOrExplain,
  readSafetensors,
  type Tensor,
  UserError,
  writeSafetensors,
} from "@neural-string/shared";
import { z } from "zod";
import type { TrainingState } from "./training.ts";

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

/** Write a state down. */
export function encodeCheckpoint({
  parameters,
  optimizer,
  roundsLeft: _,
  ...counters
}: TrainingState): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, Tensor>();
  for (const [name, tensor] of parameters) tensors.set(`parameters.${name}`, tensor);
  for (const [name, tensor] of optimizer) tensors.set(`optimizer.${name}`, tensor);
  return writeSafetensors({ metadata: { [KEY]: JSON.stringify({ schema: 1, ...counters }) }, tensors });
}

/** Read a state. @param where what messages call it @throws UserError where it is damaged or something else */
export function decodeCheckpoint(bytes: Uint8Array, where: string): TrainingState {
  const { metadata, tensors } = readSafetensors(bytes, where);
  const text = Object.hasOwn(metadata, KEY) ? metadata[KEY] : undefined;
  if (text === undefined)
    throw new UserError(`${where}: expected a checkpoint of a training run, got another file`);
  const { schema: _, ...counters } = parseJsonOrExplain(CountersSchema, text, where);
  const part = (prefix: string) =>
    new Map(
      [...tensors]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
    );
  return { ...counters, parameters: part("parameters."), optimizer: part("optimizer.") };
}
