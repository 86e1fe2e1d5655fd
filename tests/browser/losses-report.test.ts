/**
 * The losses of single examples in the report, as a reader meets them: pictures, the table of the hardest, their sounds.
 * Needs Chromium (CHROMIUM_PATH, /usr/bin/chromium or one on PATH); skipped where there is none.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { TrainConfigSchema } from "@neural-string/shared";
import { renderReport } from "@neural-string/trainer/report/write-report";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, inChromium, launchChromium } from "../support/chromium.ts";
import { lossReport } from "../support/loss-fixture.ts";
import { runRecord, stagedLog, trainingLog } from "../support/report-fixture.ts";

// two units over five taps, and one extra input
const LAYER = {
  weight: Float32Array.of(0.1, 0.2, 0.4, 0.2, 0.1, 0, 0.5, -0.5, 0, 0.5, -0.5, 1),
  units: 2,
  delays: Int32Array.of(1, 2, 40, 41, 42),
  sampleRate: 8000,
  f0: 200,
};
const NASTY = "</script><img src=x onerror=alert(1)>";

describe.skipIf(!chromiumPath)(inChromium("losses of single examples"), () => {
  const folder = mkdtempSync(join(tmpdir(), "losses-report-"));
  let browser: Browser;

  beforeAll(async () => {
    const config = TrainConfigSchema.parse({ recordings: ["a.wav"], model: { kind: "classic" } });
    const bare = { config, record: runRecord("good"), judgements: [], sounds: [] };
    const log = trainingLog("good", 40, 4);
    const reports = {
      samples: { ...bare, log, firstLayer: LAYER, losses: lossReport("samples", { recording: NASTY }) },
      rollouts: { ...bare, log: stagedLog(1), losses: lossReport("rollouts", { examples: 24 }) },
      short: { ...bare, log, losses: lossReport("samples", { evaluations: 1 }) },
      none: { ...bare, log, losses: lossReport("samples", { evaluations: 0 }) },
    };
    for (const [name, input] of Object.entries(reports)) {
      writeFileSync(join(folder, `${name}.html`), renderReport(input));
    }
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Open a report. @returns the page, and everything that went wrong in it */
  async function open(
    name: string,
    width = 1280,
    colorScheme: "light" | "dark" = "light",
  ): Promise<{ page: Page; troubles: string[] }> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const troubles: string[] = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) troubles.push(message.text());
    });
    page.on("pageerror", ({ message }) => troubles.push(message));
    page.on("dialog", (dialog) => {
      troubles.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      if (!/^(file|data):/.test(request.url())) troubles.push(request.url());
    });
    await page.goto(pathToFileURL(join(folder, `${name}.html`)).href);
    return { page, troubles };
  }
  const plotsOf = (page: Page) =>
    page.$$eval("#losses .plot:has(canvas)", (found) => found.map(({ dataset }) => dataset.plot));

  test("draws all pictures, says what they mean, and shows names as text", async () => {
    const { page, troubles } = await open("samples");
    const drawn = await plotsOf(page);
    for (const name of ["spread", "persistence", "level", "phase", "time"])
      expect(drawn).toContain(`losses-${name}`);
    const section = page.locator("#losses");
    expect(await section.textContent()).toMatch(/Always the same are hard/);
    expect(await section.textContent()).toMatch(/Zero crossings stand out: there the median loss is \d/);
    expect(await section.locator(".worst tbody bdi").allTextContents()).toContain(NASTY);
    expect(await section.locator("img").count()).toBe(0);
    // cells of the histogram beside lines: many shades of one colour
    const shades = await page.evaluate(`(() => {
      const canvas = document.querySelector("[data-plot='losses-spread'] canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    })()`);
    expect(shades).toBeGreaterThan(12);
    expect(troubles).toEqual([]);
    await page.close();
  });

  test("draws what the hidden units hear", async () => {
    const { page, troubles } = await open("samples");
    const drawn = await page.$$eval("#weights .plot:has(canvas)", (found) =>
      found.map(({ dataset }) => dataset.plot),
    );
    expect(drawn).toEqual(["weights-taps", "weights-responses", "weights-sizes"]);
    expect(await page.locator("#weights").textContent()).toMatch(/All 2 units/);
    expect(troubles).toEqual([]);
    await page.close();
  });

  test("shows the hardest by the measure that is asked for, the worst first", async () => {
    const { page, troubles } = await open("samples");
    const rows = page.locator(".worst tbody tr:visible");
    const all = await rows.count();
    expect(all).toBeGreaterThanOrEqual(4);
    for (const [button, column] of [
      ["by largest", 2],
      ["by 90 % quantile", 3],
      ["by mean", 1],
    ] as const) {
      await page.getByRole("button", { name: button }).click();
      expect(await page.getByRole("button", { name: button }).getAttribute("aria-pressed")).toBe("true");
      expect(await rows.count()).toBe(4);
      const values = await rows.evaluateAll(
        (found, i) => found.map((row) => Number.parseFloat(row.children[i].textContent ?? "")),
        column,
      );
      expect(values).toEqual(values.toSorted((a, b) => b - a));
      expect(await page.locator(".worst tbody tr:visible canvas").count()).toBe(4);
    }
    expect(troubles).toEqual([]);
    await page.close();
  });

  test("plays the place in the recording, one at a time, and stops when asked again", async () => {
    const { page, troubles } = await open("samples");
    const buttons = page.getByRole("button", { name: /^Play / });
    const pressed = (i: number) => buttons.nth(i).getAttribute("aria-pressed");
    const waitFor = async (i: number, state: string) =>
      expect.poll(() => pressed(i), { timeout: 20_000 }).toBe(state);
    await page.evaluate("for (const sound of document.querySelectorAll('audio')) sound.loop = true");
    await buttons.nth(0).click();
    await waitFor(0, "true");
    await buttons.nth(1).click();
    await waitFor(1, "true");
    await waitFor(0, "false");
    await buttons.nth(1).click();
    await waitFor(1, "false");
    const seconds = await page.evaluate("document.querySelector('.worst audio').duration");
    expect(seconds).toBeCloseTo(0.25, 2);
    expect(troubles).toEqual([]);
    await page.close();
  });

  test("of rollouts draws each, has no phase, and marks the stages", async () => {
    const { page, troubles } = await open("rollouts");
    const drawn = await plotsOf(page);
    expect(drawn).toContain("losses-level");
    expect(drawn).not.toContain("losses-phase");
    expect(await page.locator("#losses").textContent()).toMatch(/24 stretches .* up to 0\.10 s/);
    expect(troubles).toEqual([]);
    await page.close();
  });

  test("of too few evaluations says so", async () => {
    const short = await open("short");
    expect(await short.page.locator("#losses").textContent()).toMatch(/too few to tell/);
    const none = await open("none");
    expect(await none.page.locator("#losses").textContent()).toMatch(/ended before they were evaluated/);
    expect(await plotsOf(none.page)).toEqual([]);
    expect([...short.troubles, ...none.troubles]).toEqual([]);
    await short.page.close();
    await none.page.close();
  });

  test.each([320, 390, 1280])("does not scroll sideways at %i pixels", async (width) => {
    for (const [name, scheme] of [
      ["samples", "light"],
      ["rollouts", "dark"],
    ] as const) {
      const { page, troubles } = await open(name, width, scheme);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      expect(troubles).toEqual([]);
      await page.close();
    }
  });
});
