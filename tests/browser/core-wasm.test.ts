// The browser's render equals Node's, bit for bit, with the same build, on the main thread and in a worker: the package's
// own TypeScript, its types stripped as Node strips them, served to Chromium from this machine.
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { stripTypeScriptTypes } from "node:module";
import type { AddressInfo } from "node:net";
import {
  type Build,
  generateKarplusStrong,
  generateStiffString,
  Resonator,
  readModelFile,
  type StringModel,
  Voices,
} from "@neural-string/core-wasm";
import { writeModelFile } from "@neural-string/shared";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, inChromium, launchChromium } from "../support/chromium.ts";
import { expectSameBits } from "../support/closeness.ts";
import { BUILDS_HERE, buildBytes, newCore } from "../support/core-builds.ts";
import { encodeFile } from "../support/model-bytes.ts";
import { randomString, somePast, stringSlope, tapsAround, tuneSlope } from "../support/networks.ts";
import { makePassiveModel } from "../support/passive-models.ts";

const PERIOD = 534;
const FRAMES = 88200;
const past = somePast(1100, PERIOD);
const ks = { sampleRate: 44100, f0: 110, seconds: 0.5, t60: 3, pluckPosition: 0.2, seed: 3 };
const stiff = {
  sampleRate: 44100,
  f0: 110,
  seconds: 0.5,
  t60: [3, 2, 1],
  inharmonicity: 1e-4,
  secondMix: 0.3,
  detuneCents: 2,
};
const modelBytes = lively();
const guitar = makePassiveModel({ sampleRate: 44100, f0: 110, taps: 128, filters: 2, gain: 0.999 });
const guitarBytes = writeModelFile({ header: guitar.header, tensors: guitar.tensors });
const chord = [110, 130.81, 164.81];

/** A model file whose string lives for seconds: 22 taps, 30 hidden neurons, a live decay feature. */
function lively(): Uint8Array {
  const sides = { before: 2, after: 2 };
  const tapPattern = [
    { periodFraction: 1, before: 3, after: 2 },
    ...[0.25, 0.5].map((periodFraction) => ({ periodFraction, ...sides })),
  ];
  const delays = [...tapsAround(PERIOD, [1], 3, 2), ...tapsAround(PERIOD, [0.25, 0.5], 2, 2)];
  const features = [{ kind: "decay" as const, window: 550, mean: -0.02, scale: 0.04 }];
  const model = randomString({ delays, hidden: [30], features, drive: 0.4, bias: 0.05 });
  tuneSlope(model, stringSlope(delays, PERIOD, 0.99));
  const tensors: Record<string, unknown> = {};
  const data: number[] = [];
  for (const [i, { weight, bias, units, inputs }] of model.layers.entries()) {
    const entry = (values: Float32Array | null, shape: number[]) => {
      const start = 4 * data.length;
      data.push(...(values ?? []));
      return { dtype: "F32", shape, data_offsets: [start, 4 * data.length] };
    };
    tensors[`layers.${i}.weight`] = entry(weight, [units, inputs]);
    tensors[`layers.${i}.bias`] = entry(bias, [units]);
  }
  const layers = model.layers.map(({ units, activation }) => ({ units, activation }));
  const meta = {
    schema: 1,
    kind: "classic",
    sampleRate: 44100,
    f0: 82.46,
    tapPattern,
    layers,
    controls: 0,
    features,
  };
  const header = () => ({ __metadata__: { "neural-string": JSON.stringify(meta) }, ...tensors });
  return encodeFile({ meta, tensors, data: Float32Array.from(data), header });
}

/** Serve the package's sources as JavaScript, its builds, and what is to be played. */
function serve(): Promise<Server> {
  const sources = new URL("../../packages/core-wasm/src/", import.meta.url);
  const server = createServer(({ url = "/" }, response) => {
    const [, folder, file = ""] = url.split("/");
    const reply = (type: string, body: string | Uint8Array) =>
      response.writeHead(200, { "content-type": type }).end(body);
    if (folder === "src" && /^[a-z-]+\.ts$/.test(file) && existsSync(new URL(file, sources))) {
      return reply("text/javascript", stripTypeScriptTypes(readFileSync(new URL(file, sources), "utf8")));
    }
    if (folder === "worker") return reply("text/javascript", `postMessage(await ${render(file as Build)})`);
    if (folder === "build") return reply("application/wasm", buildBytes(file as Build));
    if (folder === "model") return reply("application/octet-stream", modelBytes);
    if (folder === "guitar") return reply("application/octet-stream", guitarBytes);
    if (folder === "past") return reply("application/octet-stream", new Uint8Array(past.buffer));
    return reply("text/html", "<!doctype html><title>core-wasm</title>");
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

// Runs in the page or in a worker; a string, because the test runner would rewrite the import. Floats travel as their bits.
const render = (build: Build) => `(async () => {
  const core = await import("/src/index.ts");
  const bytes = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
  const module = await bytes("/build/${build}");
  const string = new core.Resonator(new core.Core(module), core.readModelFile(await bytes("/model/")));
  string.setFeatureLive(0);
  string.excite(new Float32Array((await bytes("/past/")).buffer));
  const out = new Float32Array(${FRAMES});
  for (let n = 0; n < out.length; n += 128) string.process(out.subarray(n, n + 128));
  const bits = (sound) => [...new Int32Array(sound.buffer)];
  const voices = new core.Voices(new core.Core(module), core.readModelFile(await bytes("/guitar/")));
  voices.tune(${JSON.stringify(chord)});
  const notes = new Float32Array(${FRAMES});
  for (const f0 of ${JSON.stringify(chord)}) voices.noteOn(f0, 0.8);
  for (let n = 0; n < notes.length; n += 128) {
    if (n === 12800) voices.bend(60);
    voices.process(notes, n, Math.min(n + 128, notes.length));
  }
  return {
    string: bits(out),
    voices: bits(notes),
    karplusStrong: bits(core.generateKarplusStrong(new core.Core(module), ${JSON.stringify(ks)})),
    stiffString: bits(core.generateStiffString(new core.Core(module), ${JSON.stringify(stiff)})),
  };
})()`;

function renderHere(build: Build, model: StringModel): Record<string, Float32Array> {
  const string = new Resonator(newCore(build), model);
  string.setFeatureLive(0);
  string.excite(past);
  const out = new Float32Array(FRAMES);
  string.process(out);
  const voices = new Voices(newCore(build), readModelFile(guitarBytes));
  voices.tune(chord);
  const notes = new Float32Array(FRAMES);
  for (const f0 of chord) voices.noteOn(f0, 0.8);
  voices.process(notes, 0, 12800);
  voices.bend(60);
  voices.process(notes, 12800);
  return {
    string: out,
    voices: notes,
    karplusStrong: generateKarplusStrong(newCore(build), ks),
    stiffString: generateStiffString(newCore(build), stiff),
  };
}

describe.skipIf(!chromiumPath)(inChromium("core-wasm"), () => {
  let server: Server;
  let browser: Browser;
  let page: Page;
  let builds: Build[];

  beforeAll(async () => {
    server = await serve();
    browser = await launchChromium();
    page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    builds = await page.evaluate('import("/src/index.ts").then((core) => core.supportedBuilds())');
  });

  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  test("the browser supports the scalar and the simd build at least", () => {
    expect(builds).toEqual(expect.arrayContaining(["simd", "scalar"]));
  });

  const expectSameAs = (there: Record<string, number[]>, build: Build, where: string) => {
    const here = renderHere(build, readModelFile(modelBytes));
    for (const what of ["string", "voices"]) {
      const end = here[what].subarray(FRAMES - 1000);
      expect(Math.hypot(...end), `${what} still sounds at the end`).toBeGreaterThan(1e-3);
    }
    for (const what of Object.keys(here)) {
      const sound = new Float32Array(Int32Array.from(there[what]).buffer);
      expectSameBits(sound, here[what], `${what}, ${build}, ${where}`);
    }
  };

  test.for(BUILDS_HERE)("%s sounds as in Node, bit for bit", async (build, context) => {
    if (!builds.includes(build)) context.skip(`this browser does not know ${build}`);
    expectSameAs(await page.evaluate(render(build)), build, "page");
  });

  test("so it does in a worker", async () => {
    const [build] = builds;
    const there = await page.evaluate<Record<string, number[]>>(`new Promise((resolve, reject) => {
      const worker = new Worker("/worker/${build}", { type: "module" });
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
    })`);
    expectSameAs(there, build, "worker");
  });
});
