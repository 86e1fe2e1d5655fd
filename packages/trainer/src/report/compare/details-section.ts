/** The runs that are shown in full: players and pictures of the recording that decided, one folded part a run. */

import { playerRow, soundPictures } from "../judged-section.ts";
import { html, type Markup } from "../markup.ts";
import type { ComparedRun } from "./compared-run.ts";
import type { RunDetails } from "./details.ts";

/** Frame them, the best first, which is open. @param best the same runs, in this order */
export function detailsSection(
  runs: readonly ComparedRun[],
  best: readonly ComparedRun[],
  details: ReadonlyMap<string, RunDetails>,
): Markup {
  const shown = best.flatMap((run) => {
    const detail = details.get(run.id);
    return detail === undefined ? [] : [{ run, index: runs.indexOf(run), detail }];
  });
  return html`<section id="details" aria-labelledby="details-title">
<h2 id="details-title">Sound</h2>
${shown.length === 0 && html`<p>No run was judged, so there is nothing to hear.</p>`}
${shown.length < runs.length && html`<p class="aside">Of ${runs.length} runs the ${shown.length === 1 ? "best is" : `${shown.length} best are`} shown in full${shown.length > 1 && ", the best first"}; <code>--details</code> shows more, and each run's own report.html all of it.</p>`}
${shown.map(
  ({ run, index, detail }, i) =>
    html`<details${i === 0 && " open"}><summary><bdi>${run.id}</bdi>${run.outcome && html` <span class="aside">${run.outcome.recording}, EDR ${run.outcome.edr.toFixed(2)} dB</span>`}</summary>
${detail.missing !== null ? html`<p>${detail.missing}</p>` : html`${playerRow(detail.players)}${soundPictures(detail.plots, (what) => `run-${index}-${what}`)}`}
</details>`,
)}
</section>`;
}
