/** The demo of the certificate: a shipped model's filters, made stronger until no player takes them. */
import { type PassiveModel, readModelFile, verifyCertificate } from "@neural-string/core-wasm";
import { gainAt } from "@neural-string/trainer/report/loop-filters";
import { fetchBytes } from "../audio/core-files.ts";
import { MODELS } from "../models.ts";
import { drawCurves } from "./curve-plot.ts";
import { startDemo } from "./demo.ts";

const POINTS = 300;

startDemo("certificate-demo", async (demo) => {
  if (MODELS.length === 0) return demo.say("No model has been made yet: run pnpm models.");
  const bytes = new Uint8Array(await fetchBytes(MODELS[0].url));
  const model = readModelFile(bytes) as PassiveModel;
  const { sampleRate, taps, filters, certificate } = model;
  const xs = Array.from({ length: POINTS }, (_, i) => 20 * (12000 / 20) ** (i / (POINTS - 1)));
  const rows = Array.from({ length: filters + 1 }, (_, row) =>
    model.loopTaps.subarray(row * taps, (row + 1) * taps),
  );
  const gains = rows.map((h) => xs.map((f) => gainAt(h, (2 * Math.PI * f) / sampleRate)));
  demo.follow(() => {
    const factor = 1 + demo.value("factor") / 1000;
    const { gain, holds } = verifyCertificate(
      model.loopTaps.map((tap) => tap * factor),
      taps,
      certificate.gain,
    );
    demo.say(`${factor.toFixed(4)} times`, "[data-factor]");
    demo.say(
      `Claimed: no gain above ${certificate.gain.toFixed(6)}. Proved of these taps: none above ${gain.toFixed(6)}. ${
        holds ? "The claim holds, and the model is played." : "The claim is false, and the file is refused."
      }`,
    );
    const most = xs.map((_, i) => factor * Math.max(...gains.map((row) => row[i])));
    drawCurves(
      demo.canvas,
      {
        x: { label: "frequency (Hz)", min: 20, max: 12000, log: true, ticks: [50, 200, 1000, 4000] },
        y: { label: "largest gain per trip", min: 0.96, max: 1.004, ticks: [0.96, 0.97, 0.98, 0.99, 1] },
      },
      [
        {
          ink: "poor",
          label: "claim",
          xs: [20, 12000],
          ys: [certificate.gain, certificate.gain],
          dashed: true,
        },
        { ink: holds ? "render" : "poor", label: `${MODELS[0].title}, all filters`, xs, ys: most },
      ],
    );
  });
});
