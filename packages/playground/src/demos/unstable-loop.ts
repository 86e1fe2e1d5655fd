/** The demo of a loop that blows up although neither of its filters can: switching them is what feeds it. */
import { drawCurves } from "./curve-plot.ts";
import { hush, play, startDemo } from "./demo.ts";
import { levels, noise, RATE, SWITCH_DELAY, type Switching, switchedLoop } from "./loops.ts";

const SECONDS = 1.2;
const WAYS: [Switching, string, string][] = [
  ["first", "one filter alone", "karplus"],
  ["switched", "switched", "poor"],
  ["both sides", "weighed on both sides", "render"],
];

startDemo("unstable-loop-demo", (demo) => {
  const sound = (how: Switching) => {
    const start = noise(5 * SWITCH_DELAY).map((value) => 0.05 * value);
    return switchedLoop(start, how, demo.value("gain") / 0.99, Math.floor(SECONDS * RATE));
  };
  demo.follow(() => {
    const gain = demo.value("gain");
    demo.say(gain.toFixed(2), "[data-gain]");
    const curves = WAYS.map(([how, label, ink]) => {
      const ys = levels(sound(how), 100);
      return { ink, label, ys, xs: ys.map((_, i) => ((i + 0.5) * SECONDS) / ys.length) };
    });
    // where no loop has come to the end of what is drawn
    const rise = curves[1].ys[30] - curves[1].ys[10];
    demo.say(
      rise > 0
        ? `Both filters leave at most ${gain.toFixed(2)} of every frequency. Switched every 3 ms, the loop gains ${(rise / (0.2 * SECONDS)).toFixed(0)} dB a second all the same.`
        : `With ${gain.toFixed(2)} the switched loop dies, too: it loses more than switching can feed it.`,
    );
    drawCurves(
      demo.canvas,
      {
        x: { label: "time (s)", min: 0, max: SECONDS, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1, 1.2] },
        y: { label: "level (dB)", min: -100, max: 120, ticks: [-80, -40, 0, 40, 80, 120] },
      },
      curves,
    );
  });
  for (const [how] of WAYS) {
    // what grows begins in silence, is cut off at a fixed level and soon ends: heard to grow, it hurts nobody
    const grows = how === "switched";
    demo.on(`[data-play="${how}"]`, () => {
      const whole = sound(how);
      play(grows ? whole.subarray(0, 0.5 * RATE).map((value) => 0.02 * value) : whole, { keepLevel: grows });
    });
  }
  demo.on("[data-stop]", hush);
});
