/**
 * What a run sounded like, for the few runs of a comparison that are shown in full: the judged recording is read again,
 * the render is the one in the run's folder.
 */
import type { Core } from "@neural-string/core-wasm";
import { type Judgement, UserError } from "@neural-string/shared";
import { decodeWav } from "../../audio/wav.ts";
import { readWhole } from "../../files.ts";
import { RENDER_NAME, type RunFolder } from "../../run-folder.ts";
import { readSource } from "../../sources.ts";
import { type PlayerSounds, playerSounds } from "../player-sound.ts";
import { comparedStretch, type SoundPlots, soundPlots } from "../sound-plots.ts";

/** Sound and pictures of one run, or why there are none. */
export type RunDetails =
  | { judgement: Judgement; plots: SoundPlots; players: PlayerSounds; missing: null }
  | { missing: string };

/**
 * Look closer at how a run came out on the recording that its outcome names.
 * @param seconds of sound in each player
 */
export async function runDetails(
  core: Core,
  folder: RunFolder,
  recording: string,
  seconds: number,
): Promise<RunDetails> {
  const judgements = folder.readJudgements();
  const index = judgements.findIndex((judgement) => judgement.recording === recording);
  const judgement = judgements[index];
  if (judgement?.render == null) return { missing: "No render was kept." };
  // metrics.json may have been edited: no way out of the folder
  if (!RENDER_NAME.test(judgement.render))
    return { missing: `${judgement.render} is no render of this run.` };
  try {
    const file = folder.file(judgement.render);
    const { sampleRate, channels, notes } = decodeWav(readWhole(file, "a run's render"));
    if (notes.length > 0) throw new UserError(`${file}: ${notes[0]}`);
    if (!channels[0].every(Number.isFinite)) {
      throw new UserError(`${file}: expected numbers, got samples that are none; evaluate renders it anew`);
    }
    const target = await judgedSound(core, folder, judgement, index, sampleRate);
    const sound = comparedStretch({ recording, sampleRate, target, render: channels[0] }, judgement);
    return {
      judgement,
      plots: soundPlots(sound, judgement),
      players: playerSounds(sound, seconds),
      missing: null,
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { missing: `Its sound cannot be shown: ${error.message}` };
  }
}

/** The recording from where the render starts. @throws UserError where it is not to be had any more */
async function judgedSound(
  core: Core,
  folder: RunFolder,
  { seenInTraining, skip, recording }: Judgement,
  index: number,
  sampleRate: number,
): Promise<Float32Array> {
  const config = folder.readConfig();
  const source = (seenInTraining === true ? config.recordings : config.judge.recordings)[index];
  if (source === undefined) throw new UserError(`${recording}: the run's config does not name it`);
  const { channel } = config.data;
  const crop = seenInTraining === true ? "decay" : "all";
  const { samples, offset } = await readSource(core, source, {
    channel,
    sampleRate,
    f0: config.data.f0,
    crop,
  });
  return samples.subarray(Math.max(0, skip - offset));
}
