/** The part of the page about what a network was trained on, each of its settings visible in a picture. */
import type { TrainConfig } from "@neural-string/shared";
import type { DataPictures } from "./data-plots.ts";
import { figure, linePlot } from "./figures.ts";
import { html, type Markup } from "./markup.ts";

/** What the network hears beside the taps, by kind; scaled, so that 0 is the recordings' mean. */
const FEATURES: Record<string, string> = {
  decay: "How fast the sound decays, below 0 faster than usual (model.features).",
  energy: "How loud the sound is, beside the recordings' mean (model.features).",
  accumulated_decay: "How far it has decayed, beside a string that decays at the mean rate (model.features).",
};

/** Frame the pictures of the data. */
export function dataSection({ data }: TrainConfig, pictures: DataPictures): Markup {
  return html`<section id="data" aria-labelledby="data-title">
<h2 id="data-title">Data</h2>
<div class="pair">
${figure("Levels", levelsCaption(data, pictures), linePlot("data-levels", "Examples by level"))}
${figure("Signs", signsCaption(data), linePlot("data-balance", "Distribution of targets, and the same mirrored"))}
${figure("Taps of one example", tapsCaption(data), linePlot("data-taps", "Taps of one example as recorded and as trained on"))}
${figure("Recordings", recordingsCaption(pictures), linePlot("data-recordings", "Level of every recording over time"))}
${pictures.features.map(({ kind }, i) => figure(`Feature: ${kind.replaceAll("_", " ")}`, FEATURES[kind] ?? "", linePlot(`data-feature-${i}`, `The feature ${kind} over every recording`)))}
</div>
</section>`;
}

function levelsCaption({ maxFrames }: TrainConfig["data"], { levels }: DataPictures): string {
  const total = (counts: ReadonlyMap<number, number>) => [...counts.values()].reduce((a, b) => a + b, 0);
  const all = total(levels.all);
  if (maxFrames === null)
    return `All ${all} are trained on; data.maxFrames thins them, the fullest bands first.`;
  return `${total(levels.used)} of ${all} are trained on, thinned by level (data.maxFrames = ${maxFrames}).`;
}

function signsCaption({ symmetric }: TrainConfig["data"]): string {
  return symmetric
    ? "Every example is there mirrored as well (data.symmetric), unless the network is odd by itself and has no use for it."
    : "As recorded (data.symmetric is off): where the two lines differ, the network may learn an offset.";
}

function tapsCaption({ inputNoise, sineBursts }: TrainConfig["data"]): string {
  const added = [
    inputNoise > 0 && `noise of ${inputNoise} times their RMS (data.inputNoise)`,
    sineBursts !== null &&
      `in ${(100 * sineBursts.share).toPrecision(2)} % of the examples a sine burst of ${sineBursts.level} times their RMS (data.sineBursts)`,
  ].filter((text) => text !== false);
  return added.length === 0
    ? "Nothing is added to them (data.inputNoise and data.sineBursts are off)."
    : `Added to them, not to the target: ${added.join(", and ")}.`;
}

function recordingsCaption({ recordings }: DataPictures): string {
  const count = (role: string) => recordings.filter((recording) => recording.role === role).length;
  const further = [
    `${count("stability")} for stability (data.stability)`,
    `${count("harmonic")} of natural harmonics (data.harmonics)`,
  ];
  return `${count("recording")} of the string; ${further.join(", ")}.`;
}
