// The package as it is published, in the example pages: packed, installed, built by Vite, Astro, esbuild and by nobody,
// served under a strict Content-Security-Policy, played by clicks in Chromium. What an offline context renders there
// equals what Node renders with the same build, bit for bit.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { type Build, Core, Instrument, readModelFile, StringTuner } from "@neural-string/core-wasm";
import { writeModelFile } from "@neural-string/shared";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, inChromium, launchChromium } from "../support/chromium.ts";
import { expectSameBits } from "../support/closeness.ts";
import { BUILDS_HERE, buildBytes } from "../support/core-builds.ts";
import { buildExamples, codeBlocks } from "../support/packed-package.ts";
import { makePassiveModel } from "../support/passive-models.ts";

const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src data:";
const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

// one filter moves with the level, and the pitches are retuned from this one
const { header, tensors } = makePassiveModel({
  sampleRate: 44100,
  f0: 110,
  taps: 128,
  filters: 2,
  gain: 0.997,
});
const modelBytes = writeModelFile({ header, tensors });

const folder = mkdtempSync(join(tmpdir(), "neural-string-examples-"));
const PAGES = {
  vite: "/vite/dist/",
  astro: "/astro/dist/",
  esbuild: "/esbuild/dist/",
  "no bundler": "/no-bundler/",
};

/** The README's code for a page, as a page: a bare name needs a bundler or, here, an address. */
function addReadmePage(): void {
  const code = codeBlocks().find((block) => block.includes("createStringNode")) ?? "";
  const script = code
    .replace('"@neural-string/core-wasm"', '"/core-wasm/dist/index.js"')
    .replace("new AudioContext()", "(globalThis.context = new AudioContext())")
    .replace("string.node.connect(", "globalThis.string = string; string.node.connect(");
  mkdirSync(join(folder, "readme"));
  writeFileSync(join(folder, "readme/main.js"), script);
  writeFileSync(
    join(folder, "readme/index.html"),
    '<!doctype html><link rel="icon" href="data:,"><button>play</button><script type="module" src="main.js"></script>',
  );
}

/** Why the pages cannot be made here; undefined where they were. CI must make them. */
function prepare(): string | undefined {
  if (!chromiumPath) return "no chromium; set CHROMIUM_PATH";
  try {
    buildExamples(folder, (folders) => {
      for (const to of [...folders, folder]) writeFileSync(join(to, "model.safetensors"), modelBytes);
    });
    addReadmePage();
    return undefined;
  } catch (error) {
    const { stdout = "", message } = error as { stdout?: string; message: string };
    if (process.env.CI) throw new Error(`${message}\n${stdout}`);
    return `${message}\n${stdout}`.slice(0, 2000);
  }
}

function serve(): Promise<Server> {
  const server = createServer(({ url = "/" }, response) => {
    const [path] = url.split("?");
    // Astro's addresses start at the root of its site
    const site = existsSync(join(folder, "astro/dist", path)) && path !== "/" ? "astro/dist" : ".";
    const file = join(folder, site, path.endsWith("/") ? `${path}index.html` : path);
    if (!existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    response
      .writeHead(200, { "content-type": type, "content-security-policy": POLICY })
      .end(readFileSync(file));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** The chord of examples/play.js, as Node renders it. */
function renderHere(build: Build): Float32Array {
  const bytes = buildBytes(build);
  const sampleRate = 48000;
  const model = readModelFile(modelBytes);
  if (model.kind !== "passive") throw new Error("not a passive string");
  const notes = [82.41, 123.47, 164.81, 207.65].map((f0, i) => ({ f0, at: 0.1 + 0.15 * i, until: 1.4 }));
  const lowestF0 = Math.min(...notes.map(({ f0 }) => f0));
  const failed: unknown[] = [];
  const instrument = new Instrument(new WebAssembly.Module(bytes), sampleRate, (message) => {
    if (message.type !== "loaded") failed.push(message);
  });
  instrument.take({ type: "load", model, polyphony: 16, releaseT60: 0.15, lowestF0 });
  const tuner = new StringTuner(new Core(bytes), model, { sampleRate, lowestF0 });
  for (const { f0 } of notes) instrument.take({ type: "tuning", tuning: tuner.tune(f0) });
  instrument.take({ type: "play" });
  notes.forEach(({ f0, at, until }, i) => {
    instrument.take({ type: "noteOn", id: i + 1, f0, velocity: 0.7, time: at });
    if (f0 > 200) instrument.take({ type: "bend", id: i + 1, cents: 60, time: 0.8 });
    instrument.take({ type: "noteOff", id: i + 1, time: until });
  });
  const sound = new Float32Array(2 * sampleRate);
  for (let n = 0; n < sound.length; n += 128) instrument.process(sound.subarray(n, n + 128), n);
  expect(failed).toEqual([]);
  return sound;
}

describe.skipIf(!chromiumPath)(inChromium("example pages"), () => {
  let reason: string | undefined;
  let server: Server;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    reason = prepare();
    if (reason) return;
    server = await serve();
    browser = await launchChromium();
    page = await browser.newPage();
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", ({ message }) => complaints.push(message));
  }, 600_000);

  afterAll(async () => {
    await browser?.close();
    server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(path: string) {
    complaints.length = 0;
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  }

  /** Wait for an expression; asked from outside, because the policy lets nothing be evaluated in the page. */
  async function until(expression: string, seconds = 50) {
    for (let tries = 0; tries < 20 * seconds; tries++) {
      if (await page.evaluate(expression)) return;
      await page.waitForTimeout(50);
    }
    throw new Error(`not within ${seconds} s: ${expression}`);
  }

  /** Wait until the page says so. */
  async function state(text: string) {
    const now = 'document.querySelector("#state").textContent';
    await until(`${now} === "${text}" || ${now}.startsWith("failed")`);
    expect(await page.evaluate(now)).toBe(text);
  }

  for (const [name, path] of Object.entries(PAGES)) {
    test.for(name === "vite" ? BUILDS_HERE : BUILDS_HERE.slice(0, 1))(
      `${name}: a click renders with the %s build what Node renders`,
      async (build, context) => {
        if (reason) return context.skip(reason);
        await open(`${path}?build=${build}`);
        await page.click("#render");
        await state("rendered");
        const bits = await page.evaluate("[...new Int32Array(globalThis.rendered.sound.buffer)]");
        const sound = new Float32Array(Int32Array.from(bits as number[]).buffer);
        expect(Math.max(...sound)).toBeGreaterThan(0.05);
        expectSameBits(sound, renderHere(build), `${name}, ${build}`);
        expect(complaints).toEqual([]);
      },
    );

    test(`${name}: a click plays`, async (context) => {
      if (reason) return context.skip(reason);
      await open(path);
      await page.click("#play");
      await state("playing");
      await until('document.querySelector("#level").value > 0.01', 20);
      expect(complaints).toEqual([]);
    });
  }

  test("the README's page plays", async (context) => {
    if (reason) return context.skip(reason);
    await open("/readme/");
    await page.click("button");
    await until("globalThis.string !== undefined");
    await page.evaluate(`(() => {
      globalThis.meter = new AnalyserNode(context);
      string.node.connect(meter);
    })()`);
    await until(`(() => {
      const samples = new Float32Array(meter.fftSize);
      meter.getFloatTimeDomainData(samples);
      return Math.max(...samples) > 0.001;
    })()`);
    expect(complaints).toEqual([]);
  });

  test("the policy is strict: what it forbids is refused", async (context) => {
    if (reason) return context.skip(reason);
    await open(PAGES.vite);
    await page.evaluate(`(() => {
      const script = document.createElement("script");
      script.textContent = "globalThis.ran = true";
      document.head.append(script);
    })()`);
    expect(await page.evaluate("globalThis.ran")).toBeUndefined();
    expect(complaints.join()).toContain("Content Security Policy");
  });
});
