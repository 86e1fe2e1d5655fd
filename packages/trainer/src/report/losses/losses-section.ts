/**
 * The part of the page about the losses of single examples: how they are spread over training, which are the hardest and
 * what they sound like, whether those are always the same, and what they have in common.
 */
import { counted } from "@neural-string/shared/sentence";
import type { LossRecord } from "../../loss-file.ts";
import { figure, linePlot } from "../figures.ts";
import { html, type Markup } from "../markup.ts";
import { type LossPlots, secondsOf } from "./loss-plots.ts";
import { persistenceSentence } from "./persistence.ts";
import { exampleSound, type ShownExample } from "./shown-example.ts";
import { HIGH_QUANTILE, MEASURES, type WorstBy } from "./worst.ts";

const NAMES: Record<WorstBy, string> = {
  mean: "mean",
  max: "largest",
  quantile: `${100 * HIGH_QUANTILE} % quantile`,
};
/** This much more loss near zero crossings than elsewhere (or less) is worth a word. */
const NOTABLE = 1.5;

/** Frame the pictures. */
export function lossesSection(record: LossRecord, plots: LossPlots, worst: readonly ShownExample[]): Markup {
  const { header, rows } = record;
  const { spread, persistence, level, phase, time, held } = plots;
  const count = header.examples.recording.length;
  return html`<section id="losses" aria-labelledby="losses-title">
<h2 id="losses-title">Losses of single examples</h2>
<p>${whatTheyAre(record)}</p>
${rows.length === 0 && html`<p>Training ended before they were evaluated.</p>`}
${spread && figure("Spread over training", `Each column is an evaluation, darker where more of the ${counted(count, "example")} lie; lines are quantiles of it.`, linePlot("losses-spread", "Histogram of the losses of single examples over training, with quantiles"))}
${plots.losses && worst.length > 0 && worstTable(record, plots, worst)}
<div class="pair">
${held && persistence && figure("Persistence", persistenceSentence(held, updatesApart(record)), linePlot("losses-persistence", "Correlation of the order of examples between evaluations"))}
${level && figure("Loss against level", "Mean over the evaluations, of examples by how loud the string is.", linePlot("losses-level", "Loss against level"))}
${phase && figure("Loss against phase", phaseCaption(plots), linePlot("losses-phase", "Loss against phase"))}
${time && figure("Loss against time", "Mean over the evaluations, of examples by where in the note they are.", linePlot("losses-time", "Loss against time in the note"))}
</div>
${rows.length > 0 && held === null && html`<p class="aside">Evaluations or examples are too few to tell whether the same ones stay hard.</p>`}
</section>`;
}

function whatTheyAre({ header, rows }: LossRecord): string {
  const { of, loss, window, sampleRate, examples } = header;
  const count = examples.recording.length;
  const samples =
    window === 1 ? counted(count, "single sample") : `${counted(count, "window")} of ${window} samples`;
  const what =
    of === "samples"
      ? `${samples} of the training data, undisturbed, by the training's own loss (${loss})`
      : `${counted(count, "stretch", "stretches")} of the training data, from each of which the loops ran up to ${(window / sampleRate).toPrecision(2)} s on their own; ${loss} error, weighed as the stage does, so compare levels within a stage only`;
  return `The same at each of ${counted(rows.length, "evaluation")}: ${what}. selection.lossExamples says how many; losses.bin has them all.`;
}

function updatesApart({ rows }: LossRecord): number {
  const last = rows.length - 1;
  return Math.round((rows[last].step - rows[0].step) / Math.max(1, last));
}

function phaseCaption({ zeroCrossings }: LossPlots): string {
  const what = "0 is a zero crossing, beyond ±1.4 lie peaks that stick out of their period.";
  if (zeroCrossings === null) return what;
  const times = zeroCrossings.toPrecision(2);
  if (zeroCrossings >= NOTABLE)
    return `${what} Zero crossings stand out: there the median loss is ${times} times that of the others.`;
  if (zeroCrossings <= 1 / NOTABLE)
    return `${what} Zero crossings are easy: there the median loss is ${times} times that of the others.`;
  return `${what} Zero crossings do not stand out: there the median loss is ${times} times that of the others.`;
}

function worstTable(
  { header }: LossRecord,
  { losses, held }: LossPlots,
  worst: readonly ShownExample[],
): Markup {
  const seconds = secondsOf(header);
  const { recording, levelDb, sample } = header.examples;
  const number = (value: number | undefined) => (value === undefined ? "–" : value.toPrecision(3));
  const row = (shown: ShownExample) => {
    const { example: i, places } = shown;
    const name = header.recordings[recording[i]];
    const rank = (by: WorstBy) =>
      html`<td class="number">${number(losses?.[by][i])}${places[by] !== undefined && html` <span class="chip none">${places[by]}</span>`}</td>`;
    return html`<tr data-mean="${places.mean ?? 0}" data-max="${places.max ?? 0}" data-quantile="${places.quantile ?? 0}">
<th scope="row"><bdi>${name}</bdi><span class="aside">${seconds[i].toFixed(3)} s, sample ${sample[i]}, ${levelDb[i].toFixed(0).replace("-", "−")} dB</span>
<button type="button" class="plays" data-plays aria-pressed="false" aria-label="Play ${name} at ${seconds[i].toFixed(3)} s">Play</button><audio preload="none" src="${exampleSound(shown)}"></audio></th>
${MEASURES.map(rank)}<td class="number">${held === null ? "–" : `${Math.round(100 * held.hardShare[i])} %`}</td>
<td class="picture"><div class="plot" data-plot="losses-worst-${i}" data-label="Recording, render and target of ${name} at ${seconds[i].toFixed(3)} s"></div></td></tr>`;
  };
  return html`<h3>The hardest</h3>
<div class="switch" role="group" aria-label="Hardest by">${MEASURES.map((by) => html`<button type="button" data-worst-by="${by}" aria-pressed="false">by ${NAMES[by]}</button>`)}</div>
<p class="aside">${tableCaption(header.of)}</p>
<div class="scroll" role="region" tabindex="0" aria-label="The hardest examples">
<table class="worst"><caption>${worst.length} of ${counted(sample.length, "example")}</caption>
<thead><tr><th scope="col">Place</th>${MEASURES.map((by) => html`<th scope="col" class="number">Loss, ${NAMES[by]}</th>`)}<th scope="col" class="number">Among the hardest tenth</th><th scope="col">Picture</th></tr></thead>
<tbody>${worst.map(row)}</tbody></table></div>`;
}

function tableCaption(of: LossRecord["header"]["of"]): string {
  const given =
    of === "samples"
      ? "The line is the recording, its dots are the taps; the circles are target and prediction at 0, and the dashed line is what the loop goes on to do."
      : "The line is the recording, all of whose past the string has heard; the dashed line is what it goes on to do.";
  return `Over the evaluations after the first fifth of training; small numbers are places by each measure. ${given} Render and prediction are those of the exported model. Places are played at one loudness.`;
}
