/**
 * Everything the audition shows, from the bytes of a model and of a recording: renders and judges with the code that the
 * trainer judges with, and draws with the code of its reports. Free of the DOM: runs in the page's worker, and in tests.
 */
import { type Core, Resonator } from "@neural-string/core-wasm";
import {
  type Judgement,
  type ModelFile,
  type Recipe,
  type RecordingSource,
  TrainConfigSchema,
  UserError,
} from "@neural-string/shared";
import { resample } from "@neural-string/trainer/audio/resample";
import { judge, plainKarplusStrong, renderAfter } from "@neural-string/trainer/judge";
import { analyseRecording } from "@neural-string/trainer/note/analyse";
import { isPassive } from "@neural-string/trainer/passive-file";
import { playableModel } from "@neural-string/trainer/playable-model";
import { makeString } from "@neural-string/trainer/recipe";
import { filtersSection } from "@neural-string/trainer/report/filters-section";
import {
  failuresSection,
  type JudgedRecording,
  measuresSection,
  picturesSection,
} from "@neural-string/trainer/report/judged-section";
import { type FilterCurves, filterCurves, gainPlot } from "@neural-string/trainer/report/loop-filters";
import { type MixtureWeights, mixturePlots } from "@neural-string/trainer/report/mixture-plots";
import type { HeatMap, LinePlot } from "@neural-string/trainer/report/plots";
import { comparedStretch, soundPlots } from "@neural-string/trainer/report/sound-plots";
import { openModelBytes } from "../audio/open-model.ts";
import { learnedNumbers } from "../learned-numbers.ts";
import { recordingFile } from "../recording-file.ts";
import { equalGains } from "./loudness.ts";
import { partialDecays, spectrogram } from "./sound-pictures.ts";

/**
 * A recording to compare with: a file's bytes, or how to make it. Where the bytes are another writing of the file that a
 * model may have learned from, `sha256` is that file's.
 */
export type Compared = { name: string; bytes: Uint8Array; sha256?: string } | Recipe;

export interface AuditionRequest {
  /** The bytes of a model.safetensors, and what messages call it. */
  model: { name: string; bytes: Uint8Array };
  /** null: the one that its training judged it on. */
  recording: Compared | null;
  /** Seconds to compare at most. */
  seconds: number;
}

/** A sound, and the factor at which it is as loud as the others. */
export interface AuditionSound {
  samples: Float32Array;
  gain: number;
}

export interface Audition {
  judgement: Judgement;
  sampleRate: number;
  sounds: { target: AuditionSound; render: AuditionSound; karplus: AuditionSound };
  /** By the ids in `sections` and on the page. */
  plots: Record<string, LinePlot>;
  heats: Record<string, HeatMap>;
  /** HTML made by the report's own code, everything in it escaped. */
  sections: { failures: string; measures: string; pictures: string; filters: string | null };
  model: ModelCard;
}

/** What a model says of itself. */
export interface ModelCard {
  name: string;
  kind: string;
  f0: number;
  sampleRate: number;
  /** Numbers it has learned. */
  parameters: number;
  provenance: NonNullable<ModelFile["header"]["provenance"]> | null;
}

/**
 * Render, compare, measure and draw.
 * @param fetchRecording gives a packaged recording that the site has, by the name of `recordingFile`
 * @throws UserError with one sentence for a file that cannot be used
 */
export async function audition(
  core: Core,
  request: AuditionRequest,
  fetchRecording: (name: string) => Promise<Uint8Array>,
): Promise<Audition> {
  const file = openModelBytes(request.model.bytes, request.model.name);
  const { sampleRate } = file.header;
  const own = request.recording ? null : judgedOn(file);
  const compared = request.recording ?? (await sourced(own, fetchRecording));
  const recording = await readCompared(core, compared, sampleRate);
  const judged = judge(core, file, recording, {
    skip: own?.skip ?? null,
    seconds: request.seconds,
    seenInTraining: recording.hash !== null && wasTrainedOn(file, recording.hash),
    tune: false,
  });
  const { judgement, target, render, weights } = judged;
  const plain = new Resonator(core, plainKarplusStrong(sampleRate, recording.f0));
  const from = Math.max(judgement.skip, plain.wantedHistory);
  const karplusStrong = renderAfter(plain, recording.samples, from, render.length);
  const sound = { recording: recording.name, sampleRate, target, render, karplusStrong };
  const stretch = comparedStretch(sound, judgement);
  const curves = filterCurvesOf(file);
  const drawn: JudgedRecording = {
    judgement,
    plots: soundPlots(sound, judgement, curves),
    players: null,
    mixture: mixturePlots(stretch, mixtureWeights(file, weights), "judged-0"),
  };
  const samples = [stretch.target, stretch.render, karplusStrong.subarray(0, stretch.target.length)];
  const gains = equalGains(samples, sampleRate);
  const [first, second, third] = samples.map((x, i) => ({ samples: x.slice(), gain: gains[i] }));
  return {
    judgement,
    sampleRate,
    sounds: { target: first, render: second, karplus: third },
    ...pictures(drawn, samples, sampleRate, curves),
    sections: {
      failures: failuresSection([drawn]).text,
      measures: measuresSection([drawn]).text,
      pictures: picturesSection([drawn]).text,
      filters: curves && filtersSection(curves).text,
    },
    model: cardOf(file, request.model.name),
  };
}

/** What a model's training judged it on: the first such recording, and how much of it excited the string. */
function judgedOn({ header }: ModelFile): { source: RecordingSource; skip: number | null } | null {
  const config = TrainConfigSchema.safeParse(header.provenance?.config);
  const source = config.data?.judge.recordings[0];
  return source === undefined ? null : { source, skip: config.data?.judge.skip ?? null };
}

async function sourced(
  own: ReturnType<typeof judgedOn>,
  fetchRecording: (name: string) => Promise<Uint8Array>,
): Promise<Compared> {
  const source = own?.source;
  if (typeof source === "object") return source;
  if (!source?.startsWith("npm:")) {
    throw new UserError(
      "This model names no recording that this site has; open the one to compare it with, too",
    );
  }
  const name = recordingFile(source);
  return { name, bytes: await fetchRecording(name) };
}

interface ReadRecording {
  name: string;
  samples: Float32Array;
  onset: number;
  f0: number;
  /** SHA-256 as a model's provenance has it; null where this page may not compute one. */
  hash: string | null;
}

async function readCompared(core: Core, compared: Compared, sampleRate: number): Promise<ReadRecording> {
  if ("generate" in compared) {
    const made = makeString(core, compared);
    return {
      name: `${compared.generate}-${compared.f0}-seed${compared.seed}`,
      samples: resample(made, compared.sampleRate, sampleRate),
      onset: 0,
      f0: compared.f0,
      hash: await sha256(new Uint8Array(made.buffer as ArrayBuffer)),
    };
  }
  const { name, bytes, sha256: known } = compared;
  const { header, samples } = await analyseRecording(bytes, name, { crop: "all", sampleRate });
  return { name, samples, onset: header.onset, f0: header.f0, hash: known ?? (await sha256(bytes)) };
}

/** Browsers hash on secure pages only. */
async function sha256(bytes: Uint8Array): Promise<string | null> {
  if (!globalThis.crypto?.subtle) return null;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as BufferSource));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function wasTrainedOn(file: ModelFile, hash: string): boolean {
  return file.header.provenance?.recordings?.some(({ sha256 }) => sha256 === hash) ?? false;
}

function filterCurvesOf(file: ModelFile): FilterCurves | null {
  const model = playableModel(file);
  return model.kind === "passive" ? filterCurves(model) : null;
}

function mixtureWeights(file: ModelFile, values: Float32Array): MixtureWeights | undefined {
  if (!isPassive(file) || file.header.mixture === null) return undefined;
  return { hop: file.header.mixture.hop, filters: file.header.filters, values };
}

/** All pictures, by id: those of the report's sections, and the audition's own. */
function pictures(
  { judgement, plots, mixture }: JudgedRecording,
  [target, render, karplus]: readonly Float32Array[],
  sampleRate: number,
  curves: FilterCurves | null,
): Pick<Audition, "plots" | "heats"> {
  const recorded = spectrogram(target, sampleRate);
  const beside = (x: Float32Array) => spectrogram(x, sampleRate, recorded?.loudest)?.map ?? null;
  return {
    plots: present({
      "judged-0-curve": plots?.curve,
      "judged-0-spectrum": plots?.spectrum,
      "judged-0-t60": plots?.t60,
      "judged-0-shares": mixture?.shares,
      "judged-0-level": mixture?.level,
      gains: curves && gainPlot(curves),
      partials: partialDecays(target, render, sampleRate, judgement),
    }),
    heats: present({
      "judged-0-target": plots?.relief?.target,
      "judged-0-render": plots?.relief?.render,
      "judged-0-difference": plots?.relief?.difference,
      "spectrogram-target": recorded?.map,
      "spectrogram-render": beside(render),
      "spectrogram-karplus": beside(karplus),
    }),
  };
}

function present<T>(all: Record<string, T | null | undefined>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, T] => entry[1] !== null && entry[1] !== undefined),
  );
}

function cardOf({ header, tensors }: ModelFile, name: string): ModelCard {
  return {
    name: header.name ?? name,
    kind: header.kind,
    f0: header.f0,
    sampleRate: header.sampleRate,
    parameters: learnedNumbers(tensors),
    provenance: header.provenance ?? null,
  };
}
