/**
 * A page of many runs side by side: how each came out, in which settings they differ, their losses and closed loops in
 * one picture, and for the chosen few what they sound like. `pnpm report` writes it; one file, no network.
 */
import { counted } from "@neural-string/shared/sentence";
import { html, type Markup, scriptJson } from "../markup.ts";
import { pageEnd, pageHead } from "../page-shell.ts";
import type { HeatMap, LinePlot } from "../plots.ts";
import type { ComparedRun } from "./compared-run.ts";
import { differingSettings } from "./compared-run.ts";
import type { RunDetails } from "./details.ts";
import { detailsSection } from "./details-section.ts";
import { controlsSection, MOST_DRAWN, runsSection } from "./runs-section.ts";
import { shortIds, shortSettings } from "./short-settings.ts";

const SCRIPTS = ["line-plots.js", "heat-maps.js", "page.js", "compare-table.js", "compare.js"];
/** Runs drawn when the page opens: as many as have a colour of their own. */
const FIRST_DRAWN = 6;

export interface ComparisonInput {
  /** In the order of the table. */
  runs: readonly ComparedRun[];
  /** By the run's id, of those that are shown in full. */
  details: ReadonlyMap<string, RunDetails>;
  /** Sentences about runs that were left out. */
  notes: readonly string[];
}

/**
 * Write the page.
 * @returns UTF-8 text; some 20 kB a run, and about 2 MB for each that is shown in full
 */
export function renderComparison({ runs, details, notes }: ComparisonInput): string {
  const paths = differingSettings(runs);
  const drawn = bestFirst(runs)
    .slice(0, FIRST_DRAWN)
    .map(({ id }) => id);
  const short = shortIds(runs);
  const data = scriptJson({
    ...pictures(runs, details),
    runs: runs.map((run, i) => ({ ...pageRun(run), short: short[i] })),
    settings: shortSettings(runs, paths),
    drawn,
    mostDrawn: MOST_DRAWN,
  });
  return html`<!doctype html>
<html lang="en">${pageHead(counted(runs.length, "run"), SCRIPTS, ["compare.css"])}
<body>
${banner(runs, notes)}
<main>
${runsSection(runs, paths)}
${controlsSection()}
${detailsSection(runs, bestFirst(runs), details)}
</main>
${pageEnd(data, SCRIPTS)}
</body></html>
`.text;
}

/** Runs by EDR on what they were judged by; those that failed or were not judged come last. */
export function bestFirst(runs: readonly ComparedRun[]): ComparedRun[] {
  const badness = ({ outcome }: ComparedRun) =>
    outcome === null ? Number.POSITIVE_INFINITY : outcome.edr + 1e6 * outcome.failures.length;
  return runs.toSorted((a, b) => Math.sign(badness(a) - badness(b)) || 0);
}

function banner(runs: readonly ComparedRun[], notes: readonly string[]): Markup {
  const judged = runs.filter(({ outcome }) => outcome !== null);
  const [best] = bestFirst(judged);
  const verdict =
    best?.outcome == null
      ? "None of them has been judged."
      : `Best: ${best.id}, ${best.outcome.edr.toFixed(2)} dB EDR on ${best.outcome.recording}${best.outcome.seenInTraining ? ", which it was trained on" : ""}. ${best.sentence}`;
  return html`<header><p class="run">Comparison</p><h1>${counted(runs.length, "run")}</h1>
<p class="verdict ${best?.tone ?? "none"}"><bdi>${verdict}</bdi></p>
${notes.map((note) => html`<p class="aside">${note}</p>`)}
<noscript><p>Plots, sorting and choosing need JavaScript; the table and the players do not.</p></noscript>
<nav aria-label="Sections"><a href="#runs">Runs</a> <a href="#loss">Loss</a> <a href="#closed">Closed loop</a> <a href="#examples">Single examples</a> <a href="#details">Sound</a></nav></header>`;
}

/** What the page's script knows of a run. */
function pageRun({ id, kind, series, settings }: ComparedRun) {
  const of = (path: string) => settings.get(path) ?? null;
  // what losses are comparable: classic strings' name theirs, passive ones weigh theirs by the stage
  const loss = kind === "classic" ? of("training.loss.name") : "rollouts";
  return { id, series, batchSize: of("training.batchSize"), loss };
}

function pictures(runs: readonly ComparedRun[], details: ReadonlyMap<string, RunDetails>) {
  const plots: Record<string, LinePlot> = {};
  const heats: Record<string, HeatMap> = {};
  runs.forEach(({ id }, i) => {
    const detail = details.get(id);
    if (detail === undefined || detail.missing !== null) return;
    const { curve, spectrum, t60, relief } = detail.plots;
    for (const [what, plot] of Object.entries({ curve, spectrum, t60 })) {
      if (plot !== null) plots[`run-${i}-${what}`] = plot;
    }
    for (const [what, map] of Object.entries(relief ?? {})) heats[`run-${i}-${what}`] = map;
  });
  return { plots, heats };
}
