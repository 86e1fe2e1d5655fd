/** The table of runs, and the plots that draw the chosen ones together. */
import { TOLD_QUANTILES } from "../losses/quantiles.ts";
import { breakable, html, type Markup } from "../markup.ts";
import { statusTone } from "../verdict.ts";
import type { ComparedRun } from "./compared-run.ts";

/** Measures of the table: heading, and the number to sort by. */
const MEASURES: [string, (run: ComparedRun) => number | null | undefined][] = [
  ["EDR, dB", ({ outcome }) => outcome?.edr],
  ["LSD, dB", ({ outcome }) => outcome?.lsd],
  ["EDC, dB", ({ outcome }) => outcome?.edc],
  ["Partials, dB", ({ outcome }) => outcome?.partials],
  ["Pitch, cents", ({ outcome }) => outcome?.cents],
];

/** Runs that are drawn at most: more lines in one picture cannot be told apart. */
export const MOST_DRAWN = 12;

/** All runs, with the settings in which they differ beside their names. @param paths of those settings */
export function runsSection(runs: readonly ComparedRun[], paths: readonly string[]): Markup {
  return html`<section id="runs" aria-labelledby="runs-title">
<h2 id="runs-title">Runs</h2>
<p class="aside">Measured on the recording that came out worst, an unseen one where there was any. ${
    paths.length === 0 ? "All settings are alike." : "Beside the name: the settings that differ."
  } A heading sorts; the boxes choose what is drawn below.</p>
<p class="tools"><label>Find <input type="search" id="find" placeholder="name, setting, failure"></label> <button type="button" id="none">Draw none</button> <span id="count" role="status" class="aside"></span>${runs.length > MOST_DRAWN && html` <span class="aside">${MOST_DRAWN} at most are drawn; the latest ticked stay.</span>`}</p>
<div class="scroll tall" role="region" tabindex="0" aria-label="All runs">
<table class="compared" id="table"><thead><tr><th scope="col">Draw</th>${heading("Run", "")}${paths.map((path) => heading(path, "setting"))}${heading("Status", "")}${heading("Updates", "number")}${MEASURES.map(([name]) => heading(name, "number"))}</tr></thead>
<tbody>${runs.map((run) => row(run, paths))}</tbody></table></div>
</section>`;
}

/** Where the curves of the chosen runs are drawn, and how. */
export function controlsSection(): Markup {
  const box = (id: string, label: string, on = false) =>
    html`<label><input type="checkbox" id="${id}"${on && " checked"}> ${label}</label> `;
  return html`<section id="loss" aria-labelledby="loss-title">
<h2 id="loss-title">Loss</h2>
<p class="tools"><label>Smoothing <input type="range" id="smoothing" min="0" max="0.99" step="0.01" value="0.6"></label> ${box("log-x", "logarithmic updates")}${box("log-y", "logarithmic loss", true)}${box("band", "lowest to highest of a batch, of the first chosen", true)}</p>
<figure class="picture"><figcaption><strong>Loss per update</strong> <span class="aside">Runs of different batch sizes compare here only.</span></figcaption><div class="plot" id="plot-updates" data-label="Loss per update of the chosen runs"></div></figure>
<figure class="picture"><figcaption><strong>Loss per epoch</strong> <span class="aside" id="epochs-note"></span></figcaption><div class="plot" id="plot-epochs" data-label="Loss per epoch of the chosen runs"></div></figure>
</section>
<section id="closed" aria-labelledby="closed-title">
<h2 id="closed-title">Closed loop over training</h2>
<p class="tools"><label>Measure <select id="measure"><option value="score">score</option><option value="edr">EDR</option><option value="edc">EDC</option></select></label> <span class="aside">Heard on held-out stretches of the training recordings; checkpoints are chosen by the score.</span></p>
<figure class="picture"><div class="plot" id="plot-closed" data-label="Closed loop of the chosen runs over training"></div></figure>
</section>
<section id="examples" aria-labelledby="examples-title">
<h2 id="examples-title">Losses of single examples</h2>
<p class="tools"><label>Quantile <select id="quantile">${TOLD_QUANTILES.map((q, i) => html`<option value="${i}"${q === 0.5 && " selected"}>${q === 0.5 ? "median" : `${100 * q} %`}</option>`)}</select></label> <span class="aside" id="examples-note"></span></p>
<figure class="picture"><div class="plot" id="plot-examples" data-label="Quantile of the losses of single examples of the chosen runs over training"></div></figure>
</section>`;
}

function heading(name: string, kind: string): Markup {
  return html`<th scope="col" class="${kind}" aria-sort="none"><button type="button" class="sorter">${breakable(name)}</button></th>`;
}

function row(run: ComparedRun, paths: readonly string[]): Markup {
  const { id, status, steps, tone, sentence, settings } = run;
  return html`<tr data-run="${id}"><td><input type="checkbox" class="draw" aria-label="Draw ${id}"><span class="swatch"></span></td>
<th scope="row" data-sort="${id}"><bdi>${id}</bdi><span class="aside outcome ${tone}">${sentence}</span></th>
${paths.map((path) => setting(settings.get(path)))}
<td data-sort="${status}"><span class="chip ${statusTone(status)}">${status}</span></td>
<td class="number" data-sort="${steps}">${steps}</td>
${MEASURES.map(([, of]) => measure(of(run)))}</tr>`;
}

function measure(value: number | null | undefined): Markup {
  if (value === null || value === undefined) return html`<td class="number" data-sort="">–</td>`;
  return html`<td class="number" data-sort="${value}">${value.toFixed(2)}</td>`;
}

function setting(json: string | undefined): Markup {
  if (json === undefined) return html`<td data-sort="">–</td>`;
  const text = json.replace(/^"(.*)"$/, "$1");
  const isLong = text.length > 40;
  return html`<td data-sort="${text}"${isLong && html` title="${text}"`}>${isLong ? `${text.slice(0, 39)}…` : text}</td>`;
}
