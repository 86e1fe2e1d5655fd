/**
 * The instrument's page in Chromium, for tests: opened anew for each of them, listened to for complaints, and asked what it
 * says to the audio thread.
 */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { launchChromium } from "./chromium.ts";
import { type InstrumentSite, serveInstrument } from "./instrument-site.ts";
import { physicalFile } from "./physical-file.ts";
import { physicalString } from "./physical-string.ts";

/** Screenshots that are left for people to look at. */
export const SHOTS = fileURLToPath(new URL("../../packages/playground/build/screenshots/", import.meta.url));
const guitar = physicalFile(physicalString({ t60: [6, 3], cents: 2 }));
/** A model's file that the page offers, and that may be dropped, too. */
export const piano = physicalFile(physicalString({ taps: 512, ahead: 400, f0: 55, t60: [9, 4], seed: 2 }));
const MODELS = { guitar: { title: "Guitar", bytes: guitar }, piano: { title: "Piano", bytes: piano } };

/** Counts audio contexts, and keeps what the page says to the audio thread. */
const WATCH = `
  globalThis.contexts = [];
  globalThis.AudioContext = class extends AudioContext { constructor(...a) { super(...a); contexts.push(this); } };
  globalThis.posted = [];
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (message, transfer) {
    if (message?.type && !["look", "tuning", "load"].includes(message.type)) posted.push(message);
    return post.call(this, message, transfer);
  };
`;

/** What the page says to the audio thread. */
export interface Posted {
  type: string;
  f0: number;
  velocity: number;
  position?: number;
  cutoff?: number;
}

/** Use it in a describe: serves the page, starts the browser, and ends both. */
export function useInstrument() {
  let site: InstrumentSite;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  async function open(
    options: BrowserContextOptions & { hash?: string; script?: string } = {},
  ): Promise<Page> {
    const { hash = "", script = "", ...context } = options;
    page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, ...context })).newPage();
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", ({ message }) => complaints.push(message));
    await page.addInitScript(WATCH + script);
    await page.goto(site.url + hash);
    await page.waitForSelector(".string-button");
    return page;
  }

  const state = () => page.locator(".state").textContent();
  // asked from here: the page's policy lets nobody evaluate text in it
  const until = (truth: string) =>
    expect.poll(() => page.evaluate(`Boolean(${truth})`), { timeout: 30_000 }).toBe(true);
  const textOf = (selector: string) => `(document.querySelector("${selector}")?.textContent ?? "")`;
  const playing = () => until(`/Tuning: (1[6-9]|[2-9]\\d)|In tune/.test(${textOf(".state")})`);
  const inTune = () => until(`${textOf(".state")} === "In tune. Play."`);
  const loaded = (times: number) =>
    until(`posted.filter(({ type }) => type === "play").length === ${times} && ${textOf(".state")} !== ""`);
  const notes = () => page.evaluate<Posted[]>("posted.filter(({ type }) => type === 'noteOn')");
  const count = (type: string) =>
    page.evaluate<number>(`posted.filter((one) => one.type === "${type}").length`);
  const notices = () => page.locator(".notices p").allTextContents();
  const voices = (text: RegExp) => until(`${text}.test(${textOf(".meters")})`);

  async function start(options?: Parameters<typeof open>[0]): Promise<Page> {
    await open(options);
    await page.getByRole("button", { name: "Start sound" }).click();
    await playing();
    return page;
  }

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    site = await serveInstrument(MODELS);
    browser = await launchChromium();
  });

  afterEach(async () => {
    await page?.context().close();
    expect(complaints.splice(0)).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    site?.close();
  });

  return { open, start, state, until, textOf, playing, inTune, loaded, notes, count, notices, voices };
}
