/** Pictures of a training: how the loss falls, and how the closed loop comes closer to the recording. Free of the DOM. */
import type { LinePlot } from "@neural-string/trainer/report/plots";
import type { TrainingHistory } from "./training-history.ts";

/** Under this (dB) a loop is good, as the report's verdict says. */
const GOOD_EDR = 3;

/** What the training makes smaller, over its steps; stages weigh it differently, so it jumps where one begins. */
export function lossPlot(history: TrainingHistory): LinePlot {
  const { losses } = history;
  return {
    x: { label: "step" },
    y: { label: "loss", log: true },
    xs: losses.map(({ step }) => step),
    series: [{ label: "loss", ink: "render", values: losses.map(({ loss }) => (loss > 0 ? loss : null)) }],
    marks: stageMarks(history),
  };
}

/** The energy decay relief's error on what is held out, over the steps; the best so far stands out. */
export function edrPlot(history: TrainingHistory): LinePlot {
  const { heard } = history;
  const highest = Math.max(GOOD_EDR + 1, ...heard.map(({ edrDb }) => edrDb));
  return {
    x: { label: "step" },
    y: { label: "EDR error (dB)", min: 0, max: Math.min(40, Math.ceil(1.1 * highest)) },
    xs: heard.map(({ step }) => step),
    series: [
      { label: "closed loop", ink: "render", values: heard.map(({ edrDb }) => edrDb) },
      {
        label: "best so far",
        ink: "accent",
        style: "points",
        values: heard.map(({ edrDb, best }) => (best ? edrDb : null)),
      },
      { label: "good", ink: "karplus", style: "dashed", values: heard.map(() => GOOD_EDR) },
    ],
    marks: stageMarks(history),
  };
}

function stageMarks({ stages, losses }: TrainingHistory): LinePlot["marks"] {
  const reached = losses.at(-1)?.step ?? 0;
  return stages
    .filter(({ from }) => from <= reached)
    .map(({ name, from }, i) => ({ x: from, label: name, short: `${i + 1}` }));
}
