/** The instrument's page: finds its place and fills it, with the files where the bundler put them. */
import "./instrument.css";
import { coreBytes, fetchBytes } from "../audio/core-files.ts";
import { kept } from "../make/keep.ts";
import { MODELS } from "../models.ts";
import { mountInstrument } from "./mount.ts";
import worklet from "./processor.ts?worker&url";
import { MADE_MODEL } from "./settings.ts";
import tuner from "./tuning-worker.ts?worker&url";

const place = document.querySelector<HTMLElement>("#instrument");
if (place) {
  // a string that was made on this site is handed over in the browser itself: instrument/?made
  const isHanded = new URLSearchParams(location.search).has("made");
  const made = isHanded ? await kept("handed on") : undefined;
  const own = made && {
    id: MADE_MODEL,
    title: made.name,
    text: "Made here, of your own recording.",
    bytes: async () => made.model.slice().buffer,
  };
  mountInstrument(place, {
    worklet,
    tuner,
    wasm: () => coreBytes(),
    models: [
      ...(own ? [own] : []),
      ...MODELS.map(({ id, title, text, url }) => ({ id, title, text, bytes: () => fetchBytes(url) })),
    ],
  });
}
