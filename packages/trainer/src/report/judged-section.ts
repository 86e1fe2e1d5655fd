/**
 * The part of the page about what was heard: failures, measures in words, players, and the pictures of every judged
 * recording. Everything here is per judgement, and says each time whether the model had met that recording before.
 */
import type { Judgement, Verdict } from "@neural-string/shared";
import { counted } from "@neural-string/shared/sentence";
import { UNNOTICED_T60_RATIO } from "../measure/verdicts.ts";
import { figure, heatMap, linePlot } from "./figures.ts";
import { html, type Markup } from "./markup.ts";
import type { MixturePlots } from "./mixture-plots.ts";
import type { PlayerSounds } from "./player-sound.ts";
import type { LinePlot } from "./plots.ts";
import type { SoundPlots } from "./sound-plots.ts";

/** One judgement with all that was computed for the page. */
export interface JudgedRecording {
  judgement: Judgement;
  /** Null where no sound was kept. */
  plots: SoundPlots | null;
  players: PlayerSounds | null;
  /** Null but for a passive string of several filters. */
  mixture: MixturePlots | null;
}

const CURVES = "Curves: the T60 that each loop filter alone would give.";

/** Name the failures and their likely causes; says so where there are none. */
export function failuresSection(judged: readonly JudgedRecording[]): Markup {
  const failing = judged.filter(({ judgement }) => judgement.failures.length > 0);
  return html`<section id="failures" aria-labelledby="failures-title">
<h2 id="failures-title">Failures</h2>
${failing.length === 0 && html`<p>None of the known failures: the loop stays finite, decays, and ends without an offset.</p>`}
${failing.map(
  ({ judgement }) =>
    html`<h3>${recordingTitle(judgement)}</h3>${judgement.failures.map(
      ({
        name,
        sentence,
        causes,
      }) => html`<div class="failure"><h4>${capitalised(name)}</h4><p>${sentence}</p>
${causes.length > 0 && html`<p class="causes">Likely causes:</p><ul>${causes.map((cause) => html`<li>${cause}</li>`)}</ul>`}</div>`,
    )}`,
)}
</section>`;
}

/** The measures of every judged recording, each with its word and its sentence. */
export function measuresSection(judged: readonly JudgedRecording[]): Markup {
  return html`<section id="measures" aria-labelledby="measures-title">
<h2 id="measures-title">Measures</h2>
<div class="pair">${judged.map(
    ({
      judgement,
    }) => html`<div class="scroll" role="region" tabindex="0" aria-label="Measures on ${judgement.recording}">
<table class="measures"><caption>${recordingTitle(judgement)}<span class="aside">${started(judgement)}</span></caption>
<thead><tr><th scope="col">Measure</th><th scope="col" class="number">Value</th><th scope="col">Verdict</th></tr></thead>
<tbody>${judgement.verdicts.map(measureRow)}</tbody></table></div>`,
  )}</div>
</section>`;
}

/** The players: recording, render and perhaps a plain Karplus-Strong string, all with one gain. */
export function playersSection(judged: readonly JudgedRecording[]): Markup {
  return html`<section id="sounds" aria-labelledby="sounds-title">
<h2 id="sounds-title">Listen</h2>
${judged.map(
  ({ judgement, players }) =>
    html`<h3>${recordingTitle(judgement)}</h3>${
      players === null ? html`<p>No sound was kept.</p>` : playerRow(players)
    }`,
)}
</section>`;
}

/** The pictures of every judged recording, and its partials. */
export function picturesSection(judged: readonly JudgedRecording[]): Markup {
  return html`<section id="decay" aria-labelledby="decay-title">
<h2 id="decay-title">Decay and spectrum</h2>
${judged.map(
  ({ judgement, plots, mixture }, i) =>
    html`<h3>${recordingTitle(judgement)}</h3>${
      plots === null
        ? html`<p>No sound was kept, so there is nothing to draw.</p>`
        : soundPictures(plots, (what) => `judged-${i}-${what}`)
    }${mixture && mixtureFigure(i)}${partialsTable(judgement)}`,
)}
</section>`;
}

/** A recording's name and whether the model had met it: the difference between hearing and remembering. */
function recordingTitle({ recording, seenInTraining }: Judgement): Markup {
  const seen = seenInTraining
    ? html`<span class="chip seen">trained on</span>`
    : html`<span class="chip unseen">unseen</span>`;
  return html`<bdi>${recording}</bdi> ${seen}`;
}

function started({ skip, metrics, brokenSamples }: Judgement): string {
  const broken =
    brokenSamples === 0
      ? ""
      : ` ${counted(brokenSamples, "sample")} of the render ${brokenSamples === 1 ? "was" : "were"} not finite and ${brokenSamples === 1 ? "was" : "were"} replaced.`;
  return `Started from the first ${counted(skip, "sample")}, then ${metrics.seconds.toFixed(1)} s on its own.${broken}`;
}

function measureRow({ name, value, unit, verdict, sentence }: Verdict): Markup {
  // the name stands above the sentence already
  const said = sentence.startsWith(`${name}: `) ? sentence.slice(name.length + 2) : sentence;
  return html`<tr><th scope="row">${capitalised(name)}<span class="aside">${capitalised(said)}</span></th>
<td class="number">${value === null ? "–" : html`${figureOf(value, unit)} <span class="unit">${unit}</span>`}</td>
<td><span class="chip ${verdict}">${verdict}</span></td></tr>`;
}

/** A number with as many digits as its unit deserves; shares of the start span decades, the rest does not. */
function figureOf(value: number, unit: string): string {
  const isShare = unit === "of the start";
  const isTiny = isShare && value !== 0 && Math.abs(value) < 0.01;
  const text = isTiny ? value.toExponential(1) : value.toFixed(unit === "%" ? 0 : isShare ? 2 : 1);
  return text.replaceAll("-", "−");
}

/** Players side by side, all with one gain. */
export function playerRow({ target, render, karplusStrong, gainDb, seconds, clipped }: PlayerSounds): Markup {
  const player = (label: string, ink: string, source: string) =>
    html`<figure class="player"><figcaption><span class="swatch ${ink}"></span>${label}</figcaption>
<audio controls preload="metadata" src="${source}" aria-label="${label}"></audio></figure>`;
  return html`<div class="players">${player("Recording", "target", target)}${player("Render", "render", render)}${
    karplusStrong !== null && player("Plain Karplus-Strong", "karplus", karplusStrong)
  }</div>
<p class="aside">${seconds.toFixed(1)} s each, from the instant the model is on its own; all with the same gain of ${figureOf(gainDb, "dB")} dB.${
    clipped &&
    " The render is far louder than the recording: its player clips it 12 dB above the recording's peak."
  }</p>`;
}

/** The pictures of a sound beside its recording. @param id of each, by what it shows */
export function soundPictures(
  { relief, curve, spectrum, t60 }: SoundPlots,
  id: (what: string) => string,
): Markup {
  return html`${
    relief === null
      ? html`<p>The sound is too short or too quiet for an energy decay relief.</p>`
      : html`<div class="heats">
${heatMap(id("target"), "Recording", "Energy still to come, by frequency band (EDR), relative to its loudest cell.")}
${heatMap(id("render"), "Render", "The same, relative to the recording's loudest cell.")}
${heatMap(id("difference"), "Render minus recording", "Blue: the render has less left, red: more. Hatched: not compared, below −60 dB or in the noise.")}
</div>`
  }<div class="pair">
${curve && figure("Energy decay curve", "All bands together, relative to the recording's start.", linePlot(id("curve"), "Energy decay curve"))}
${t60 && figure("T60 of the partials", t60Caption(t60), linePlot(id("t60"), "T60 against frequency"))}
</div>
${spectrum && figure("Spectrum", "Averaged over the whole stretch, relative to the recording's peak.", linePlot(id("spectrum"), "Averaged spectrum"))}`;
}

function mixtureFigure(i: number): Markup {
  const caption =
    "How much of each filter the network lets the first loop have (the weights' squares, which sum to 1), and the level it follows, relative to the recording's loudest.";
  return figure(
    "Mixture over time",
    caption,
    html`<div class="tiers">${linePlot(`judged-${i}-shares`, "Shares of the filters")}${linePlot(`judged-${i}-level`, "Level of recording and render")}</div>`,
  );
}

function t60Caption({ series }: LinePlot): string {
  const { low, high } = UNNOTICED_T60_RATIO;
  if (!series.some(({ ink }) => ink === "target")) return `${CURVES} No partial could be followed.`;
  const hasCurves = series.some(({ style }) => style === "line" || style === "dashed");
  const band =
    `Within the band (${low} to ${high} times the recording's) a difference is not noticed.` +
    (hasCurves ? ` ${CURVES}` : "");
  const isKnown = series.some(({ label, values }) => label === "render" && values.some((v) => v !== null));
  return isKnown ? band : `${band} No partial of the render decays clearly enough to draw.`;
}

function partialsTable({ recording, metrics }: Judgement): Markup {
  if (metrics.partials.length === 0) return html`<p>No partial of the recording could be followed.</p>`;
  const { low, high } = UNNOTICED_T60_RATIO;
  const inWords = (ratio: number) =>
    ratio > high
      ? html`<span class="chip poor">longer</span>`
      : ratio < low
        ? html`<span class="chip poor">shorter</span>`
        : html`<span class="chip good">alike</span>`;
  const seconds = (value: number | null) => (value === null ? "–" : value.toPrecision(3));
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Partials of ${recording}">
<table class="partials"><caption>Partials<span class="aside">A dash: noise or beating hides the decay.</span></caption>
<thead><tr><th scope="col" class="number">No.</th><th scope="col" class="number">Frequency, Hz</th><th scope="col" class="number">Pitch, cents off</th><th scope="col" class="number">T60 recording, s</th><th scope="col" class="number">T60 render, s</th><th scope="col" class="number">Ratio</th><th scope="col">Rings</th></tr></thead>
<tbody>${metrics.partials.map(({ partial, frequency, cents, t60Seconds, t60Ratio }) => {
    const rings = t60Seconds === null || t60Ratio === null ? null : t60Seconds * t60Ratio;
    return html`<tr><th scope="row" class="number">${partial}</th><td class="number">${frequency.toFixed(1)}</td><td class="number">${signed(cents)}</td><td class="number">${seconds(t60Seconds)}</td><td class="number">${seconds(rings)}</td><td class="number">${t60Ratio === null ? "–" : t60Ratio.toFixed(2)}</td><td>${t60Ratio === null ? "–" : inWords(t60Ratio)}</td></tr>`;
  })}</tbody></table></div>`;
}

function signed(value: number): string {
  const text = Math.abs(value).toFixed(1);
  return text === "0.0" ? text : `${value < 0 ? "−" : "+"}${text}`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
