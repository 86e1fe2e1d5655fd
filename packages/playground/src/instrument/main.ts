/** The instrument's page: finds its place and fills it, with the files where the bundler put them. */
import "./instrument.css";
import { coreBytes, fetchBytes } from "../audio/core-files.ts";
import { MODELS } from "../models.ts";
import { mountInstrument } from "./mount.ts";
import worklet from "./processor.ts?worker&url";
import tuner from "./tuning-worker.ts?worker&url";

const place = document.querySelector<HTMLElement>("#instrument");
if (place) {
  mountInstrument(place, {
    worklet,
    tuner,
    wasm: () => coreBytes(),
    models: MODELS.map(({ id, title, text, url }) => ({ id, title, text, bytes: () => fetchBytes(url) })),
  });
}
