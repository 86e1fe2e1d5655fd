// The site without what Safari lacks, and with sound that begins as it does there: on a phone, by touch alone.
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { AS_SAFARI } from "../support/as-safari.ts";
import { chromiumPath, inChromium, launchChromium } from "../support/chromium.ts";
import { type ServedSite, serveSite } from "../support/playground-site.ts";

describe.skipIf(!chromiumPath)(inChromium("what Safari lacks"), () => {
  let site: ServedSite;
  let browser: Browser;
  let page: Page;
  const troubles: string[] = [];

  beforeAll(async () => {
    site = await serveSite();
    browser = await launchChromium();
  }, 400_000);
  afterEach(async () => {
    await page?.context().close();
    expect(troubles.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    site?.close();
  });

  async function open(path: string) {
    // a service worker would answer for the server, whose log says which build was fetched
    const context = await browser.newContext({
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
      serviceWorkers: "block",
    });
    page = await context.newPage();
    page.setDefaultTimeout(80_000);
    page.on("console", (message) => message.type() === "error" && troubles.push(message.text()));
    page.on("pageerror", ({ message }) => troubles.push(message));
    await page.addInitScript(AS_SAFARI);
    site.sent();
    await page.goto(site.url(path), { waitUntil: "load" });
  }

  /** Touch the lowest string, in its middle. */
  async function tapString() {
    const canvas = page.locator(".strings-canvas");
    const { width, height } = (await canvas.boundingBox()) as { width: number; height: number };
    await canvas.tap({ position: { x: width / 2, y: height / 12 } });
  }

  const states = () => page.evaluate("contexts.map(({ state }) => state)");
  const builds = () =>
    site.sent().flatMap(({ path }) => /(relaxed|simd|scalar)[^/]*\.wasm$/.exec(path)?.[1] ?? []);

  test("the first touch of the first page's strings sounds, with the SIMD build", async () => {
    await open("");
    expect(await states()).toEqual([]);
    await page.locator("#strings button").nth(2).tap();
    await page
      .locator("#strings-status")
      .filter({ hasText: "Drag across the strings, or press 1 to 5." })
      .waitFor();
    await expect.poll(states).toEqual(["running"]);
    expect(builds()).toEqual(["simd"]);
    // or a phone whose switch is on silent would play nothing
    expect(await page.evaluate("navigator.audioSession.type")).toBe("playback");
  });

  test("a microphone is asked for by a page that says it records, and one that plays afterwards", async () => {
    await open("make/");
    await page.getByRole("button", { name: "Record a pluck" }).tap();
    await page.getByText("No microphone was found.").waitFor();
    expect(await page.evaluate("sessionsOfMicrophone")).toEqual(["play-and-record"]);
    expect(await page.evaluate("navigator.audioSession.type")).toBe("playback");
  });

  test("the touch that starts the instrument is the first note; MIDI says what it lacks", async () => {
    await open("instrument/");
    await page.locator(".string-button").first().waitFor();
    expect(await states()).toEqual([]);
    expect(await page.getByRole("region", { name: "MIDI" }).getByRole("status").textContent()).toContain(
      "This browser has no Web MIDI",
    );
    await tapString();
    await expect.poll(() => page.locator(".meters").textContent(), { timeout: 30_000 }).toContain("1 of 24");
    expect(await states()).toEqual(["running"]);
    expect(builds()).toEqual(["simd"]);
  });

  test("what the system took away while the page was elsewhere comes back with the next touch", async () => {
    await open("instrument/");
    await tapString();
    await expect.poll(() => page.locator(".meters").textContent(), { timeout: 30_000 }).toContain("of 24");
    await page.evaluate("contexts[0].suspend()");
    expect(await states()).toEqual(["suspended"]);
    await tapString();
    await expect.poll(states).toEqual(["running"]);
  });

  test("a demo of the docs is heard", async () => {
    await open("docs/how/delay-line/");
    await page.locator("#delay-line-demo [data-play]").waitFor();
    expect(await states()).toEqual([]);
    await page.locator("#delay-line-demo [data-play]").tap();
    await expect.poll(states).toEqual(["running"]);
  });

  test("models are judged and heard", async () => {
    await open("audition/");
    await page.locator("#verdict").filter({ hasText: "." }).waitFor();
    expect(await states()).toEqual([]);
    await page.locator("#play").tap();
    await page.locator("#play", { hasText: "Stop" }).waitFor();
    await expect.poll(() => page.locator("#position").inputValue().then(Number)).toBeGreaterThan(0.05);
    expect(await states()).toEqual(["running"]);
    expect(new Set(builds())).toEqual(new Set(["simd"]));
  });
});
