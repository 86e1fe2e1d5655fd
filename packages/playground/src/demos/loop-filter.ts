/** The demo of a loop filter that one can bend: how long each frequency rings, drawn, heard, and certified. */
import { certifiedGain } from "@neural-string/core-wasm";
import { gainAt } from "@neural-string/trainer/report/loop-filters";
import { drawCurves } from "./curve-plot.ts";
import { play, startDemo } from "./demo.ts";
import { filteredLoop, loopFilter, noise, RATE } from "./loops.ts";

const PERIOD = 268; // 164.6 Hz, E3
const SECONDS = 3;
/** Frequencies of the sliders (Hz). */
const KNOTS = [100, 400, 1600, 6400];

startDemo("loop-filter-demo", (demo) => {
  // straight between the sliders, on two logarithmic axes
  const t60Of = (frequency: number) => {
    const place = Math.max(0, Math.min(KNOTS.length - 1, Math.log(frequency / KNOTS[0]) / Math.log(4)));
    const i = Math.min(KNOTS.length - 2, Math.floor(place));
    const [low, high] = [demo.value(`t60-${i}`), demo.value(`t60-${i + 1}`)];
    return 10 ** (low + (high - low) * (place - i));
  };
  const taps = () => loopFilter(t60Of, PERIOD, RATE);
  demo.follow(() => {
    for (const i of KNOTS.keys()) {
      demo.say(`${(10 ** demo.value(`t60-${i}`)).toPrecision(2)} s`, `[data-t60="${i}"]`);
    }
    const h = taps();
    const gain = certifiedGain(h);
    demo.say(
      `At no frequency does a trip leave more than ${gain.toFixed(5)} of what it is given${
        gain < 1 ? ": this loop cannot blow up." : ": this loop may blow up."
      }`,
    );
    const xs = Array.from({ length: 200 }, (_, i) => 50 * (16000 / 50) ** (i / 199));
    const wanted = xs.map((f) => 10 ** ((-3 * PERIOD) / (RATE * t60Of(f))));
    const got = xs.map((f) => gainAt(h, (2 * Math.PI * f) / RATE));
    drawCurves(
      demo.canvas,
      {
        x: { label: "frequency (Hz)", min: 50, max: 16000, log: true, ticks: [100, 400, 1600, 6400] },
        y: { label: "gain per trip", min: 0.9, max: 1.005, ticks: [0.9, 0.92, 0.94, 0.96, 0.98, 1] },
      },
      [
        { ink: "karplus", label: "asked for", xs, ys: wanted, dashed: true },
        { ink: "render", label: "63 taps", xs, ys: got },
      ],
    );
  });
  demo.on("[data-play]", () =>
    play(filteredLoop(noise(PERIOD), taps(), PERIOD - 31, Math.floor(SECONDS * RATE))),
  );
});
