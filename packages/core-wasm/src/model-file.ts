/**
 * Reads a string model (`model.safetensors`) without any dependency, so that a page or a worklet can. What it
 * accepts is what `packages/shared` writes and validates in full; a test holds the two together. Sizes are checked
 * against the file before anything is copied. The classic kind is here, the passive one in `passive-model.ts`.
 */
import { integer, list, number, record } from "./fields.ts";
import { type PassiveModel, readPassive } from "./passive-model.ts";
import { fail, isRecord, parseJson, readTensor, refuseOtherTensors, show, splitFile } from "./safetensors.ts";

export type Activation = "linear" | "tanh" | "relu";

/** Taps around a fraction of the period: base = floor(sampleRate * periodFraction / f0), base-before .. base+after. */
export interface TapPatternEntry {
  periodFraction: number;
  before: number;
  after: number;
}

/** What the string's own decay tells the network: (measure - mean) / scale, see assembly/decay-meter.ts. */
export interface DecayFeature {
  kind: "decay" | "energy" | "accumulated_decay";
  /** Length of each window (samples). */
  window: number;
  /** Mean over the recordings; null where the file does not know it: then it cannot run live. */
  mean: number | null;
  scale: number;
}

export interface ModelLayer {
  inputs: number;
  units: number;
  activation: Activation;
  /** [out, in], units * inputs. */
  weight: Float32Array;
  /** [out], or null for a layer without biases. */
  bias: Float32Array | null;
}

/** A classic string, ready to be played. */
export interface ClassicModel {
  kind: "classic";
  name?: string;
  /** Hz */
  sampleRate: number;
  /** Hz */
  f0: number;
  tapPattern: TapPatternEntry[];
  /** Samples, in the order of the network's inputs. */
  delays: Int32Array;
  controls: number;
  features: DecayFeature[];
  layers: ModelLayer[];
}

export type StringModel = ClassicModel | PassiveModel;

/** Samples. */
export const MOST_DELAY = 1 << 22;
const ACTIVATIONS = ["linear", "tanh", "relu"];
/** In the order of the meter's own numbers. */
export const FEATURE_KINDS = ["decay", "energy", "accumulated_decay"] as const;

/**
 * List a tap pattern's delays, in the order of the network's inputs.
 * @returns samples; those below 1 are dropped
 */
export function tapDelays(pattern: readonly TapPatternEntry[], sampleRate: number, f0: number): Int32Array {
  const delays: number[] = [];
  for (const { periodFraction, before, after } of pattern) {
    const base = Math.floor((sampleRate * periodFraction) / f0);
    for (let delay = base - before; delay <= base + after; delay++) if (delay >= 1) delays.push(delay);
  }
  return Int32Array.from(delays);
}

/**
 * Read a model. A passive string's certificate is verified.
 * @param bytes the whole file
 * @throws ModelFileError with one sentence for anything that is not a model this version can play
 */
export function readModelFile(bytes: Uint8Array): StringModel {
  const { header, body } = splitFile(bytes);
  const meta = parseMeta(header);
  const { kind } = meta;
  if (kind !== "classic" && kind !== "passive") fail("kind", '"classic" or "passive"', show(kind));
  const sampleRate = number(meta.sampleRate, "sampleRate", 1000, 1_000_000);
  const f0 = number(meta.f0, "f0", 1, sampleRate / 2);
  const common = { name: typeof meta.name === "string" ? meta.name : undefined, sampleRate, f0 };
  return kind === "classic"
    ? readClassic(meta, common, header, body)
    : readPassive(meta, common, header, body);
}

/** Read the description in the header. */
function parseMeta(header: Record<string, unknown>): Record<string, unknown> {
  const metadata = header.__metadata__;
  const text = isRecord(metadata) ? metadata["neural-string"] : undefined;
  if (typeof text !== "string") fail('__metadata__["neural-string"]', "a description of the string", "none");
  const meta = parseJson(text, '__metadata__["neural-string"]');
  if (!isRecord(meta)) fail('__metadata__["neural-string"]', "a JSON object", show(meta));
  if (meta.schema !== 1) fail("schema", "1", show(meta.schema));
  return meta;
}

function readClassic(
  meta: Record<string, unknown>,
  common: Pick<ClassicModel, "name" | "sampleRate" | "f0">,
  header: Record<string, unknown>,
  body: Uint8Array,
): ClassicModel {
  const tapPattern = parseTapPattern(meta, common);
  const described = parseLayers(meta);
  const controls = integer(meta.controls, "controls", 0, 64);
  const features = parseFeatures(meta);
  const delays = tapDelays(tapPattern, common.sampleRate, common.f0);
  if (delays.length === 0) fail("tapPattern", "at least one delay of 1 sample or more", "none");
  let inputs = delays.length + controls + features.length;
  const layers = described.map(({ units, activation }, i): ModelLayer => {
    const weight = readTensor(header, body, `layers.${i}.weight`, [units, inputs]);
    const bias = `layers.${i}.bias` in header ? readTensor(header, body, `layers.${i}.bias`, [units]) : null;
    const layer = { inputs, units, activation, weight, bias };
    inputs = units;
    return layer;
  });
  refuseOtherTensors(
    header,
    layers.flatMap((_, i) => [`layers.${i}.weight`, `layers.${i}.bias`]),
    ["only the tensors of its layers", "a tensor no layer uses"],
  );
  return { kind: "classic", ...common, tapPattern, delays, controls, features, layers };
}

function parseTapPattern(
  meta: Record<string, unknown>,
  { sampleRate, f0 }: Pick<ClassicModel, "sampleRate" | "f0">,
): TapPatternEntry[] {
  return list(meta.tapPattern, "tapPattern", 1, 64).map((entry, i): TapPatternEntry => {
    const field = `tapPattern.${i}`;
    const taps = record(entry, field);
    const periodFraction = number(taps.periodFraction, `${field}.periodFraction`, 0, 64);
    if ((sampleRate * periodFraction) / f0 > MOST_DELAY)
      fail(field, `delays up to ${MOST_DELAY}`, "a longer one");
    return {
      periodFraction,
      before: integer(taps.before, `${field}.before`, 0, 4096),
      after: integer(taps.after, `${field}.after`, 0, 4096),
    };
  });
}

function parseLayers(meta: Record<string, unknown>): { units: number; activation: Activation }[] {
  const layers = list(meta.layers, "layers", 1, 64).map((entry, i) => {
    const layer = record(entry, `layers.${i}`);
    const activation = layer.activation as Activation;
    if (!ACTIVATIONS.includes(activation))
      fail(`layers.${i}.activation`, ACTIVATIONS.join(", "), show(activation));
    return { units: integer(layer.units, `layers.${i}.units`, 1, 65536), activation };
  });
  if (layers.at(-1)?.units !== 1) fail("layers", "a last layer of 1 unit", `${layers.at(-1)?.units}`);
  return layers;
}

/** The features, or the origin's one decay feature (window 550 samples, its mean unknown). */
function parseFeatures(meta: Record<string, unknown>): DecayFeature[] {
  if (meta.decayFeature !== undefined && typeof meta.decayFeature !== "boolean") {
    fail("decayFeature", "true or false", show(meta.decayFeature));
  }
  if (meta.features === undefined) {
    return meta.decayFeature === true ? [{ kind: "decay", window: 550, mean: null, scale: 0.04 }] : [];
  }
  return list(meta.features, "features", 0, 16).map((feature, i): DecayFeature => {
    const field = `features.${i}`;
    const kind = FEATURE_KINDS.find((known) => isRecord(feature) && feature.kind === known);
    if (!isRecord(feature) || kind === undefined) fail(field, "a decay feature", "something else");
    return {
      kind,
      window: integer(feature.window, `${field}.window`, 1, 1 << 20),
      mean: feature.mean === null ? null : number(feature.mean, `${field}.mean`, -1000, 1000),
      scale: number(feature.scale, `${field}.scale`, 1e-9, 1e9),
    };
  });
}
