/** The part of the page about a classic string's first layer: what each hidden unit listens to. */
import { figure, linePlot } from "./figures.ts";
import { html, type Markup } from "./markup.ts";
import type { FirstLayer, WeightPlots } from "./weight-plots.ts";

/** Frame the pictures. */
export function weightsSection({ units }: FirstLayer, { sizes, shown }: WeightPlots): Markup {
  const which =
    shown < units
      ? `The ${shown} largest of ${units} units`
      : units === 1
        ? "The unit"
        : `All ${units} units`;
  return html`<section id="weights" aria-labelledby="weights-title">
<h2 id="weights-title">Weights</h2>
<p>The first layer: what each hidden unit hears of the taps, before its activation bends it.</p>
<div class="pair">
${figure("Weights over the taps", `${which}, largest first; a click on a name hides its line.`, linePlot("weights-taps", "Weights of the first layer over the delays of the taps"))}
${figure("Frequency response", "What the same weights let through: the gain from a steady tone in the string to the unit.", linePlot("weights-responses", "Gain of each unit's taps against frequency"))}
${sizes && figure("Sizes", "How many units carry the sound: those near 0 do nothing.", linePlot("weights-sizes", "RMS of the tap weights of each unit"))}
</div>
</section>`;
}
