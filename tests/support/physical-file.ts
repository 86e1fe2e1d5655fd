/** A physical string as a model's file, for pages that read one. */
import type { PassiveModel } from "@neural-string/core-wasm";
import { type PassiveHeader, passiveLayout, type Tensor, writeModelFile } from "@neural-string/shared";

/** @param model as `physicalString` makes it */
export function physicalFile(model: PassiveModel): Uint8Array<ArrayBuffer> {
  const header: PassiveHeader = {
    schema: 1,
    kind: "passive",
    sampleRate: model.sampleRate,
    f0: model.f0,
    taps: model.taps,
    ahead: model.ahead,
    filters: model.filters,
    mixture: model.mixture,
    controls: model.controls,
    inharmonicity: model.inharmonicity,
    certificate: model.certificate,
    excitations: model.excitations.map(({ samples, ...about }) => ({ ...about, samples: samples.length })),
  };
  const data: Record<string, Float32Array> = {
    "filters.logDamping": model.logDamping,
    "filters.phase": model.phase,
    "filters.taps": model.loopTaps,
    "mixture.hidden.weight": model.hiddenWeight,
    "mixture.hidden.bias": model.hiddenBias,
    "mixture.output.weight": model.outputWeight,
    "mixture.output.bias": model.outputBias,
    ...Object.fromEntries(model.excitations.map(({ samples }, i) => [`excitations.${i}`, samples])),
  };
  const tensors = new Map<string, Tensor>(
    passiveLayout(header).map(({ name, shape }) => [name, { shape, data: data[name] }]),
  );
  return new Uint8Array(writeModelFile({ header, tensors }));
}
