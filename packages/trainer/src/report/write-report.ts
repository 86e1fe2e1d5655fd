/**
 * A run's report: one HTML file that answers "did it work, and if not, why?" and needs nothing beside it, no network
 * and no other file of the run's folder. The trainer calls `renderReport` at the end of a run and writes the string.
 */
import type { PassiveModel } from "@neural-string/core-wasm";
import type { Judgement, LogLine, RunRecord, TrainConfig } from "@neural-string/shared";
import { counted } from "@neural-string/shared/sentence";
import type { LossRecord } from "../loss-file.ts";
import { type DataPictures, type DataPlots, dataPlots } from "./data-plots.ts";
import { dataSection } from "./data-section.ts";
import { filtersSection } from "./filters-section.ts";
import {
  failuresSection,
  type JudgedRecording,
  measuresSection,
  picturesSection,
  playersSection,
} from "./judged-section.ts";
import { type FilterCurves, filterCurves, gainPlot } from "./loop-filters.ts";
import { type LossPlots, lossPlots } from "./losses/loss-plots.ts";
import { lossesSection } from "./losses/losses-section.ts";
import { examplePlot, type ShownExample } from "./losses/shown-example.ts";
import { html, type Markup, scriptJson } from "./markup.ts";
import { type MixtureWeights, mixturePlots } from "./mixture-plots.ts";
import { pageEnd, pageHead } from "./page-shell.ts";
import { playerSounds } from "./player-sound.ts";
import type { HeatMap, LinePlot } from "./plots.ts";
import { environmentSection, recordingsSection, settingsSection } from "./run-section.ts";
import { comparedStretch, type JudgedSound, soundPlots } from "./sound-plots.ts";
import { type TrainingPlots, trainingPlots } from "./training-plots.ts";
import { trainingSection } from "./training-section.ts";
import { runVerdict, statusTone } from "./verdict.ts";
import { type FirstLayer, type WeightPlots, weightPlots } from "./weight-plots.ts";
import { weightsSection } from "./weights-section.ts";

/** All that a report shows. */
export interface ReportInput {
  record: RunRecord;
  config: TrainConfig;
  /** In the order they were written; may be empty. */
  log: LogLine[];
  /** May be empty: a run stopped before judging. */
  judgements: Judgement[];
  /** One for each judgement, in the same order. */
  sounds: JudgedSound[];
  /** Of a passive string: what was judged, and the weights of each judged render in the same order (none with one filter). */
  passive?: { model: PassiveModel; weights: MixtureWeights[] };
  /** Of a classic string: what it was trained on. */
  data?: DataPictures;
  /** Of a classic string: what its hidden units hear. */
  firstLayer?: FirstLayer;
  /** Of single examples, and the hardest of them. */
  losses?: { record: LossRecord; worst: ShownExample[] };
}

/** The page's own scripts, in this order. */
const SCRIPTS = ["line-plots.js", "heat-maps.js", "page.js"];

/** Seconds of sound in the whole page: 16 bits in base64 come to 118 kB a second at 44.1 kHz, so 4.7 MB; the hardest examples have the rest. */
const AUDIO_SECONDS = 40;
/** However many recordings were judged, each player gets this much. */
const FEWEST_SECONDS = 3;

/**
 * Write a run's report.
 * @returns the page, UTF-8 text, under 6 MB for up to five judged recordings
 * @throws never for what a run can hold: missing sounds, empty logs and broken renders are said in words
 */
export function renderReport(input: ReportInput): string {
  const training = trainingPlots(input.log, input.record);
  const filters = input.passive ? filterCurves(input.passive.model) : null;
  const judged = judgedRecordings(input, filters);
  const trainedOn = input.data ? dataPlots(input.data) : null;
  const losses = input.losses ? lossPlots(input.losses.record, training.stages) : null;
  const shown = input.losses?.worst ?? [];
  const weights = input.firstLayer ? weightPlots(input.firstLayer) : null;
  const data = scriptJson(pageData({ training, judged, filters, data: trainedOn, losses, shown, weights }));
  return html`<!doctype html>
<html lang="en">${pageHead(`${runOf(input.record)} ${input.record.name}`, SCRIPTS)}
<body>
${banner(input)}
<main>
${judged.length > 0 && html`${failuresSection(judged)}${measuresSection(judged)}${playersSection(judged)}`}
${trainingSection(training, input.log)}
${input.losses && losses && lossesSection(input.losses.record, losses, shown)}
${input.data && dataSection(input.config, input.data)}
${judged.length > 0 && picturesSection(judged)}
${filters && filtersSection(filters)}
${input.firstLayer && weights && weightsSection(input.firstLayer, weights)}
${settingsSection(input.config)}
${recordingsSection(input.record)}
${environmentSection(input.record)}
</main>
${pageEnd(data, SCRIPTS)}
</body></html>
`.text;
}

function judgedRecordings(
  { judgements, sounds, passive }: ReportInput,
  filters: FilterCurves | null,
): JudgedRecording[] {
  const players = sounds.reduce((count, { karplusStrong }) => count + (karplusStrong ? 3 : 2), 0);
  const seconds = Math.max(FEWEST_SECONDS, AUDIO_SECONDS / Math.max(1, players));
  return judgements.map((judgement, i) => {
    const sound = sounds[i];
    if (sound === undefined) return { judgement, plots: null, players: null, mixture: null };
    const stretch = comparedStretch(sound, judgement);
    return {
      judgement,
      plots: soundPlots(sound, judgement, filters),
      players: playerSounds(stretch, seconds),
      mixture: mixturePlots(stretch, passive?.weights[i], `judged-${i}`),
    };
  });
}

/** All that has pictures in the page. */
interface Drawn {
  training: TrainingPlots;
  judged: readonly JudgedRecording[];
  filters: FilterCurves | null;
  data: DataPlots | null;
  losses: LossPlots | null;
  shown: readonly ShownExample[];
  weights: WeightPlots | null;
}

/** What page.js draws, by the ids that the sections put into the page. */
function pageData({ training, judged, filters, data, losses, shown, weights }: Drawn) {
  const plots: Record<string, LinePlot | null> = {
    "loss-updates": training.updates,
    "loss-parts": training.parts,
    "loss-epochs": training.epochs,
    "closed-loop": training.closedLoop,
    "held-out": training.heldOut,
    "data-levels": data?.levels ?? null,
    "data-balance": data?.balance ?? null,
    "data-taps": data?.taps ?? null,
    "data-recordings": data?.recordings ?? null,
    "weights-taps": weights?.taps ?? null,
    "weights-responses": weights?.responses ?? null,
    "weights-sizes": weights?.sizes ?? null,
    gains: filters && gainPlot(filters),
    "losses-spread": losses?.spread ?? null,
    "losses-persistence": losses?.persistence ?? null,
    "losses-level": losses?.level ?? null,
    "losses-phase": losses?.phase ?? null,
    "losses-time": losses?.time ?? null,
  };
  data?.features.forEach((plot, i) => {
    plots[`data-feature-${i}`] = plot;
  });
  for (const example of shown) plots[`losses-worst-${example.example}`] = examplePlot(example);
  const heats: Record<string, HeatMap | undefined> = {};
  judged.forEach(({ plots: pictures, mixture }, i) => {
    plots[`judged-${i}-curve`] = pictures?.curve ?? null;
    plots[`judged-${i}-spectrum`] = pictures?.spectrum ?? null;
    plots[`judged-${i}-t60`] = pictures?.t60 ?? null;
    plots[`judged-${i}-shares`] = mixture?.shares ?? null;
    plots[`judged-${i}-level`] = mixture?.level ?? null;
    heats[`judged-${i}-target`] = pictures?.relief?.target;
    heats[`judged-${i}-render`] = pictures?.relief?.render;
    heats[`judged-${i}-difference`] = pictures?.relief?.difference;
  });
  // what a run has nothing to draw of has no place in the page either
  const drawn = Object.fromEntries(Object.entries(plots).filter(([, plot]) => plot !== null));
  return { plots: drawn, heats };
}

function banner({ record, judgements, log, passive, data, losses, firstLayer }: ReportInput): Markup {
  const { tone, sentence } = runVerdict(record, judgements);
  const links = [
    ...(judgements.length > 0
      ? [
          ["failures", "Failures"],
          ["measures", "Measures"],
          ["sounds", "Listen"],
        ]
      : []),
    ["training", "Training"],
    ...(losses ? [["losses", "Losses"]] : []),
    ...(data ? [["data", "Data"]] : []),
    ...(judgements.length > 0 ? [["decay", "Decay"]] : []),
    ...(passive ? [["filters", "Filters"]] : []),
    ...(firstLayer ? [["weights", "Weights"]] : []),
    ["settings", "Settings"],
    ["recordings", "Recordings"],
    ["environment", "Environment"],
  ];
  return html`<header>
<p class="run">${runOf(record)} <span class="chip ${statusTone(record.status)}">${record.status}</span></p>
<h1><bdi>${record.name}</bdi></h1>
<p class="verdict ${tone}">${sentence}</p>
${record.status !== "failed" && record.error && html`<p>${record.error}</p>`}
<noscript><p>Plots need JavaScript; the tables and the players do not.</p></noscript>
<nav aria-label="Sections">${links.map(([id, label]) => html`<a href="#${id}">${label}</a> `)}</nav>
<p class="aside">${record.kind} string, f0 ${record.f0.toFixed(2)} Hz, ${record.stepsDone} of ${counted(record.steps, "update")}, ${counted(log.length, "log line")}</p>
</header>`;
}

/** "Run 0007"; of a folder that somebody named, which has no number, "Run". */
function runOf({ number }: RunRecord): string {
  return number === 0 ? "Run" : `Run ${String(number).padStart(4, "0")}`;
}
