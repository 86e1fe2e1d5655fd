/**
 * The part of the page about training: the loss, the closed loop that checkpoints are chosen by, the gap between
 * held-out and training loss, and how each stage ended.
 */
import type { LogLine } from "@neural-string/shared";
import { figure, linePlot } from "./figures.ts";
import { html, type Markup } from "./markup.ts";
import type { Stage } from "./stages.ts";
import type { TrainingPlots } from "./training-plots.ts";

/** Frame the plots of training, or say that there is nothing to plot. */
export function trainingSection(plots: TrainingPlots, log: readonly LogLine[]): Markup {
  const { updates, parts, epochs, closedLoop, heldOut, stages } = plots;
  return html`<section id="training" aria-labelledby="training-title">
<h2 id="training-title">Training</h2>
${log.length === 0 && html`<p>The log is empty: the run ended before its first update was written down.</p>`}
${(updates || epochs) && figure("Loss", lossCaption(plots), html`${updates && epochs && lossSwitch()}${linePlot(updates ? "loss-updates" : "loss-epochs", "Training loss")}`)}
<div class="pair">
${parts && figure("Parts of the loss", "Weighted as they enter it; where one ends, its stage had none of it.", linePlot("loss-parts", "Parts of the training loss"))}
${closedLoop && figure("Closed loop", bestCaption(plots), linePlot("closed-loop", "Closed-loop score, EDR and EDC over training"))}
${heldOut && figure("Held-out and training loss", gapCaption(plots), linePlot("held-out", "Held-out loss and training loss"))}
</div>
${stages.length > 0 && stageTable(stages)}
</section>`;
}

/** How each stage ended. */
function stageTable(stages: readonly Stage[]): Markup {
  const parts = [...new Set(stages.flatMap((stage) => Object.keys(stage.parts)))];
  // a loss of exactly 0 is one that its stage did without
  const number = (value: number | null | undefined) =>
    !value ? "–" : value.toPrecision(3).replaceAll("-", "−");
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Stages of training">
<table class="stages"><caption>Stages</caption>
<thead><tr><th scope="col" class="number">No.</th><th scope="col">Stage</th><th scope="col" class="number">Filters</th><th scope="col" class="number">Rollout,\u00a0s</th><th scope="col" class="number">Batch</th><th scope="col" class="number">Updates</th><th scope="col" class="number">Loss</th>${parts.map(
    (name) => html`<th scope="col" class="number">${name.charAt(0).toUpperCase() + name.slice(1)}</th>`,
  )}<th scope="col" class="number">Closed loop,\u00a0dB</th></tr></thead>
<tbody>${stages.map(
    (stage, i) =>
      html`<tr><th scope="row" class="number">${i + 1}</th><td>${stage.name}</td><td class="number">${stage.filters}</td><td class="number">${number(stage.seconds)}</td><td class="number">${stage.batchSize}</td><td class="number">${stepsOf(stage)}</td><td class="number">${number(stage.loss)}</td>${parts.map(
        (name) => html`<td class="number">${number(stage.parts[name])}</td>`,
      )}<td class="number">${stage.scoreDb === null ? "–" : stage.scoreDb.toFixed(1)}</td></tr>`,
  )}</tbody></table></div>
<p class="aside">Losses are means over the last tenth of each stage. Stages weigh them differently, over rollouts of different lengths: compare the closed-loop scores instead.</p>`;
}

function stepsOf({ steps, stepsDone }: Stage): string {
  return stepsDone < steps ? `${stepsDone} of ${steps}` : String(stepsDone);
}

function lossSwitch(): Markup {
  return html`<div class="switch" role="group" aria-label="Loss per">
<button type="button" data-shows="loss-updates" aria-pressed="true">per update</button>
<button type="button" data-shows="loss-epochs" aria-pressed="false">per epoch</button></div>`;
}

function lossCaption({ updates }: TrainingPlots): string {
  return updates
    ? "Mean of the updates between two log lines; the band reaches from the lowest to the highest of them."
    : "Mean of each pass over the data.";
}

function bestCaption({ best }: TrainingPlots): string {
  const what = "What the loop does on its own on held-out stretches of the training recordings.";
  if (best === null) return `${what} No evaluation was kept as the best.`;
  const { step, scoreDb, edrDb, edcDb, endLevelDb, dcEnd } = best;
  const level = `${Math.abs(endLevelDb).toFixed(1)} dB ${endLevelDb < 0 ? "quieter" : "louder"}`;
  return (
    `${what} Best at update ${step}: score ${scoreDb.toFixed(1)}, EDR ${edrDb.toFixed(1)}, EDC ${edcDb.toFixed(1)} dB; ` +
    `it ended ${level} than the recording, offset ${dcEnd.toExponential(1).replaceAll("-", "−")} of the start.`
  );
}

function gapCaption({ gap, best }: TrainingPlots): string {
  const what = "One-step prediction; training loss is the mean since the evaluation before.";
  if (gap === null) return what;
  const where = best === null ? "the last evaluation" : "the best one";
  return `${what} At ${where} held out is ${gap.toFixed(2)} times training.`;
}
