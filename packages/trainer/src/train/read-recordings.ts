/** All that a run reads: what it is trained on, the further files for stability and harmonics, and what judges it. */
import type { Core } from "@neural-string/core-wasm";
import { type RecordingSource, type TrainConfig, UserError } from "@neural-string/shared";
import { median } from "../measure/decay-time.ts";
import { readSound, readSource, type SourcedRecording } from "../sources.ts";
import type { Terminal } from "../terminal.ts";
import type { FurtherRecording } from "./prepared.ts";

/**
 * Read what is trained and judged on; the judges' own pitch and level touch nothing but the judging.
 * @param located where recordings lie here, by how the config names them; default: where it says
 */
export async function readRecordings(
  core: Core,
  config: TrainConfig,
  terminal: Terminal,
  located?: ReadonlyMap<string, string>,
) {
  const { channel, sampleRate, f0 } = config.data;
  const read = async (source: RecordingSource, rate: number | null, crop: "decay" | "all") => {
    const recording = await readSource(core, source, { channel, sampleRate: rate, f0, crop, located });
    for (const note of recording.notes) terminal.warn(note);
    return recording;
  };
  const first = await read(config.recordings[0], sampleRate, "decay");
  const trainedOn = [first];
  for (const source of config.recordings.slice(1))
    trainedOn.push(await read(source, first.sampleRate, "decay"));
  // whole, and at the string's own pitch whatever they sound like
  const f0Of = f0 ?? median(trainedOn.map((recording) => recording.f0));
  const further: FurtherRecording[] = [];
  for (const [role, sources] of [
    ["stability", config.data.stability],
    ["harmonic", config.data.harmonics],
  ] as const) {
    for (const source of sources) {
      const options = { channel, sampleRate: first.sampleRate, f0: f0Of, located };
      const sound = await readSound(core, source, options);
      for (const note of sound.notes) terminal.warn(`${sound.name}: ${note}`);
      further.push({ ...sound, role });
    }
  }
  const judgedOn: SourcedRecording[] = [];
  for (const source of config.judge.recordings) judgedOn.push(await read(source, first.sampleRate, "all"));
  for (const judge of judgedOn) {
    if ([...trainedOn, ...further].some(({ sha256 }) => sha256 === judge.sha256)) {
      throw new UserError(
        `${judge.name}: it is among both the training recordings and the judges; a judge must be unseen: leave it out of one`,
      );
    }
  }
  return { trainedOn, further, judgedOn };
}
