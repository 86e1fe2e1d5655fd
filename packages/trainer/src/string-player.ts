/** A model file made playable, for the commands: at its own pitch, at another, or tuned to what a recording begins with. */
import { type Core, estimatePitch, Resonator, type StringModel } from "@neural-string/core-wasm";
import { type ClassicHeader, type ModelFile, UserError } from "@neural-string/shared";
import { bindPassive, isPassive } from "./passive-file.ts";
import { classicModel } from "./playable-model.ts";

export interface PlayedString {
  resonator: Resonator;
  model: StringModel;
  /** Hz, as it is played. */
  f0: number;
}

/** A string four octaves lower is sixteen times as long, and its filters with it; a longer one takes minutes to tune. */
const MOST_LOWER = 16;

/**
 * Make a model playable.
 * @param f0 Hz; default the model's own
 * @throws UserError for a pitch the model cannot have
 */
export function playString(core: Core, file: ModelFile, f0: number = file.header.f0): PlayedString {
  const lowest = file.header.f0 / MOST_LOWER;
  if (f0 < lowest) {
    throw new UserError(
      `--f0 ${f0}: expected ${lowest.toFixed(2)} Hz or more (four octaves below the model's ${file.header.f0.toFixed(2)} Hz); give a higher one`,
    );
  }
  if (!isPassive(file)) {
    const model = classicModel(file.header as ClassicHeader, file.tensors, f0);
    return { resonator: new Resonator(core, model), model, f0 };
  }
  const model = bindPassive(file);
  try {
    const lowestF0 = Math.min(f0, model.f0 / 2);
    return { resonator: new Resonator(core, model, { f0, lowestF0 }), model, f0 };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`--f0 ${f0}: ${error.message}`);
  }
}

/**
 * Tune a passive string to a recording's first samples; no others are looked at.
 * @param history from the note's onset on
 * @returns the pitch it is played at now, how far that lies from the model's own, and how far from it the history
 *   sounds: for `ExciteOptions.heardCents`, so 0 for parallel planes
 * @throws UserError for a classic string
 */
export function tuneToHistory(
  { resonator, model }: Pick<PlayedString, "resonator" | "model">,
  history: Float32Array,
): { f0: number; cents: number; heardCents: number } {
  if (model.kind !== "passive") {
    throw new UserError("--tune auto: a classic string cannot be tuned; use --f0");
  }
  const { f0, cents, heardCents } = estimatePitch(model, history);
  resonator.detune(cents);
  // how sound divides between parallel planes was learned from pasts heard at the model's own pitch
  return { f0, cents, heardCents: model.coupling.length > 0 ? 0 : heardCents };
}
