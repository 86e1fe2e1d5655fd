/** The worklet's processor: a stage that takes the node's messages and fills its blocks. */
import { registerPlayer } from "@neural-string/core-wasm";
import { Stage } from "./stage.ts";
import { STAGE_PROCESSOR, type ToStage } from "./stage-messages.ts";

registerPlayer<ToStage>(STAGE_PROCESSOR, (module, sampleRate, answer) => {
  return new Stage(module, sampleRate, answer);
});
