/**
 * The one place that knows which tensors a model has, their shapes, and where each lies when all are laid one after
 * the other. The model file, the checkpoints and the trainer's variables follow it.
 */
import { type ClassicHeader, modelFeatures } from "./model.ts";
import { MIXTURE_METERS, type PassiveHeader } from "./passive-model.ts";
import { tapDelays } from "./tap-pattern.ts";

export interface TensorSlot {
  name: string;
  shape: number[];
  /** Position of its first number when all tensors follow each other. */
  offset: number;
  /** How many numbers it holds. */
  size: number;
}

/** Inputs of a classic string's network: taps, then controls, then features. */
export function countInputs(header: ClassicHeader): number {
  const taps = tapDelays(header.tapPattern, header.sampleRate, header.f0).length;
  return taps + countExtras(header);
}

/** Inputs of a classic string's network that are not taps: controls, then features. */
export function countExtras(header: ClassicHeader): number {
  return header.controls + modelFeatures(header).length;
}

/**
 * List the tensors of a classic string: `layers.i.weight` [out, in] and `layers.i.bias` [out].
 * @param withBias whether layers have biases
 */
export function classicLayout(header: ClassicHeader, withBias: boolean): TensorSlot[] {
  const shapes: { name: string; shape: number[] }[] = [];
  let inputs = countInputs(header);
  header.layers.forEach(({ units }, i) => {
    shapes.push({ name: `layers.${i}.weight`, shape: [units, inputs] });
    if (withBias) shapes.push({ name: `layers.${i}.bias`, shape: [units] });
    inputs = units;
  });
  return layOut(shapes);
}

/**
 * List the tensors of a passive string. Rows of the filters: first the second loop's, then the first loop's.
 * `filters.logDamping` and `.phase` [1 + K, N / 2 + 1], `filters.taps` [1 + K, N], `filters.coupling` [N] where the loops
 * are parallel, `mixture.*` where there is a mixture, `excitations.i` [samples].
 */
export function passiveLayout(header: PassiveHeader): TensorSlot[] {
  const { taps, filters, mixture, controls, excitations } = header;
  const rows = 1 + filters;
  const shapes = [
    { name: "filters.logDamping", shape: [rows, taps / 2 + 1] },
    { name: "filters.phase", shape: [rows, taps / 2 + 1] },
    { name: "filters.taps", shape: [rows, taps] },
  ];
  if (header.parallel) shapes.push({ name: "filters.coupling", shape: [taps] });
  if (mixture !== null) {
    const { hidden } = mixture;
    shapes.push(
      { name: "mixture.hidden.weight", shape: [hidden, MIXTURE_METERS + controls] },
      { name: "mixture.hidden.bias", shape: [hidden] },
      { name: "mixture.output.weight", shape: [filters, hidden] },
      { name: "mixture.output.bias", shape: [filters] },
    );
  }
  excitations.forEach(({ samples }, i) => {
    shapes.push({ name: `excitations.${i}`, shape: [samples] });
  });
  return layOut(shapes);
}

/** Give tensors their places, one after the other. */
export function layOut(shapes: readonly { name: string; shape: number[] }[]): TensorSlot[] {
  let offset = 0;
  return shapes.map(({ name, shape }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const slot = { name, shape, offset, size };
    offset += size;
    return slot;
  });
}
