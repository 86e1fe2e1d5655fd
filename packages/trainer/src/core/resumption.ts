/**
 * What a page keeps of a training so that it can go on after a reload: where it stands and the best so far, both as the
 * trainer's checkpoints, behind a line of JSON that says of which recordings and with which options.
 */
import { parseJsonOrExplain, UserError } from "@neural-string/shared";
import { z } from "zod";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import type { TrainingState } from "./training.ts";

const HeaderSchema = z.strictObject({
  schema: z.literal(1),
  /** SHA-256 of every recording, in order; empty where the page could not compute one. */
  recordings: z.array(z.string()),
  /** As they were asked for, with the steps that were made of them. */
  options: z.looseObject({ steps: z.int().min(1) }),
  /** Bytes of the two checkpoints that follow. */
  last: z.int().min(0),
  best: z.int().min(0),
});

export interface Resumption {
  recordings: string[];
  /** The page's, whatever they are. */
  options: Record<string, unknown> & { steps: number };
  last: TrainingState;
  best: TrainingState;
}

const WHERE = "the kept training";

/** Write it down: the header's length (uint32, little endian), the header, the checkpoints. */
export function encodeResumption({ recordings, options, last, best }: Resumption): ArrayBuffer {
  const states = [encodeCheckpoint(last), encodeCheckpoint(best)];
  const [lastBytes, bestBytes] = states.map(({ length }) => length);
  const header = new TextEncoder().encode(
    JSON.stringify({ schema: 1, recordings, options, last: lastBytes, best: bestBytes }),
  );
  const all = new Uint8Array(4 + header.length + lastBytes + bestBytes);
  new DataView(all.buffer).setUint32(0, header.length, true);
  all.set(header, 4);
  all.set(states[0], 4 + header.length);
  all.set(states[1], 4 + header.length + lastBytes);
  return all.buffer;
}

/** Read it. @throws UserError where it is damaged or something else */
export function decodeResumption(buffer: ArrayBuffer): Resumption {
  const bytes = new Uint8Array(buffer);
  const damaged = () => new UserError(`${WHERE}: it is damaged; start the training anew`);
  if (bytes.length < 4) throw damaged();
  const start = 4 + new DataView(buffer).getUint32(0, true);
  if (start > bytes.length) throw damaged();
  const header = parseJsonOrExplain(HeaderSchema, new TextDecoder().decode(bytes.subarray(4, start)), WHERE);
  if (start + header.last + header.best !== bytes.length) throw damaged();
  return {
    recordings: header.recordings,
    options: header.options,
    last: decodeCheckpoint(bytes.subarray(start, start + header.last), WHERE),
    best: decodeCheckpoint(bytes.subarray(start + header.last), WHERE),
  };
}
