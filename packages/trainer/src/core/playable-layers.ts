/** What a classic string has learned, in the form that core-wasm plays. */
import type { ModelLayer } from "@neural-string/core-wasm";
import type { ClassicHeader, Tensor } from "@neural-string/shared";

/** Parameters in the form `core-wasm` plays. */
export function playableLayers(header: ClassicHeader, parameters: ReadonlyMap<string, Tensor>): ModelLayer[] {
  return header.layers.map(({ units, activation }, i) => {
    const weight = parameters.get(`layers.${i}.weight`) as Tensor;
    const bias = parameters.get(`layers.${i}.bias`)?.data ?? null;
    return { inputs: weight.shape[1], units, activation, weight: weight.data, bias };
  });
}
