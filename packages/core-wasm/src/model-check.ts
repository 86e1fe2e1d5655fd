/**
 * Checks the shape of a model that was read elsewhere and posted here, before memory is laid out by what it says: the
 * core's own code trusts sizes. That the filters keep their certificate was verified where the file was read.
 */
import { integer, list, number, record } from "./fields.ts";
import { FEATURE_KINDS, MOST_DELAY, type StringModel } from "./model-file.ts";
import { MOST_PLUCK_PITCH } from "./passive-model.ts";
import { fail, show } from "./safetensors.ts";

/** More than `MOST_DELAY` by what lies around a fraction of the period. */
const MOST_TAP = MOST_DELAY + 4096;

/** @throws ModelFileError, one sentence */
export function checkModel(value: unknown): asserts value is StringModel {
  const model = record(value, "model");
  const { kind } = model;
  if (kind !== "classic" && kind !== "passive") fail("model.kind", '"classic" or "passive"', show(kind));
  const sampleRate = number(model.sampleRate, "model.sampleRate", 1000, 1_000_000);
  const f0 = number(model.f0, "model.f0", 1, sampleRate / 2);
  if (kind === "classic") checkClassic(model);
  else checkPassive(model, sampleRate, f0);
}

function checkClassic(model: Record<string, unknown>): void {
  const { delays } = model;
  if (!(delays instanceof Int32Array) || delays.length === 0)
    fail("model.delays", "an Int32Array of one delay or more", show(delays));
  for (const [i, delay] of delays.entries()) integer(delay, `model.delays.${i}`, 1, MOST_TAP);
  const controls = integer(model.controls, "model.controls", 0, 64);
  const features = list(model.features, "model.features", 0, 16).map((entry, i) => {
    const { kind, window, mean, scale } = record(entry, `model.features.${i}`);
    if (!FEATURE_KINDS.some((known) => known === kind))
      fail(`model.features.${i}.kind`, FEATURE_KINDS.join(", "), show(kind));
    integer(window, `model.features.${i}.window`, 1, 1 << 20);
    if (mean !== null) number(mean, `model.features.${i}.mean`, -1000, 1000);
    return number(scale, `model.features.${i}.scale`, 1e-9, 1e9);
  });
  let inputs = delays.length + controls + features.length;
  for (const [i, entry] of list(model.layers, "model.layers", 1, 64).entries()) {
    const layer = record(entry, `model.layers.${i}`);
    const units = integer(layer.units, `model.layers.${i}.units`, 1, 65536);
    if (!["linear", "tanh", "relu"].includes(layer.activation as string))
      fail(`model.layers.${i}.activation`, "linear, tanh, relu", show(layer.activation));
    integer(layer.inputs, `model.layers.${i}.inputs`, inputs, inputs);
    samples(layer.weight, `model.layers.${i}.weight`, units * inputs);
    if (layer.bias !== null) samples(layer.bias, `model.layers.${i}.bias`, units);
    inputs = units;
  }
  integer(inputs, "model.layers: units of the last", 1, 1);
}

function checkPassive(model: Record<string, unknown>, sampleRate: number, f0: number): void {
  const taps = integer(model.taps, "model.taps", 32, 8192);
  const period = Math.round(sampleRate / f0);
  integer(model.ahead, "model.ahead", 0, Math.min(taps, period) - 1);
  const filters = integer(model.filters, "model.filters", 1, 16);
  if (filters === 1 && model.mixture !== null)
    fail("model.mixture", "null with one filter", show(model.mixture));
  const mixture = filters === 1 ? null : record(model.mixture, "model.mixture");
  const hidden = mixture === null ? 0 : integer(mixture.hidden, "model.mixture.hidden", 1, 1024);
  if (mixture !== null) integer(mixture.hop, "model.mixture.hop", 16, 65536);
  const controls = integer(model.controls, "model.controls", 0, mixture === null ? 0 : 64);
  const { gain } = record(model.certificate, "model.certificate");
  number(gain, "model.certificate.gain", Number.MIN_VALUE, 1 - Number.EPSILON / 2);
  const rows = 1 + filters;
  samples(model.logDamping, "model.logDamping", rows * (taps / 2 + 1));
  samples(model.phase, "model.phase", rows * (taps / 2 + 1));
  samples(model.loopTaps, "model.loopTaps", rows * taps);
  const isCascade = model.coupling instanceof Float32Array && model.coupling.length === 0;
  if (!isCascade) samples(model.coupling, "model.coupling", taps);
  samples(model.hiddenWeight, "model.hiddenWeight", hidden * (2 + controls));
  samples(model.hiddenBias, "model.hiddenBias", hidden);
  samples(model.outputWeight, "model.outputWeight", filters * hidden);
  samples(model.outputBias, "model.outputBias", mixture === null ? 0 : filters);
  for (const [i, entry] of list(model.excitations, "model.excitations", 0, 64).entries()) {
    const excitation = record(entry, `model.excitations.${i}`);
    number(excitation.f0, `model.excitations.${i}.f0`, 1, Math.min(sampleRate / 2, MOST_PLUCK_PITCH * f0));
    number(excitation.level, `model.excitations.${i}.level`, -1000, 1000);
    samples(excitation.samples, `model.excitations.${i}.samples`);
    list(excitation.controls, `model.excitations.${i}.controls`, controls, controls);
  }
}

/** Demand float32 samples. @param length as many; default: one or more */
function samples(value: unknown, field: string, length?: number): void {
  const fits =
    value instanceof Float32Array && (length === undefined ? value.length > 0 : value.length === length);
  const size = length === undefined ? "one number or more" : `${length} numbers`;
  if (!fits)
    fail(field, `${size} (Float32Array)`, value instanceof Float32Array ? `${value.length}` : show(value));
}
