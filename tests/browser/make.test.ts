// A string made in Chromium as a visitor makes one: faults of recordings are named and marked, a recording is learned,
// played, saved, sent and handed on, all of it kept over a reload; and from the moment the page is loaded nothing is asked
// of any server. What is saved is rendered in Node, and sounds the same.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readModelFile } from "@neural-string/shared";
import { encodeWav } from "@neural-string/shared/encode-wav";
import type { Browser, BrowserContext, Download, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { knownString, mix } from "../support/audio-files.ts";
import { chromiumPath, inChromium, launchChromium } from "../support/chromium.ts";
import { succeed } from "../support/cli.ts";
import { expectWithinDb } from "../support/closeness.ts";
import { keptOffline, SCREENSHOTS, type ServedSite, serveSite } from "../support/playground-site.ts";
import { readWav } from "../support/read-wav.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const sampleRate = 22_050;
const STEPS = 40;
const note = { f0: 220, seconds: 2.5, sampleRate, noise: 1e-5, decaySeconds: 0.7 };
const good = knownString({ ...note, lead: 0.1 });
const files: Record<string, Float32Array> = {
  "good.wav": good,
  "clipped.wav": good.map((x) => Math.max(-1, Math.min(1, 4 * x))),
  "twice.wav": mix({ sound: good }, { sound: knownString(note), at: Math.round(1.1 * sampleRate) }),
};
const file = (name: string) => ({
  name,
  mimeType: "audio/wav",
  // not to the last byte what the page would write itself
  buffer: Buffer.concat([encodeWav(files[name], sampleRate), Buffer.from("JUNK\0\0\0\0", "latin1")]),
});

describe.skipIf(!chromiumPath)(inChromium("making a string"), () => {
  let site: ServedSite;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const folder = mkdtempSync(join(tmpdir(), "neural-string-make-"));
  const troubles: string[] = [];
  /** What was asked of servers since the page was loaded. */
  const asked: string[] = [];

  beforeAll(async () => {
    site = await serveSite();
    browser = await launchChromium(["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]);
    context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
    page = await context.newPage();
    // a busy machine trains for a while
    page.setDefaultTimeout(120_000);
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) troubles.push(message.text());
    });
    page.on("pageerror", ({ message }) => troubles.push(message));
    await page.goto(site.url(`make/?steps=${STEPS}`));
    await page.locator("#train[data-loaded]").waitFor();
    // nor does the service worker ask for anything once it keeps the whole site
    await keptOffline(page);
    site.sent();
    context.on("request", (request) => asked.push(request.url()));
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    site?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const text = async (selector: string) => (await page.locator(selector).textContent()) ?? "";
  const take = (name: string) => page.locator(`[data-take="${name}"]`);
  async function drop(name: string): Promise<void> {
    await page.locator("#files").setInputFiles(file(name));
    await take(name).locator("[data-check]").first().waitFor();
  }

  async function saved(button: string): Promise<string> {
    const [download] = (await Promise.all([page.waitForEvent("download"), page.locator(button).click()])) as [
      Download,
      undefined,
    ];
    const path = join(folder, download.suggestedFilename());
    await download.saveAs(path);
    return path;
  }

  async function violations(): Promise<string[]> {
    await page.evaluate("Promise.allSettled(document.getAnimations().map(({ finished }) => finished))");
    const found = (await page.evaluate("axe.run().then(({ violations }) => violations)")) as {
      id: string;
      nodes: { html: string }[];
    }[];
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" ")}`);
  }

  test("faults are named where they lie, on a picture; handles leave a second pluck out; what is no sound is told", async () => {
    await drop("clipped.wav");
    const clipped = take("clipped.wav");
    expect(await clipped.locator('[data-check="clipping"]').getAttribute("data-tone")).toBe("poor");
    expect(await clipped.locator("canvas").getAttribute("aria-label")).toMatch(
      /begins at 0\.10 s, clipped from 0\.1/,
    );
    expect(await page.locator("#start").isDisabled()).toBe(true);
    const isDrawn = await page.evaluate(`(() => {
      const canvas = document.querySelector("[data-take='clipped.wav'] canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return data.some((value, i) => value !== data[i % 4]);
    })()`);
    expect(isDrawn).toBe(true);
    await clipped.getByRole("button", { name: "Remove" }).click();

    await drop("twice.wav");
    const twice = take("twice.wav");
    const pluck = twice.locator('[data-check="pluck"]');
    expect(await pluck.getAttribute("data-tone")).toBe("fair");
    const end = twice.getByRole("slider", { name: /end/ });
    await end.focus();
    for (let i = 0; i < 11; i++) await page.keyboard.press("PageDown");
    await twice.locator('[data-check="pluck"][data-tone="good"]').waitFor();
    expect(Number(await end.getAttribute("aria-valuenow"))).toBeCloseTo(
      files["twice.wav"].length / sampleRate - 2.75,
      1,
    );
    await page.screenshot({ path: join(SCREENSHOTS, "make-takes.png"), fullPage: true });
    await twice.getByRole("button", { name: "Remove" }).click();

    await page.locator("#files").setInputFiles({
      name: "cat.png",
      mimeType: "image/png",
      buffer: Buffer.from("\x89PNG0000", "latin1"),
    });
    await page.locator("#problem", { hasText: "cat.png: not an audio file we can read" }).waitFor();
  }, 120_000);

  test("learned, played, saved: Node renders the same sound from the file, which says where it comes from", async () => {
    await drop("good.wav");
    await page.locator("#start:not([disabled])").click();
    // the first string is there before the first step
    await page.locator(".wire").waitFor();
    await page.locator("#pause").click();
    await page.locator("#state", { hasText: /^Paused at step \d+ of 40/ }).waitFor();
    await page.getByRole("button", { name: "Go on", exact: true }).click();
    await page.locator("#state", { hasText: `Done after ${STEPS} steps` }).waitFor();
    expect(await page.locator("#problem").isVisible()).toBe(false);
    await page.locator(".wire").click();
    await page.keyboard.press("KeyG");
    await page.locator("#licence").selectOption("CC-BY-4.0");
    await page.locator("#attribution").fill("A. Player");
    const wav = await saved("#save-wav");
    const model = await saved("#save-model");
    const { header } = readModelFile(new Uint8Array(readFileSync(model)), model);
    expect(header.name).toBe("good");
    expect(header.f0).toBeCloseTo(220, 0);
    expect(header.provenance).toMatchObject({
      recordings: [{ name: "good.wav", licence: "CC-BY-4.0", attribution: "A. Player" }],
      trainedIn: expect.stringContaining("browser"),
      seed: 1,
    });
    const here = join(folder, "node.wav");
    await succeed(folder, "render", "--model", model, "--seconds", "10", "--out", here);
    const [inBrowser, inNode] = [readWav(wav), readWav(here)];
    expect(inBrowser.sampleRate).toBe(inNode.sampleRate);
    expect(inNode.samples.some((x) => Math.abs(x) > 0.01)).toBe(true);
    expectWithinDb(inBrowser.samples, inNode.samples, -100, "browser and Node");
  }, 200_000);

  test("nothing was asked of any server since the page was loaded", () => {
    // the site's icon, and whether there is a newer service worker, is asked by the browser itself
    const own = /^blob:|favicon\.svg$|service-worker\.js$/;
    expect(asked.filter((url) => !own.test(url))).toEqual([]);
    expect(site.sent().filter(({ path }) => !own.test(path))).toEqual([]);
  });

  test("axe has nothing to say of a finished string, in light and dark, wide and narrow", async () => {
    await page.evaluate(AXE);
    for (const [colorScheme, width] of [
      ["light", 390],
      ["dark", 1280],
    ] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-theme="${colorScheme}"]`).waitFor();
      const tooWide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
      expect(await page.evaluate(tooWide), `${colorScheme}: wider than the screen by`).toBeLessThanOrEqual(0);
      expect(await violations(), colorScheme).toEqual([]);
      await page.screenshot({ path: join(SCREENSHOTS, `make-done-${colorScheme}.png`), fullPage: true });
    }
  }, 60_000);

  test("after a reload all is there; a link carries the string to somebody who has nothing; the instrument plays it", async () => {
    await page.reload();
    await page.locator("#state", { hasText: `Done after ${STEPS} steps` }).waitFor();
    await take("good.wav").locator("[data-check]").first().waitFor();
    await page.locator(".wire").waitFor();
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await page.locator("#copy-link").click();
    await page.locator("#link-says", { hasText: /in the link \(\d+ kB\)/ }).waitFor();
    const link = (await page.evaluate("navigator.clipboard.readText()")) as string;

    const other = await (await browser.newContext()).newPage();
    await other.goto(link);
    await other.locator("#welcome", { hasText: "Somebody sent you a string: good." }).waitFor();
    await other.locator(".wire").waitFor();
    await other.context().close();

    // leaving in the middle of another training, and coming back
    await page.locator("#start", { hasText: "Learn it anew" }).click();
    await page.locator("#state", { hasText: /step \d+ of 40/ }).waitFor();
    await page.locator(".wire").waitFor();
    await page.reload();
    await page.locator("#state", { hasText: `Done after ${STEPS} steps` }).waitFor();

    await page.locator("#judge-it").click();
    await page.locator("#verdict", { hasText: "On a recording it was trained on" }).waitFor();
    await page.goBack();
    await page.locator("#play-it").click();
    await page.waitForURL(/instrument\/\?made/);
    expect(await page.locator('select option[value="made"]').textContent()).toBe("good");
  }, 120_000);

  test("a microphone is counted down, heard raw, and stopped; one that is refused is told how to mend it", async () => {
    await page.goto(site.url("make/"));
    await page.getByRole("button", { name: "Record a pluck" }).click();
    const stop = page.getByRole("button", { name: "Stop recording" });
    await stop.waitFor();
    const level = () => page.evaluate("document.querySelector('.recording meter').value");
    await expect.poll(level, { timeout: 20_000 }).toBeGreaterThan(0.2);
    await stop.click();
    await take("pluck 1").locator("[data-check]").first().waitFor();
    expect(await text('[data-take="pluck 1"] .take-head')).toMatch(/[\d.]+ s at 4[48]/);

    await page.evaluate(
      "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'))",
    );
    await page.getByRole("button", { name: "Record a pluck" }).click();
    await page.locator("#problem", { hasText: "The microphone was refused." }).waitFor();
    expect(troubles).toEqual([]);
  }, 60_000);
});
