/**
 * Brings a string to the pitch of its recordings before its planes are solved for: moved afterwards by half a cent, the
 * beating that was solved for is no longer that of the recordings (docs/LOG.md, 2026-11-25). All phases turn alike,
 * which for so little leaves the gains between the bins as they are; what it does not is then solved for.
 */
import type { Tensor } from "@neural-string/shared";
import { passiveModel, type StringFacts } from "../export.ts";
import type { Play } from "../listen.ts";
import { sharpness } from "../pitch.ts";
import { type Parameters, SPECTRA } from "../variables.ts";

/** The same string in tune. @param recordings at its pitch, from the onset on */
export function inTune(
  parameters: Parameters,
  facts: StringFacts,
  play: Play,
  recordings: readonly Float32Array[],
): Parameters {
  const { sampleRate, f0, taps } = facts.tuning;
  const sharp = sharpness(play, passiveModel(parameters, facts), recordings);
  const later = (sampleRate / f0) * (2 ** (sharp / 1200) - 1);
  const { shape, data } = parameters.get(SPECTRA[1]) as Tensor;
  const turned = data.map((phase, i) => phase - ((2 * Math.PI * (i % shape[1])) / taps) * later);
  return new Map(parameters).set(SPECTRA[1], { shape, data: turned });
}
