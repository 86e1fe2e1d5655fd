/**
 * What a classic training is given, put together from its config: which recordings are read at which taps, what comes
 * beside the taps, what is added to them, and at which pitch and with which controls each recording is heard.
 */
import { countExtras, lossWindow, modelFeatures, tapDelays, UserError } from "@neural-string/shared";
import { controlValues, type NoteFacts, ONE_NOTE_CENTS } from "./controls.ts";
import { Examples } from "./examples.ts";
import { featureTraces } from "./features.ts";
import { fewestHeard } from "./held-out.ts";
import type { HeardNote } from "./listen.ts";
import { isOdd } from "./mlp.ts";
import type { TrainingOptions } from "./train.ts";

/** List a training's examples. @throws UserError where notes have not equally many taps */
export function createExamples(options: TrainingOptions): Examples {
  const { config, header, core, recordings, further = [] } = options;
  const { data, training, selection, model } = config;
  const { sampleRate, f0 } = header;
  const notes = notesOf(options);
  const own: NoteFacts = { f0, startDb: meanStartDb(notes) };
  const all = [...recordings, ...further];
  const features = modelFeatures(header);
  const { sineBursts } = data;
  return new Examples(core, all, {
    delays: all.map((_, i) => delaysAt(options, notes[i]?.f0 ?? f0)),
    extras: countExtras(header),
    besides:
      countExtras(header) === 0
        ? undefined
        : all.map((samples, i) => [
            ...controlValues(header.controlMeanings ?? [], notes[i] ?? own, f0),
            ...featureTraces(core, samples, features, sampleRate / f0),
          ]),
    mirrored: data.symmetric && !isOdd(header, model.bias),
    inputNoise: data.inputNoise,
    sineBursts: sineBursts && {
      ...sineBursts,
      lowest: sineBursts.lowest / sampleRate,
      highest: (sineBursts.highest ?? sampleRate / 2) / sampleRate,
    },
    batchSize: training.batchSize,
    seed: training.seed,
    stretches: selection.stretches,
    stretchSamples: Math.max(Math.round(selection.seconds * sampleRate), fewestHeard(sampleRate)),
    spared: recordings.length,
    window: lossWindow(training.loss),
    maxFrames: data.maxFrames,
    levelWindow: Math.round(sampleRate / f0),
  });
}

/** At which taps and with which controls each recording is heard. */
export function heardNotes(options: TrainingOptions): HeardNote[] {
  const { header } = options;
  return notesOf(options).map((note) => ({
    f0: note.f0,
    delays: delaysAt(options, note.f0),
    controls: controlValues(header.controlMeanings ?? [], note, header.f0),
  }));
}

/** The recordings' notes; those that count as the string's own have exactly its pitch. */
function notesOf({ config, header, recordings, notes }: TrainingOptions): NoteFacts[] {
  const { f0 } = header;
  return recordings.map((_, i) => {
    const note = notes?.[i] ?? { f0, startDb: 0 };
    const isOther =
      config.data.notes === "several" && Math.abs(1200 * Math.log2(note.f0 / f0)) >= ONE_NOTE_CENTS;
    return { ...note, f0: isOther ? note.f0 : f0 };
  });
}

function meanStartDb(notes: readonly NoteFacts[]): number {
  return notes.reduce((sum, { startDb }) => sum + startDb, 0) / Math.max(1, notes.length);
}

function delaysAt({ config, header }: TrainingOptions, f0: number): Int32Array {
  const { tapPattern, sampleRate } = header;
  const delays = tapDelays(tapPattern, sampleRate, f0);
  const wanted = tapDelays(tapPattern, sampleRate, header.f0).length;
  if (delays.length !== wanted) {
    throw new UserError(
      `data.notes: expected ${wanted} taps for every note, got ${delays.length} at ${f0.toFixed(2)} Hz (delays below 1 sample are dropped); use lower notes, or a tap pattern that ends earlier`,
    );
  }
  if (config.training.rollout !== null && f0 !== header.f0) {
    throw new UserError(
      `training.rollout: expected one note, got another at ${f0.toFixed(2)} Hz; leave training.rollout or the other notes out`,
    );
  }
  return delays;
}
