/**
 * The tfjs backend of a page's worker: plain JavaScript, the smallest there is. What a passive training leaves to tfjs are
 * sums and products of some thousand numbers; all that takes time is in the fused kernels. In float32 it rounds every
 * operation as the wasm backend does.
 */
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";

/** Make it ready. @returns its versions, for a model's provenance. @throws Error where it does not start */
export async function startPlainBackend(): Promise<Record<string, string>> {
  tf.enableProdMode();
  if (!(await tf.setBackend("cpu"))) throw new Error("tfjs: its cpu backend does not start here");
  return { "@tensorflow/tfjs-core": tf.version_core };
}
