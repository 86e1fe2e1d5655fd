/**
 * Turns what a config names (a file, a file of an installed npm package, a recipe for a generated string) into a
 * recording ready for training or judging.
 */
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import type { Core } from "@neural-string/core-wasm";
import { type Recipe, type RecordingSource, type RunRecording, UserError } from "@neural-string/shared";
import { readRecording } from "./audio/read-recording.ts";
import { resample } from "./audio/resample.ts";
import { prepareRecording } from "./note/prepare.ts";
import { makeString } from "./recipe.ts";

/** A recording, and where it came from. */
export interface SourcedRecording {
  name: string;
  source: RecordingSource;
  sha256: string;
  sampleRate: number;
  samples: Float32Array;
  /** Where samples[0] lies in the file (samples from its start, at `sampleRate`). */
  offset: number;
  /** First sample of the note in `samples`. */
  onset: number;
  /** Hz */
  f0: number;
  /** B, where it could be told. */
  inharmonicity?: number;
  notes: string[];
  licence?: string;
  attribution?: string;
}

export interface SourceOptions {
  channel: number;
  /** Hz; null = the recording's own. */
  sampleRate: number | null;
  /** Hz; null = found in the recording. */
  f0: number | null;
  /** decay: from the onset on; all: the whole file, so that samples count from its start. */
  crop: "decay" | "all";
  /** Where recordings lie here, by how they are named; default: where the name says. */
  located?: ReadonlyMap<string, string>;
}

/** Recordings that come as npm packages, and what their licence asks us to say. */
const PACKAGED = [
  {
    prefix: "npm:@audio-samples/piano-velocity",
    licence: "CC-BY-3.0",
    attribution: "Salamander Grand Piano by Alexander Holm",
  },
];

/**
 * Fetch a recording.
 * @throws UserError, naming the recording, for every reason not to use it
 */
export async function readSource(
  core: Core,
  source: RecordingSource,
  options: SourceOptions,
): Promise<SourcedRecording> {
  if (typeof source !== "string") return fromRecipe(core, source, options);
  const { channel, crop } = options;
  const path = pathOf(source, options.located);
  const prepared = await prepareRecording(path, {
    channel,
    crop,
    sampleRate: options.sampleRate ?? undefined,
    f0: options.f0 ?? undefined,
  });
  return {
    name: prepared.name,
    source,
    sha256: prepared.contentHash,
    sampleRate: prepared.sampleRate,
    samples: prepared.samples,
    offset: prepared.offset,
    onset: prepared.onset - prepared.offset,
    f0: prepared.f0,
    inharmonicity: prepared.inharmonicity,
    notes: prepared.checks,
    ...creditOf(source),
  };
}

/**
 * Fetch a sound that need not be one note of a string: neither cropped nor searched for a pitch, nor refused for how
 * it sounds.
 * @param options.f0 Hz, of the string it is for
 * @throws UserError, naming it, where it cannot be read or holds what is no sound
 */
export async function readSound(
  core: Core,
  source: RecordingSource,
  options: { channel: number; sampleRate: number; f0: number; located?: SourceOptions["located"] },
): Promise<SourcedRecording> {
  const { channel, sampleRate, f0 } = options;
  if (typeof source !== "string") return { ...fromRecipe(core, source, { ...options, crop: "all" }), f0 };
  const path = pathOf(source, options.located);
  const { name, samples, contentHash, notes } = await readRecording(path, {
    channel,
    targetSampleRate: sampleRate,
  });
  return {
    name,
    source,
    sha256: contentHash,
    sampleRate,
    samples,
    offset: 0,
    onset: 0,
    f0,
    notes,
    ...creditOf(source),
  };
}

/** Where a recording's file lies. @throws UserError where its package is not installed */
export function pathOf(source: string, located?: ReadonlyMap<string, string>): string {
  return located?.get(source) ?? (source.startsWith("npm:") ? packagedPath(source) : source);
}

/** What a packaged recording's licence asks us to say. */
function creditOf(source: string): Pick<SourcedRecording, "licence" | "attribution"> {
  const credit = PACKAGED.find(({ prefix }) => source.startsWith(prefix));
  return { licence: credit?.licence, attribution: credit?.attribution };
}

/** Where a file of an installed package lies: npm:@scope/package/path/in/it. @throws UserError where it is not installed */
export function packagedPath(source: string): string {
  const parts = source.slice("npm:".length).split("/");
  const name = parts.splice(0, parts[0].startsWith("@") ? 2 : 1).join("/");
  try {
    const require = createRequire(import.meta.url);
    const folder = (require.resolve.paths(name) ?? []).map((base) => join(base, name));
    const entry = require.resolve(name);
    const root = folder.find((path) => entry.startsWith(path + sep)) ?? packageRoot(entry, name);
    return join(root, ...parts);
  } catch {
    throw new UserError(
      `${source}: the package ${name} is not installed; add it with pnpm add, or name a file`,
    );
  }
}

/** The folder of a package whose entry was found behind a link. */
function packageRoot(entry: string, name: string): string {
  const marker = `${sep}node_modules${sep}${name.split("/").join(sep)}${sep}`;
  const at = entry.lastIndexOf(marker);
  return at < 0 ? dirname(entry) : entry.slice(0, at + marker.length);
}

function fromRecipe(core: Core, recipe: Recipe, options: SourceOptions): SourcedRecording {
  const made = makeString(core, recipe);
  const sampleRate = options.sampleRate ?? recipe.sampleRate;
  const { generate, f0, seed } = recipe;
  return {
    name: `${generate}-${f0}-seed${seed}`,
    source: recipe,
    sha256: createHash("sha256").update(new Uint8Array(made.buffer)).digest("hex"),
    sampleRate,
    samples: resample(made, recipe.sampleRate, sampleRate),
    offset: 0,
    onset: 0,
    f0: options.f0 ?? f0,
    notes: [],
  };
}

/** What the run's record keeps of a recording. */
export function describeRecording(recording: SourcedRecording): RunRecording {
  const { name, source, sha256, sampleRate, f0, samples, notes } = recording;
  return { name, source, sha256, sampleRate, f0, seconds: samples.length / sampleRate, notes };
}
