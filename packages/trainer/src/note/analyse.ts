/**
 * From the bytes of a recording to a checked, mono, cropped decay with its f0. Free of node, so that a page can look at
 * a recording as training does; prepare.ts adds files and a cache.
 */
import { decodeAudio, pickChannel } from "../audio/decode.ts";
import { type Analysis, analyseNote, type NoteOptions } from "./analyse-note.ts";

export type { Analysis };

/** What to do with a recording. */
export interface AnalysisOptions extends Omit<NoteOptions, "onset"> {
  /** From 0; default 0. */
  channel?: number;
}

/**
 * Read, check, crop and analyse a recording of one plucked string.
 * @param bytes the whole file, in any format that decode.ts reads
 * @param name what sentences begin with
 * @throws UserError, beginning with the name, for every reason not to use the recording
 */
export async function analyseRecording(
  bytes: Uint8Array,
  name: string,
  options: AnalysisOptions,
): Promise<{ header: Analysis; samples: Float32Array }> {
  const decoded = await decodeAudio(bytes, name);
  const { samples, notes } = pickChannel(decoded, name, options.channel ?? 0);
  return analyseNote(samples, decoded.sampleRate, name, options, notes);
}
