// The instrument's audio thread in Chromium renders what it renders in Node with the same build, bit for bit: through
// pulled sliders, stolen voices and another model. That nothing of it clicks is tested in Node (stage.test.ts).
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, inChromium, launchChromium } from "../support/chromium.ts";
import { expectSameBits } from "../support/closeness.ts";
import { type InstrumentSite, serveInstrument } from "../support/instrument-site.ts";
import { FILES, type Rendered, renderHere, SCORE, scriptToRender, soundOf } from "../support/stage-score.ts";

describe.skipIf(!chromiumPath)(inChromium("the instrument's sound"), () => {
  let site: InstrumentSite;
  let browser: Browser;

  beforeAll(async () => {
    site = await serveInstrument({
      guitar: { title: "Guitar", bytes: FILES.guitar },
      piano: { title: "Piano", bytes: FILES.piano },
    });
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser?.close();
    site?.close();
  });

  test("is Node's, bit for bit, through everything that can be changed", async () => {
    const here = renderHere(SCORE);
    expect(here.said.filter(({ type }) => type === "failed")).toEqual([]);
    const part = (from: number) => Math.max(...here.sound.subarray(from, from + 4000));
    for (const frame of [2000, 12000, 20000, 27000, 35000]) expect(part(frame)).toBeGreaterThan(0.01);
    expect(part(44000)).toBe(0);
    const page = await browser.newPage();
    await page.goto(site.url);
    const there = await page.evaluate<Rendered>(scriptToRender(SCORE));
    expect(there.said).toEqual(["loaded", "loaded"]);
    expectSameBits(soundOf(there), here.sound);
    await page.close();
  });
});
