// The browser's render equals Node's, bit for bit, with the same build: the package's own TypeScript, its types
// stripped as Node strips them, served to Chromium from this machine.
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { stripTypeScriptTypes } from "node:module";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import {
  type Build,
  generateKarplusStrong,
  generateStiffString,
  Resonator,
  readModelFile,
  type StringModel,
} from "@neural-string/core-wasm";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectSameBits } from "../support/closeness.ts";
import { BUILDS_HERE, buildBytes, newCore } from "../support/core-builds.ts";
import { encodeFile } from "../support/model-bytes.ts";
import { randomString, somePast, stringSlope, tapsAround, tuneSlope } from "../support/networks.ts";

const onPath = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, "chromium"));
const executablePath = [process.env.CHROMIUM_PATH ?? "", "/usr/bin/chromium", ...onPath].find(existsSync);
const name = executablePath
  ? "core-wasm in Chromium"
  : "core-wasm in Chromium (skipped: no chromium; set CHROMIUM_PATH)";
const args =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

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
    if (folder === "build") return reply("application/wasm", buildBytes(file as Build));
    if (folder === "model") return reply("application/octet-stream", modelBytes);
    if (folder === "past") return reply("application/octet-stream", new Uint8Array(past.buffer));
    return reply("text/html", "<!doctype html><title>core-wasm</title>");
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

// Runs in the page; a string, because the test runner would rewrite the import. Floats travel as their bits.
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
  return {
    string: bits(out),
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
  return {
    string: out,
    karplusStrong: generateKarplusStrong(newCore(build), ks),
    stiffString: generateStiffString(newCore(build), stiff),
  };
}

describe.skipIf(!executablePath)(name, () => {
  let server: Server;
  let browser: Browser;
  let page: Page;
  let builds: Build[];

  beforeAll(async () => {
    server = await serve();
    browser = await chromium.launch({ executablePath, args: args.split(" ") });
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

  test.for(BUILDS_HERE)("%s sounds as in Node, bit for bit", async (build, context) => {
    if (!builds.includes(build)) context.skip(`this browser does not know ${build}`);
    const there = await page.evaluate<Record<string, number[]>>(render(build));
    const here = renderHere(build, readModelFile(modelBytes));
    expect(Math.hypot(...here.string.subarray(FRAMES - 1000)), "still sounds at the end").toBeGreaterThan(
      1e-3,
    );
    for (const what of Object.keys(here)) {
      const sound = new Float32Array(Int32Array.from(there[what]).buffer);
      expectSameBits(sound, here[what], `${what}, ${build}`);
    }
  });
});
