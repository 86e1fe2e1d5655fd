// The site in Debian's own Firefox, over WebDriver BiDi: every kind of page without a complaint, the audio thread's sound
// bit for bit that of Node, and a note that is played live.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectSameBits } from "../support/closeness.ts";
import { firefoxPath, inFirefox, launchFirefox, type RunningFirefox, whySilent } from "../support/firefox.ts";
import { type InstrumentSite, serveInstrument } from "../support/instrument-site.ts";
import { SCREENSHOTS, type ServedSite, serveSite } from "../support/playground-site.ts";
import {
  FILES,
  type Rendered,
  renderHere,
  SCORE_AHEAD,
  scriptToRender,
  soundOf,
} from "../support/stage-score.ts";

describe.skipIf(!firefoxPath)(inFirefox("the site"), () => {
  let site: ServedSite;
  let instrument: InstrumentSite;
  let firefox: RunningFirefox;
  let page: Page;
  const troubles: string[] = [];

  beforeAll(async () => {
    mkdirSync(SCREENSHOTS, { recursive: true });
    [site, instrument] = await Promise.all([
      serveSite(),
      serveInstrument({ guitar: { title: "Guitar", bytes: FILES.guitar } }),
    ]);
    firefox = await launchFirefox();
    page = await firefox.browser.newPage();
    page.on("console", (message) => {
      // a page that still arrives is laid out as far as it has come; whole formulas are looked at in built-site.test.ts
      if (/Invalid markup: Incorrect number of children/.test(message.text())) return;
      if (["error", "warn"].includes(message.type())) troubles.push(`${page.url()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => troubles.push(String(error)));
  }, 400_000);

  afterAll(async () => {
    await firefox?.close();
    site?.close();
    instrument?.close();
  });

  const textOf = (selector: string) =>
    page.evaluate(
      (wanted) => (globalThis as unknown as Asked).document.querySelector(wanted)?.textContent,
      selector,
    );

  test("every kind of page comes without a complaint, and models are judged", async () => {
    for (const path of ["", "docs/", "docs/how/certificate/", "docs/mathematics/", "audition/"]) {
      await page.goto(site.url(path), { waitUntil: "load" });
      expect((await page.$$("h1")).length, path).toBe(1);
    }
    await expect.poll(() => textOf("#verdict"), { timeout: 80_000 }).toContain(".");
    expect(await textOf("#filters")).toContain("certificate holds");
    await page.screenshot({ path: join(SCREENSHOTS, "audition-firefox.png") });
    expect(troubles).toEqual([]);
  }, 120_000);

  test("the audio thread's sound is Node's, bit for bit", async () => {
    const here = renderHere(SCORE_AHEAD);
    expect(here.said.filter(({ type }) => type === "failed")).toEqual([]);
    const part = (from: number) => Math.max(...here.sound.subarray(from, from + 4000));
    for (const frame of [2000, 12000, 20000]) expect(part(frame)).toBeGreaterThan(0.01);
    await page.goto(instrument.url);
    const there = (await page.evaluate(scriptToRender(SCORE_AHEAD))) as Rendered;
    expect(there.said).toEqual(["loaded"]);
    expectSameBits(soundOf(there), here.sound);
  });

  test("a click starts sound, and a key plays a note", async (context) => {
    if (whySilent) return context.skip(whySilent);
    await page.goto(site.url("instrument/"), { waitUntil: "load" });
    await page.locator("button.start").click();
    await expect.poll(() => textOf(".state"), { timeout: 60_000 }).toMatch(/^(Tuning: [1-9]|In tune)/);
    await page.keyboard.down("z");
    await expect.poll(() => textOf(".meters"), { timeout: 20_000 }).toMatch(/Level−?\d+ dB.*1 of 24/s);
    await page.screenshot({ path: join(SCREENSHOTS, "instrument-firefox.png") });
    await page.keyboard.up("z");
    await expect.poll(() => textOf(".meters"), { timeout: 20_000 }).toContain("0 of 24");
    expect(troubles).toEqual([]);
  }, 120_000);
});

/** What of the page is asked for from here, where the DOM has no types. */
interface Asked {
  document: { querySelector(selector: string): { textContent: string } | null };
}
