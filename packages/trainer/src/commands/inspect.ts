/** `pnpm inspect`: look into a model file, or see what training would see in a recording. */
import { basename } from "node:path";
import {
  type ClassicHeader,
  countInputs,
  type ModelFile,
  modelFeatures,
  readModelFile,
  tapDelays,
} from "@neural-string/shared";
import { loadCore } from "../core-build.ts";
import { readWhole } from "../files.ts";
import { prepareRecording } from "../note/prepare.ts";
import { isPassive, type PassiveFile } from "../passive-file.ts";
import { CHECK_TOLERANCE_DB, checkDeviationDb } from "../string-check.ts";
import { line, short, type Terminal } from "../terminal.ts";
import { decayCurves, levelCurve, sizeCurve, tapCurve, unitCurves } from "./inspect-curves.ts";
import { describePassive, type PassiveFacts, passiveFacts } from "./inspect-passive.ts";

/** Print what a file holds. @throws UserError */
export async function inspect(path: string, terminal: Terminal): Promise<number> {
  const bytes = readWhole(path, "a model file or a recording");
  // a safetensors file says so by its header: a length, then JSON
  return bytes.length > 8 && bytes[8] === 0x7b
    ? inspectModel(path, bytes, terminal)
    : inspectRecording(path, terminal);
}

function inspectModel(path: string, bytes: Uint8Array, terminal: Terminal): number {
  const where = line(basename(path));
  const file = readModelFile(bytes, where);
  const { header } = file;
  const facts = isPassive(file)
    ? inspectPassive(file, where, terminal)
    : inspectClassic(header as ClassicHeader, file, where, terminal);
  for (const { name, sha256, licence, attribution } of header.provenance?.recordings ?? []) {
    terminal.say(
      `  learned from ${line([name, sha256.slice(0, 12), licence, attribution].filter(Boolean).join(", "))}`,
    );
  }
  const deviationDb = checkDeviationDb(loadCore(), file);
  if (deviationDb !== null) {
    const holds = deviationDb <= CHECK_TOLERANCE_DB;
    terminal.say(
      `  check     ${holds ? "plays as it was exported" : "does NOT play as it was exported"} (${deviationDb.toFixed(0)} dB of float64)`,
    );
  }
  terminal.emit({ type: "model", header, ...facts, deviationDb });
  return 0;
}

function inspectPassive(file: PassiveFile, where: string, terminal: Terminal): PassiveFacts {
  const facts = passiveFacts(file, where);
  terminal.say([describePassive(file, facts, where), ...decayCurves(file)].join("\n"));
  return facts;
}

function inspectClassic(header: ClassicHeader, file: ModelFile, where: string, terminal: Terminal) {
  const { tensors } = file;
  const delays = tapDelays(header.tapPattern, header.sampleRate, header.f0);
  const features = modelFeatures(header);
  const inputs = countInputs(header);
  const parameters = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
  const layers = header.layers.map(({ units, activation }) => `${units} ${activation}`).join(" > ");
  terminal.say(
    [
      `${where}: a ${header.kind} string${header.name ? ` ${JSON.stringify(header.name)}` : ""}, schema ${header.schema}`,
      `  pitch     f0 ${short(header.f0)} Hz at ${header.sampleRate} Hz, period ${(header.sampleRate / header.f0).toFixed(2)} samples`,
      `  network   ${inputs} > ${layers}, ${parameters} parameters${tensors.has("layers.0.bias") ? "" : ", no biases"}`,
      `  taps      ${delays.length}: ${ranges(delays)} samples ago`,
      `  controls  ${header.controls}, features ${features.map(({ kind, mean }) => `${kind}${mean === null ? " (not live)" : ""}`).join(", ") || "none"}`,
    ].join("\n"),
  );
  const taps = tapCurve(file, delays);
  if (taps !== null) terminal.say(`  weights   ${taps} of the first layer, RMS by tap, shortest delay first`);
  const sizes = sizeCurve(file);
  if (sizes !== null) terminal.say(`  units     ${sizes} of the first layer, RMS by unit, largest first`);
  for (const curve of unitCurves(file)) terminal.say(curve);
  for (const [name, { shape, data }] of tensors) {
    const rms = Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length);
    const peak = data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    terminal.say(`  ${name} [${shape.join(", ")}]  rms ${short(rms)}, largest ${short(peak)}`);
  }
  return { delays: [...delays], inputs, parameters };
}

/** Delays as ranges: "131-135, 265-269". */
function ranges(delays: Int32Array): string {
  const found: [number, number][] = [];
  for (const delay of delays.toSorted()) {
    const last = found.at(-1);
    if (last && delay <= last[1] + 1) last[1] = delay;
    else found.push([delay, delay]);
  }
  return found.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
}

async function inspectRecording(path: string, terminal: Terminal): Promise<number> {
  const recording = await prepareRecording(path, { crop: "decay" });
  const { name, sampleRate, samples, onset, f0, inharmonicity, noiseFloor, checks, contentHash } = recording;
  const peak = samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const decibel = (x: number) => `${(20 * Math.log10(x + 1e-12)).toFixed(1)} dB`;
  terminal.say(
    [
      `${line(name)}: ${(samples.length / sampleRate).toFixed(2)} s at ${sampleRate} Hz, SHA-256 ${contentHash.slice(0, 12)}`,
      `  onset     ${(onset / sampleRate).toFixed(4)} s (sample ${onset})`,
      `  pitch     f0 ${f0.toFixed(2)} Hz, period ${(sampleRate / f0).toFixed(2)} samples${inharmonicity === undefined ? "" : `, B ${inharmonicity.toExponential(1)}`}`,
      `  level     peak ${decibel(peak)}, noise ${decibel(noiseFloor.rms)}`,
      `  decay     ${levelCurve(samples)} 72 dB high`,
    ].join("\n"),
  );
  for (const note of checks) terminal.warn(note);
  const { samples: _, ...facts } = recording;
  terminal.emit({ type: "recording", ...facts, peak });
  return 0;
}
