/**
 * The part of the page about training: the loss, the closed loop that checkpoints are chosen by, and the gap between
 * held-out and training loss.
 */
import type { LogLine } from "@neural-string/shared";
import { figure, linePlot } from "./figures.ts";
import { html, type Markup } from "./markup.ts";
import type { TrainingPlots } from "./training-plots.ts";

/** Frame the plots of training, or say that there is nothing to plot. */
export function trainingSection(plots: TrainingPlots, log: readonly LogLine[]): Markup {
  const { updates, epochs, closedLoop, heldOut } = plots;
  return html`<section id="training" aria-labelledby="training-title">
<h2 id="training-title">Training</h2>
${log.length === 0 && html`<p>The log is empty: the run ended before its first update was written down.</p>`}
${(updates || epochs) && figure("Loss", lossCaption(plots), html`${updates && epochs && lossSwitch()}${linePlot(updates ? "loss-updates" : "loss-epochs", "Training loss")}`)}
<div class="pair">
${closedLoop && figure("Closed loop", bestCaption(plots), linePlot("closed-loop", "Closed-loop score, EDR and EDC over training"))}
${heldOut && figure("Held-out and training loss", gapCaption(plots), linePlot("held-out", "Held-out loss and training loss"))}
</div></section>`;
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
