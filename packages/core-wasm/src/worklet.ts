/**
 * The AudioWorklet processor: an instrument. Built into one file without imports (build-worklet.ts), for bundlers copy a
 * worklet's file and not what it imports.
 */
import { Instrument } from "./instrument.ts";
import { registerPlayer } from "./register-player.ts";
import { PROCESSOR_NAME, type ToWorklet } from "./worklet-messages.ts";

registerPlayer<ToWorklet>(PROCESSOR_NAME, (module, sampleRate, answer) => {
  return new Instrument(module, sampleRate, answer);
});
