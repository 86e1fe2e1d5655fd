/**
 * The report as a reader opens it: a file in a browser, from file://, with nothing beside it.
 * Needs Chromium (CHROMIUM_PATH, /usr/bin/chromium or one on PATH); skipped where there is none.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { renderReport } from "@neural-string/trainer/report/write-report";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, inChromium, launchChromium } from "../support/chromium.ts";
import { passiveReportInput, reportInput, trainingLog } from "../support/report-fixture.ts";

const NASTY = "</script><img src=x onerror=alert(1)>";
/** A page and everything that went wrong in it. */
interface Opened {
  page: Page;
  /** Console errors, exceptions, dialogs. */
  troubles: string[];
  /** Addresses asked for, the page's own and data URIs left out. */
  requests: string[];
}

describe.skipIf(!chromiumPath)(inChromium("report"), () => {
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  const addresses: Record<string, string> = {};
  let browser: Browser;

  beforeAll(async () => {
    const good = reportInput("good");
    const reports = {
      good: good,
      failing: reportInput("failing"),
      nasty: { ...good, record: { ...good.record, name: NASTY }, sounds: [], log: trainingLog("good", 1, 1) },
      bare: { ...good, log: [], judgements: [], sounds: [] },
      passive: passiveReportInput(3),
      linear: passiveReportInput(1),
    };
    for (const [name, input] of Object.entries(reports)) {
      const file = join(folder, `${name}.html`);
      writeFileSync(file, renderReport(input));
      addresses[name] = pathToFileURL(file).href;
    }
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(name: string, width: number, colorScheme: "light" | "dark" = "light"): Promise<Opened> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const [troubles, requests]: [string[], string[]] = [[], []];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) troubles.push(message.text());
    });
    page.on("pageerror", (error) => troubles.push(error.message));
    page.on("dialog", (dialog) => {
      troubles.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => {
      const address = request.url();
      if (address !== addresses[name] && !address.startsWith("data:")) requests.push(address);
    });
    await page.goto(addresses[name]);
    return { page, troubles, requests };
  }

  /** Whether each canvas holds more than one colour. */
  function drawn(page: Page): Promise<boolean[]> {
    return page.$$eval("canvas", (canvases) =>
      canvases.map((canvas) => {
        const { width, height } = canvas;
        const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
        const words = new Uint32Array(data.buffer);
        return words.some((word) => word !== words[0]);
      }),
    );
  }

  test.each([
    ["good", "light"],
    ["failing", "dark"],
    ["bare", "light"],
    ["nasty", "dark"],
    ["passive", "dark"],
    ["linear", "light"],
  ] as const)("opens %s (%s) without an error and without asking for anything", async (name, scheme) => {
    for (const width of [390, 1280]) {
      const { page, troubles, requests } = await open(name, width, scheme);
      await page.waitForTimeout(200);
      expect(troubles).toEqual([]);
      expect(requests).toEqual([]);
      await page.close();
    }
  });

  test.each([
    // two recordings with three maps and three plots each, and three plots of training
    ["good", 15],
    // one recording, two plots of its mixture, three plots of training (no held-out loss, but parts), the loop gain
    ["passive", 12],
    ["linear", 10],
  ])("draws every plot and every heat map of %s", async (name, count) => {
    const { page } = await open(name, 1280);
    const canvases = await drawn(page);
    expect(canvases).toHaveLength(count);
    expect(canvases.every(Boolean)).toBe(true);
    await page.close();
  });

  test("does not scroll sideways, from 320 pixels on", async () => {
    for (const name of ["good", "failing", "bare", "nasty", "passive", "linear"]) {
      for (const width of [320, 390, 1280]) {
        const { page } = await open(name, width);
        const scrollWidth = await page.evaluate("document.documentElement.scrollWidth");
        expect(scrollWidth, `${name} at ${width}`).toBeLessThanOrEqual(width);
        await page.close();
      }
    }
  });

  test.each([390, 1280])("labels of one axis do not touch, at %i pixels", async (width) => {
    const { page } = await open("passive", width);
    const touching = await page.evaluate(`(async () => {
      // draw again, listening to what is written where
      const rows = new Map();
      const { prototype } = CanvasRenderingContext2D;
      const { fillText } = prototype;
      prototype.fillText = function (text, x, y) {
        const plot = this.canvas.closest("[data-plot]")?.dataset.plot;
        const { a, b, e, f } = this.getTransform();
        if (plot && b === 0) {
          const width = a * this.measureText(text).width;
          const left = e + a * x - width * ({ left: 0, right: 1 }[this.textAlign] ?? 0.5);
          const row = plot + " " + Math.round(f + y);
          rows.set(row, [...(rows.get(row) ?? []), { text, left, right: left + width }]);
        }
        return fillText.call(this, text, x, y);
      };
      dispatchEvent(new Event("beforeprint"));
      await new Promise((resolve) => setTimeout(resolve, 500)); // plots are drawn a moment later
      prototype.fillText = fillText;
      const found = [];
      let written = 0;
      for (const [row, texts] of rows) {
        texts.sort((p, q) => p.left - q.left);
        written += texts.length;
        texts.forEach(({ text, left }, i) => {
          if (i > 0 && texts[i - 1].right > left) found.push(row + ": " + texts[i - 1].text + " " + text);
        });
      }
      return { found, written };
    })()`);
    expect(touching).toEqual({ found: [], written: expect.any(Number) });
    expect((touching as { written: number }).written, "labels").toBeGreaterThan(50);
    await page.close();
  });

  test("shows a hostile name as text", async () => {
    const { page, troubles } = await open("nasty", 1280);
    expect(await page.textContent("h1")).toBe(NASTY);
    expect(await page.title()).toContain(NASTY);
    expect(await page.$$("img")).toHaveLength(0);
    expect(troubles).toEqual([]);
    await page.close();
  });

  test("runs no script that was put into the page, not even an inline handler", async () => {
    const { page } = await open("good", 1280);
    await page.evaluate(
      `document.body.insertAdjacentHTML("beforeend", '<img src="data:," onerror="window.ran = 1">')`,
    );
    await page.waitForTimeout(200);
    expect(await page.evaluate("window.ran")).toBeUndefined();
    await page.close();
  });

  test("switches between the loss per update and per epoch, by keyboard", async () => {
    const { page, troubles } = await open("good", 1280);
    const legend = () => page.textContent("#training .u-legend");
    expect(await legend()).toContain("mean loss");
    await page.focus('[data-shows="loss-epochs"]');
    await page.keyboard.press("Enter");
    expect(await legend()).toContain("mean loss of the epoch");
    expect(await page.getAttribute('[data-shows="loss-epochs"]', "aria-pressed")).toBe("true");
    expect(await page.getAttribute('[data-shows="loss-updates"]', "aria-pressed")).toBe("false");
    expect(troubles).toEqual([]);
    await page.close();
  });

  test("names points that stand alone in the legend, round as they are drawn", async () => {
    const { page } = await open("good", 1280);
    const best = page.locator('[data-plot="closed-loop"] .u-series', { hasText: "best" });
    expect(await best.isVisible()).toBe(true);
    const [rim, radius] = await page.evaluate<string[]>(`(() => {
      const labels = [...document.querySelectorAll('[data-plot="closed-loop"] .u-label')];
      const marker = labels.find(({ textContent }) => textContent === "best").previousElementSibling;
      const { borderTopColor, borderTopLeftRadius } = getComputedStyle(marker);
      return [borderTopColor, borderTopLeftRadius];
    })()`);
    expect([rim, radius]).toEqual(["rgb(192, 68, 10)", "50%"]); // the ink of renders
    await page.close();
  });

  test("plays its sounds: every player knows how long it is", async () => {
    const { page } = await open("good", 1280);
    await page.waitForFunction(
      "[...document.querySelectorAll('audio')].every((audio) => audio.duration > 0)",
    );
    const durations = await page.$$eval("audio", (players) => players.map(({ duration }) => duration));
    expect(durations).toHaveLength(6);
    for (const duration of durations) expect(duration).toBeCloseTo(5, 2);
    await page.close();
  });

  test("reads out the heat map's cell under the pointer", async () => {
    const { page } = await open("good", 1280);
    await page.hover("canvas.heat", { position: { x: 150, y: 100 } });
    expect(await page.textContent(".readout")).toMatch(/^\d\.\d\d s, \d+ to \d+ Hz: −?\d+\.\d dB$/);
    await page.close();
  });

  test("reads out gains just below 1 as gains, and each filter's own share of the mixture", async () => {
    const { page, troubles } = await open("passive", 1280);
    const legend = async (plot: string, x: number) => {
      await page.hover(`[data-plot="${plot}"] .u-over`, { position: { x, y: 60 } });
      const entries = await page.$$eval(`[data-plot="${plot}"] .u-series`, (rows) =>
        rows.map((row) => [...row.children].map(({ textContent }) => textContent)),
      );
      return new Map(entries.map(([label, value]) => [label, Number(value)]));
    };
    const gains = await legend("gains", 200);
    expect(gains.get("certificate")).toBe(0.9905);
    for (const label of ["second loop", "filter 1", "filter 2", "filter 3"]) {
      expect(gains.get(label), label).toBeGreaterThan(0.9);
      expect(gains.get(label), label).toBeLessThan(0.9905);
    }
    const shares = await legend("judged-0-shares", 500);
    const sum = ["filter 1", "filter 2", "filter 3"].reduce(
      (all, k) => all + (shares.get(k) ?? Number.NaN),
      0,
    );
    expect(sum).toBeCloseTo(1, 2);
    // the level's pointer follows
    expect(await page.textContent('[data-plot="judged-0-level"] .u-legend')).toMatch(/recording−\d/);
    expect(troubles).toEqual([]);
    await page.close();
  });

  test("draws the certificate above the gains it bounds", async () => {
    const { page } = await open("passive", 1280);
    /** Highest row of pixels, in the right quarter of the plot of gains, that has the colour of an ink. */
    const highest = (ink: string) =>
      page.evaluate(`(() => {
        const canvas = document.querySelector('[data-plot="gains"] canvas');
        const quarter = Math.floor(canvas.width / 4);
        const pixels = canvas.getContext("2d").getImageData(3 * quarter, 0, quarter, canvas.height).data;
        const text = getComputedStyle(document.documentElement).getPropertyValue("${ink}").trim();
        const colour = [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16));
        for (let i = 0; i < pixels.length; i += 4)
          if (colour.every((value, c) => Math.abs(value - pixels[i + c]) < 24)) return Math.floor(i / 4 / quarter);
      })()`);
    const certificate = Number(await highest("--poor"));
    for (const ink of ["--filter-1", "--filter-2", "--filter-3"]) {
      expect(await highest(ink), ink).toBeGreaterThan(certificate);
    }
    await page.close();
  });

  test("redraws in the colours of the scheme, and in light ones for paper", async () => {
    const { page } = await open("good", 1280, "dark");
    const ink = () =>
      page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--ink').trim()");
    const dark = await ink();
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    const printed = await ink();
    expect(printed).not.toBe(dark);
    expect(await page.$eval("details", ({ open }) => open)).toBe(true);
    expect((await drawn(page)).every(Boolean)).toBe(true);
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    expect(await ink()).toBe(dark);
    await page.emulateMedia({ colorScheme: "light" });
    expect(await ink()).toBe(printed);
    await page.close();
  });
});
