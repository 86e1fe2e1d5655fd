/** The demo of why a relative loss fails: the same small error, and what each loss makes of it along a wave. */
import { drawCurves } from "./curve-plot.ts";
import { startDemo } from "./demo.ts";
import { SAMPLE_LOSSES } from "./loops.ts";

const POINTS = 400;

startDemo("zero-crossings-demo", (demo) => {
  demo.follow(() => {
    const error = 10 ** demo.value("error");
    demo.say(`${(100 * error).toPrecision(2)} %`, "[data-error]");
    const xs = Array.from({ length: POINTS }, (_, i) => i / (POINTS - 1));
    // two partials, as in a string: e is the level of the wave
    const target = xs.map((x) => 0.7 * Math.sin(4 * Math.PI * x) + 0.3 * Math.sin(12 * Math.PI * x + 0.4));
    const level = Math.sqrt(target.reduce((sum, t) => sum + t * t, 0) / POINTS);
    const share = (loss: keyof typeof SAMPLE_LOSSES) => {
      const values = target.map((t) => SAMPLE_LOSSES[loss](t + error, t, level));
      const mean = values.reduce((sum, value) => sum + value, 0) / POINTS;
      return values.map((value) => value / mean);
    };
    const [relative, energy] = [share("relative"), share("energy")];
    const sorted = [...relative].sort((a, b) => b - a);
    const top = sorted.slice(0, POINTS / 20).reduce((sum, value) => sum + value, 0) / POINTS;
    demo.say(
      `The prediction is off by the same ${(100 * error).toPrecision(2)} % of full scale everywhere. In the relative loss the twentieth of the samples nearest to zero makes ${Math.round(100 * top)} % of the loss; one of them counts up to ${Math.round(sorted[0])} times as much as the average.`,
    );
    drawCurves(
      demo.canvas,
      {
        x: { label: "one period", min: 0, max: 1, ticks: [0, 0.25, 0.5, 0.75, 1] },
        y: { label: "weight in the loss, and the wave", min: -1, max: 8, ticks: [-1, 0, 1, 2, 4, 6, 8] },
      },
      [
        { ink: "karplus", label: "wave", xs, ys: target },
        { ink: "poor", label: "relative", xs, ys: relative },
        { ink: "render", label: "by energy", xs, ys: energy, dashed: true },
      ],
    );
  });
});
