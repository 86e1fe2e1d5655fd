/**
 * The part of the page about a passive string's loop filters: their gain at every frequency, and how far it stays below
 * the certificate.
 */
import { figure, linePlot } from "./figures.ts";
import { type FilterCurves, gainPlot, marginSentence } from "./loop-filters.ts";
import { html, type Markup } from "./markup.ts";

/** Show the loop gain and the certificate. */
export function filtersSection(curves: FilterCurves): Markup {
  const { holds } = curves.certificate;
  return html`<section id="filters" aria-labelledby="filters-title">
<h2 id="filters-title">Loop filters</h2>
<p><span class="chip ${holds ? "good" : "poor"}">certificate ${holds ? "holds" : "broken"}</span> ${marginSentence(curves)}</p>
${
  gainPlot(curves) &&
  figure(
    "Loop gain",
    "What a round trip leaves of each frequency, drawn by its distance from 1; the certificate is the line that none may cross, at any mixture.",
    linePlot("gains", "Loop gain of every filter against frequency, with the certificate"),
  )
}
</section>`;
}
