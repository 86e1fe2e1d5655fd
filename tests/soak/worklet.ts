/**
 * The instrument's worklet in Chromium, in real time, played without pause and given another model now and then: neither
 * the page's heap nor the renderer's memory may grow, and nothing is refused or broken.
 */
import { readFileSync } from "node:fs";
import { launchChromium } from "../support/chromium.ts";
import { serveInstrument } from "../support/instrument-site.ts";
import { physicalFile } from "../support/physical-file.ts";
import { physicalString } from "../support/physical-string.ts";
import { type Figures, growthOf, inMib, type Report, type Tell } from "./figures.ts";

const ROWS = 30;
/** What the page's heap, and the renderer with all its threads, may grow by (MiB). */
const SPARE_HEAP_MIB = 2;
const SPARE_RENDERER_MIB = 12;

/** Begins to play in the page; `soak.said` counts what the audio thread answers. */
const PLAY = `(async () => {
  const core = await import("/core.js");
  const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  const wasm = (await bytes("/simd.wasm")).buffer;
  const context = new AudioContext();
  await context.resume();
  await context.audioWorklet.addModule("/processor.js");
  const node = new AudioWorkletNode(context, "neural-string-stage", {
    numberOfInputs: 0, outputChannelCount: [1], processorOptions: { wasm },
  });
  node.connect(context.destination);
  const soak = { said: {}, notes: 0, loads: 0, time: () => context.currentTime };
  globalThis.soak = soak;
  node.port.onmessage = ({ data }) => { soak.said[data.type] = (soak.said[data.type] ?? 0) + 1; };
  const models = [];
  for (const name of ["guitar", "piano"]) {
    const model = core.readModelFile(await bytes("/model/" + name));
    const tuner = new core.StringTuner(new core.Core(wasm), model, { sampleRate: context.sampleRate, lowestF0: model.f0 });
    const pitches = [0, 3, 7, 12].map((semitones) => model.f0 * 2 ** (semitones / 12));
    models.push({ model, tunings: pitches.map((f0) => tuner.tune(f0)) });
  }
  let playing;
  const load = () => {
    playing = models[soak.loads++ % models.length];
    const { model, tunings } = playing;
    node.port.postMessage({ type: "load", model, polyphony: 6, releaseT60: 0.2, lowestF0: model.f0 });
    for (const tuning of tunings) node.port.postMessage({ type: "tuning", tuning });
    node.port.postMessage({ type: "play" });
  };
  load();
  setInterval(load, LOAD_EVERY);
  setInterval(() => {
    const id = ++soak.notes;
    const { f0 } = playing.tunings[id % playing.tunings.length];
    node.port.postMessage({ type: "noteOn", id, f0, velocity: 0.3 + 0.1 * (id % 7) });
    if (id > 3) node.port.postMessage({ type: "noteOff", id: id - 3 });
    node.port.postMessage({ type: "bend", cents: 20 * (id % 5) });
  }, 80);
})()`;

/** Resident size of a process (bytes); 0 where it is not told. */
function residentBytes(pid: number): number {
  try {
    const [, kib] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1")) ?? [];
    return 1024 * Number(kib ?? 0);
  } catch {
    return 0;
  }
}

/** Play for some seconds. */
export async function soakWorklet(seconds: number, tell: Tell): Promise<Report> {
  const site = await serveInstrument({
    guitar: { title: "Guitar", bytes: physicalFile(physicalString({ t60: [6, 3], cents: 2 })) },
    piano: {
      title: "Piano",
      bytes: physicalFile(physicalString({ taps: 512, ahead: 400, f0: 55, t60: [9, 4], seed: 2 })),
    },
  });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(site.url);
    await page.mouse.click(5, 5); // a browser wants that before it sounds
    await page.evaluate(PLAY.replace("LOAD_EVERY", String(Math.min(20, seconds / 3) * 1000)));
    const heap = await page.context().newCDPSession(page);
    const system = await browser.newBrowserCDPSession();
    const rows: Figures[] = [];
    for (let row = 0; row < ROWS; row++) {
      await page.waitForTimeout((1000 * seconds) / ROWS);
      await heap.send("HeapProfiler.collectGarbage");
      const { usedSize } = await heap.send("Runtime.getHeapUsage");
      const { processInfo } = await system.send("SystemInfo.getProcessInfo");
      const renderers = processInfo.filter(({ type }) => type === "renderer");
      const resident = Math.max(...renderers.map(({ id }) => residentBytes(id)));
      const { time, notes, loads } = await page.evaluate<{ time: number; notes: number; loads: number }>(
        "({ time: soak.time(), notes: soak.notes, loads: soak.loads })",
      );
      rows.push({
        seconds: Math.round(time),
        notes,
        loads,
        "page MiB": inMib(usedSize),
        "renderer MiB": inMib(resident),
      });
      tell(`${Math.round(time)} s`);
    }
    const said = await page.evaluate<Record<string, number>>("soak.said");
    const broken = [
      ...growthOf(rows, "page MiB", SPARE_HEAP_MIB),
      ...growthOf(rows, "renderer MiB", SPARE_RENDERER_MIB),
      ...["failed", "status"].filter((type) => type in said).map((type) => `${said[type]} times ${type}`),
    ];
    if (!(said.loaded >= 2)) broken.push(`expected several models to play, got ${said.loaded ?? 0}`);
    if (!(Number(rows.at(-1)?.seconds) > 0.5 * seconds)) broken.push("the audio thread fell behind");
    return { what: `the worklet in Chromium for ${seconds} s, in real time`, rows, broken };
  } finally {
    await browser.close();
    site.close();
  }
}
