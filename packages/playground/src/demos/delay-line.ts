/** The demo of a delay line that one can hear. */
import { drawCurves } from "./curve-plot.ts";
import { play, startDemo } from "./demo.ts";
import { comb, levels, noise, RATE } from "./loops.ts";

const SECONDS = 2.5;

startDemo("delay-line-demo", (demo) => {
  const sound = () => {
    const delay = Math.round(demo.value("delay"));
    return comb(noise(delay), delay, demo.value("gain"), Math.floor(SECONDS * RATE));
  };
  demo.follow(() => {
    const delay = Math.round(demo.value("delay"));
    const gain = demo.value("gain");
    demo.say(`${delay} samples`, "[data-delay]");
    demo.say(gain.toFixed(3), "[data-gain]");
    const t60 = (-3 * delay) / RATE / Math.log10(gain);
    const ring = gain < 1 ? `rings for ${t60.toPrecision(2)} s (T60)` : "never ends";
    demo.say(
      `One trip takes ${((1000 * delay) / RATE).toFixed(1)} ms, so one hears ${(RATE / delay).toFixed(1)} Hz; it ${ring}.`,
    );
    const y = levels(sound(), 120);
    drawCurves(
      demo.canvas,
      {
        x: { label: "time (s)", min: 0, max: SECONDS, ticks: [0, 0.5, 1, 1.5, 2, 2.5] },
        y: { label: "level (dB)", min: -80, max: 5, ticks: [-80, -60, -40, -20, 0] },
      },
      [{ ink: "render", label: "the loop", xs: y.map((_, i) => ((i + 0.5) * SECONDS) / y.length), ys: y }],
    );
  });
  demo.on("[data-play]", () => play(sound()));
});
