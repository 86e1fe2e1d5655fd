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
    trainedOn.push(refuseRepeated(await read(source, first.sampleRate, "decay"), trainedOn));
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
  for (const source of config.judge.recordings)
    judgedOn.push(refuseRepeated(await read(source, first.sampleRate, "all"), judgedOn));
  for (const judge of judgedOn) {
    if ([...trainedOn, ...further].some(({ sha256 }) => sha256 === judge.sha256)) {
      throw new UserError(
        `${judge.name}: it is among both the training recordings and the judges; a judge must be unseen: leave it out of one`,
      );
    }
  }
  return { trainedOn, further, judgedOn };
}

/** A recording, unless its content is among others of its list, under whatever name: it would only count twice. */
function refuseRepeated(recording: SourcedRecording, others: readonly SourcedRecording[]): SourcedRecording {
  const same = others.find(({ sha256 }) => sha256 === recording.sha256);
  if (same === undefined) return recording;
  const other = same.name === recording.name ? "" : `, as ${same.name} too`;
  throw new UserError(
    `${recording.name}: it is given twice${other}; expected every recording once; leave one out`,
  );
}
