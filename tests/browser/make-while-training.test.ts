// The page while it trains, in Chromium: it stays smooth and can be played, a second tab leaves the string to the first, and
// stopping keeps the best so far; and recordings that cannot be learned from are refused before.
import { encodeWav } from "@neural-string/shared/encode-wav";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { knownString, whiteNoise } from "../support/audio-files.ts";
import { chromiumPath, inChromium, launchChromium } from "../support/chromium.ts";
import { type ServedSite, serveSite } from "../support/playground-site.ts";

const sampleRate = 22_050;
/** More than are waited for: training is stopped. */
const STEPS = 2000;
const note = { f0: 220, seconds: 2.5, sampleRate, noise: 1e-5, decaySeconds: 0.7 };
const good = knownString({ ...note, lead: 0.1 });
const seconds = (s: number) => Math.round(s * sampleRate);

describe.skipIf(!chromiumPath)(inChromium("a page that trains"), () => {
  let site: ServedSite;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;

  beforeAll(async () => {
    site = await serveSite();
    browser = await launchChromium();
    context = await browser.newContext();
    page = await open();
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    site?.close();
  });

  async function open(): Promise<Page> {
    const opened = await context.newPage();
    opened.setDefaultTimeout(120_000);
    await opened.goto(site.url(`make/?steps=${STEPS}`));
    return opened;
  }

  async function drop(name: string, samples: Float32Array): Promise<void> {
    const buffer = Buffer.from(encodeWav(samples, sampleRate));
    await page.locator("#files").setInputFiles({ name, mimeType: "audio/wav", buffer });
  }

  test.each([
    ["silence.wav", new Float32Array(seconds(2)), "level", /silence|silent|no sound/i],
    ["noise.wav", whiteNoise(seconds(2), 0.1), "pitch", /pitch/i],
    ["blip.wav", good.slice(0, seconds(0.2)), "length", /short|long/i],
  ])(
    "%s cannot be learned from, and the page says why",
    async (name, samples, row, cause) => {
      await drop(name, samples);
      const take = page.locator(`[data-take="${name}"]`);
      const check = take.locator(`[data-check="${row}"][data-tone="poor"]`);
      await check.waitFor();
      expect(await check.textContent()).toMatch(cause);
      expect(await page.locator("#start").isDisabled()).toBe(true);
      await take.getByRole("button", { name: "Remove" }).click();
      await take.waitFor({ state: "detached" });
    },
    120_000,
  );

  test("it stays smooth and is played; another tab leaves the string alone; stopped, it keeps the best", async () => {
    await drop("good.wav", good);
    await page.locator("#start:not([disabled])").click();
    await page.locator(".wire").waitFor();
    // what tasks of the page's own thread cost in processor time: other work on the machine does not count
    const session = await context.newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    const taskSeconds = async () => {
      const { metrics } = await session.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "TaskDuration")?.value as number;
    };
    const [before, from] = [await taskSeconds(), performance.now()];
    await page.locator(".wire").click();
    await page.keyboard.press("KeyG");
    await page.waitForTimeout(8000);
    const share = (1000 * ((await taskSeconds()) - before)) / (performance.now() - from);
    expect(share).toBeGreaterThan(0);
    expect(share).toBeLessThan(0.25);
    expect(await page.locator("#problem").isVisible()).toBe(false);

    const second = await open();
    await second.locator("#problem", { hasText: "being learned in another tab" }).waitFor();
    await second.locator("#state", { hasText: /^Left at step \d+ of 2000/ }).waitFor();
    await second.locator("#forget").click();
    await second.locator("#problem", { hasText: "being learned in another tab" }).waitFor();
    const at = Number(await page.locator("#done").getAttribute("value"));
    await expect
      .poll(async () => Number(await page.locator("#done").getAttribute("value")))
      .toBeGreaterThan(at);

    await page.locator("#stop").click();
    await page.locator("#state", { hasText: /^Stopped after \d+ steps/ }).waitFor();
    await page.locator("#keep").waitFor();
    // what the first tab came to is what the second one has, not what it was opened with
    await second.locator("#start", { hasText: "Go on" }).click();
    await second.locator("#state", { hasText: /^Done after \d+ steps/ }).waitFor();
    const text = async (tab: Page) => (await tab.locator("#state").textContent())?.match(/\d+ steps/)?.[0];
    expect(await text(second)).toBe(await text(page));
    await second.close();
  }, 200_000);
});
