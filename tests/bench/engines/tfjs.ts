/** tfjs on its WASM backend, through the trainer's own network: a block of windows in, a block of samples out. */
import type { ClassicHeader } from "@neural-string/shared";
import { chooseBackend } from "@neural-string/trainer/backend";
import { TrainableMlp } from "@neural-string/trainer/core/mlp";
import * as tf from "@tensorflow/tfjs";
import { type Contestant, consume } from "../contestant.ts";
import { BLOCK, type NetworkBlock } from "./network-block.ts";

/** Make it ready. */
export async function tfjsNetwork({ model, windows }: NetworkBlock): Promise<Contestant> {
  await chooseBackend("wasm");
  const { sampleRate, f0, tapPattern, controls, layers } = model;
  const header: ClassicHeader = {
    ...{ schema: 1, kind: "classic", sampleRate, f0, tapPattern, controls, features: [] },
    layers: layers.map(({ units, activation }) => ({ units, activation })),
  };
  const parameters = new Map(
    layers.flatMap(({ inputs, units, weight, bias }, i) => [
      [`layers.${i}.weight`, { shape: [units, inputs], data: weight }],
      [`layers.${i}.bias`, { shape: [units], data: bias ?? new Float32Array(units) }],
    ]),
  );
  const network = new TrainableMlp(header, true, parameters as ConstructorParameters<typeof TrainableMlp>[2]);
  const shape: [number, number] = [BLOCK, model.delays.length];
  const predict = () => tf.tidy(() => network.predict(tf.tensor2d(windows, shape)).dataSync());
  return {
    samples: BLOCK,
    run: () => consume(predict()[BLOCK - 1]),
    prove: predict,
    dispose: () => network.dispose(),
  };
}
