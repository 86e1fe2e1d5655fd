/**
 * Writes first-losses.json: the losses of the first ten steps of the tiny config, on tfjs's WASM backend. Run it with
 * `node tests/goldens/generate-first-losses.ts` when training is meant to have changed; the log says why.
 */
import { writeFileSync } from "node:fs";
import { chooseBackend } from "@neural-string/trainer/backend";
import { firstLossesConfig, trainTiny } from "../support/training.ts";

await chooseBackend("wasm");
const { lines } = await trainTiny(firstLossesConfig());
const losses = lines.flatMap((line) => (line.type === "updates" ? [line.loss] : []));
writeFileSync(new URL("first-losses.json", import.meta.url), `${JSON.stringify({ losses }, null, 2)}\n`);
