/** The filters of a passive string at another pitch or sample rate, for whoever needs them and not their sound. */
import type { Core } from "./core.ts";
import type { PassiveModel } from "./passive-model.ts";
import type { Tuning } from "./passive-tuning.ts";
import { PassiveVoice } from "./passive-voice.ts";

/**
 * Tune a string's loop filters, as a string that plays would.
 * @param core any; nothing of it stays in use
 * @returns [1 + K, N'], certified for the claim at that pitch; the other sizes are `tunedShape`'s
 * @throws RangeError as `tunedShape`
 */
export function tunedTaps(core: Core, model: PassiveModel, tuning: Partial<Tuning>): Float32Array {
  return core.temporarily(() =>
    new PassiveVoice(core, { ...model, excitations: [] }, tuning).loopTaps.slice(),
  );
}
