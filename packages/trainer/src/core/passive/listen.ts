/**
 * Hears a passive string that is being trained, as it would be exported: projected, certified, played by the WASM core,
 * from each recording's beginning to its held-out end, and compared there.
 */
import { type Core, type PassiveModel, Resonator } from "@neural-string/core-wasm";
import { closedLoopError, WORST_SCORE } from "../../measure/closed-loop.ts";
import type { Stretch } from "../held-out.ts";
import type { Heard } from "../listen.ts";

/** A recording to be heard. */
export interface HeardRecording {
  samples: Float32Array;
  /** Hz */
  f0: number;
  controls: readonly number[];
}

/**
 * Lets a string go on after the first samples of a recording, as many as it wants, up to sample `end` of it.
 * @returns what it plays, the last sample being `end - 1`; and how many samples of it had to be silenced
 */
export type Play = (
  model: PassiveModel,
  recording: HeardRecording,
  end: number,
) => { render: Float32Array; brokenSamples: number };

/** The way strings are played once they are exported: by the WASM core. */
export function playedBy(core: Core): Play {
  return (model, { samples, f0, controls }, end) =>
    core.temporarily(() => {
      const resonator = new Resonator(core, model, { f0, lowestF0: Math.min(f0, model.f0) });
      for (const [i, value] of controls.entries()) resonator.setControl(i, value);
      const from = resonator.wantedHistory;
      const render = new Float32Array(end - from);
      resonator.excite(samples.subarray(0, from), { removeOffset: true });
      resonator.process(render);
      return { render, brokenSamples: resonator.brokenSamples };
    });
}

/** Play a string through held-out stretches. @returns means over the stretches */
export function hearPassive(
  play: Play,
  model: PassiveModel,
  recordings: readonly HeardRecording[],
  heldOut: readonly Stretch[],
): Heard {
  const errors = heldOut.map(({ recording, start, end }) => {
    const { samples, f0 } = recordings[recording];
    const { render, brokenSamples } = play(model, recordings[recording], end);
    const error = closedLoopError(
      render.subarray(render.length - (end - start)),
      samples.subarray(start), // to the recording's end, which tells its noise
      model.sampleRate,
      f0,
    );
    return brokenSamples > 0 ? { ...error, score: WORST_SCORE } : error;
  });
  const mean = (pick: (error: (typeof errors)[number]) => number) =>
    errors.reduce((sum, error) => sum + pick(error), 0) / errors.length;
  return {
    scoreDb: Math.min(
      WORST_SCORE,
      mean((e) => e.score),
    ),
    edrDb: mean((e) => e.edrDb),
    edcDb: mean((e) => e.edcDb),
    endLevelDb: mean((e) => e.endLevelDb),
    dcEnd: mean((e) => e.dcEnd),
  };
}
