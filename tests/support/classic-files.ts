/** A small classic model's file, whole and changed, for the tests of those who read it. */
import {
  type ClassicHeader,
  classicLayout,
  METADATA_KEY,
  type ModelFile,
  type Tensor,
  writeModelFile,
  writeSafetensors,
} from "@neural-string/shared";

/** A small classic string's description. */
export const small: ClassicHeader = {
  schema: 1,
  kind: "classic",
  name: "A1",
  sampleRate: 8000,
  f0: 1000,
  tapPattern: [{ periodFraction: 1, before: 1, after: 0 }],
  layers: [
    { units: 2, activation: "tanh" },
    { units: 1, activation: "linear" },
  ],
  controls: 1,
  features: [{ kind: "decay", window: 10, mean: null, scale: 0.04 }],
};

/** A model with made-up weights for its header; the second layer has no bias. */
export function modelOf(header: ClassicHeader = small): ModelFile {
  const slots = classicLayout(header, true).filter(({ name }) => name !== "layers.1.bias");
  const tensorOf = ({ shape, size, offset }: (typeof slots)[number]): Tensor => ({
    shape,
    data: Float32Array.from({ length: size }, (_, i) => Math.fround(0.01 * (offset + i) - 0.05)),
  });
  return { header, tensors: new Map(slots.map((slot) => [slot.name, tensorOf(slot)])) };
}

/** The small model's file with another header text or other tensors. */
export function fileWith(change: {
  metadata?: Record<string, string>;
  tensors?: Record<string, Tensor | undefined>;
}) {
  const { header, tensors } = modelOf();
  for (const [name, tensor] of Object.entries(change.tensors ?? {})) {
    if (tensor === undefined) tensors.delete(name);
    else tensors.set(name, tensor);
  }
  return writeSafetensors({
    metadata: change.metadata ?? { [METADATA_KEY]: JSON.stringify(header) },
    tensors,
  });
}

/** The small model's file. */
export const valid = writeModelFile(modelOf());
/** The small model's file with another description. */
export const fileSaying = (header: unknown) =>
  fileWith({ metadata: { [METADATA_KEY]: JSON.stringify(header) } });
