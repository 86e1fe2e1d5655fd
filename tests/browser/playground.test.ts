// The playground as a visitor meets it: built, served without headers under a path, on a phone and a desktop, in light
// and dark. What must hold of every page (no errors, no violations of accessibility, small, offline), and a screenshot of
// each for people to look at, in packages/playground/build/screenshots.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, inChromium, launchChromium } from "../support/chromium.ts";
import { keptOffline, SCREENSHOTS, type ServedSite, serveSite } from "../support/playground-site.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const KIB = 1024;
/** First load of a page, compressed, without models and recordings. */
const FIRST_LOAD = 200 * KIB;

const PAGES: Record<string, string> = {
  home: "",
  audition: "audition/",
  instrument: "instrument/",
  make: "make/",
  docs: "docs/",
  "docs-delay-line": "docs/how/delay-line/",
  "docs-loop-filter": "docs/how/loop-filter/",
  "docs-feedback": "docs/how/feedback/",
  "docs-losses": "docs/how/losses/",
  "docs-certificate": "docs/how/certificate/",
  "docs-results": "docs/results/",
  "docs-mathematics": "docs/mathematics/",
  "docs-getting-started": "docs/getting-started/",
  "docs-train-your-own": "docs/train-your-own/",
  "docs-model-file": "docs/model-file/",
  "docs-core-wasm": "docs/core-wasm/",
  "docs-story": "docs/story/",
  "docs-benchmarks": "docs/benchmarks/",
  "docs-experiments": "docs/experiments/",
  "docs-api": "docs/api/classes/voices/",
};
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 900 };
/** The first and the second show everything between them; all four are taken of the site's own pages. */
const SCREENS = [
  { screen: "phone-light", viewport: PHONE, colorScheme: "light" },
  { screen: "desktop-dark", viewport: DESKTOP, colorScheme: "dark" },
  { screen: "phone-dark", viewport: PHONE, colorScheme: "dark" },
  { screen: "desktop-light", viewport: DESKTOP, colorScheme: "light" },
] as const;

describe.skipIf(!chromiumPath)(inChromium("playground"), () => {
  let site: ServedSite;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const troubles: string[] = [];

  beforeAll(async () => {
    mkdirSync(SCREENSHOTS, { recursive: true });
    site = await serveSite();
    browser = await launchChromium();
  }, 400_000);
  afterAll(async () => {
    await browser?.close();
    site?.close();
  });

  /** Open a page in a context of its own, with nothing kept from before. */
  async function open(path: string) {
    await context?.close();
    context = await browser.newContext({ viewport: PHONE });
    page = await context.newPage();
    // a busy machine renders and measures for a while
    page.setDefaultTimeout(80_000);
    troubles.length = 0;
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) troubles.push(message.text());
    });
    page.on("pageerror", ({ message }) => troubles.push(message));
    await page.goto(site.url(path), { waitUntil: "load" });
  }

  /** Bytes sent before the page fetches ahead what it needs offline. */
  function firstLoad(): number {
    const sent = site.sent();
    const ahead = sent.findIndex(({ path }) => path === "service-worker.js");
    return (ahead < 0 ? sent : sent.slice(0, ahead))
      .filter(({ path }) => !/\.(safetensors|ogg)$/.test(path))
      .reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async function violations(): Promise<string[]> {
    // a button is on its way to another scheme's colours for a moment
    await page.evaluate("Promise.allSettled(document.getAnimations().map(({ finished }) => finished))");
    // and a formula as wide as its font makes it, once that is there and laid out
    await page.evaluate(
      "document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))",
    );
    const found = (await page.evaluate("axe.run().then(({ violations }) => violations)")) as {
      id: string;
      nodes: { html: string }[];
    }[];
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" ")}`);
  }

  test.each(Object.entries(PAGES))(
    "%s loads at most 200 KiB, fits every screen, and axe and the console have nothing to say",
    async (name, path) => {
      site.sent();
      await open(path);
      const weight = firstLoad();
      expect(weight, "compressed bytes").toBeGreaterThan(1000);
      expect(weight, "compressed bytes").toBeLessThanOrEqual(FIRST_LOAD);
      // what takes a while is looked at when it is there
      if (name === "audition") await page.locator("#verdict").filter({ hasText: "." }).waitFor();
      await page.evaluate(AXE);
      for (const { screen, viewport, colorScheme } of name.startsWith("docs")
        ? SCREENS.slice(0, 2)
        : SCREENS) {
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme });
        await page.locator(`html[data-theme="${colorScheme}"]`).waitFor();
        const tooWide = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        expect(await page.evaluate(tooWide), `${screen}: wider than the screen by`).toBeLessThanOrEqual(0);
        expect(await violations(), screen).toEqual([]);
        await page.screenshot({ path: join(SCREENSHOTS, `${name}-${screen}.png`), fullPage: true });
      }
      expect(troubles).toEqual([]);
    },
    90_000,
  );

  test("a pluck by key on the first page tunes the strings and sounds", async () => {
    await open("");
    await page.locator("#strings button").nth(1).focus();
    await page.keyboard.press("Enter");
    await page
      .locator("#strings-status")
      .filter({ hasText: "Drag across the strings, or press 1 to 5." })
      .waitFor();
    await page.locator("#strings").hover();
    await page.mouse.down();
    await page.mouse.up();
    expect(troubles).toEqual([]);
  });

  test("works offline after the first load: pages, sound, comparisons, search, training", async () => {
    await open("");
    await keptOffline(page);
    await context.setOffline(true);
    for (const path of ["docs/how/feedback/", "docs/api/readme/", "instrument/", ""]) {
      const response = await page.goto(site.url(path));
      expect(response?.status(), path).toBe(200);
      expect(await page.locator("h1").count(), path).toBeGreaterThan(0);
    }
    await page.locator("#strings button").first().focus();
    await page.keyboard.press("Enter");
    await page
      .locator("#strings-status")
      .filter({ hasText: "Drag across the strings, or press 1 to 5." })
      .waitFor();

    await page.goto(site.url("audition/?model=piano-c3"));
    await page.locator("#verdict").filter({ hasText: "C3v10.ogg" }).waitFor();

    await page.goto(site.url("docs/"));
    await page.locator("button[data-open-modal]").first().click();
    await page.locator(".pagefind-ui__search-input").fill("certificate");
    await page.locator(".pagefind-ui__result-link", { hasText: "The certificate" }).first().waitFor();

    await page.goto(site.url("make/?steps=2"));
    await page.locator("#train[data-loaded]").waitFor();
    await page.getByRole("button", { name: "Try a computed string" }).click();
    await page.getByRole("button", { name: "Learn it" }).click();
    await page.locator(".played").waitFor();
    expect(troubles).toEqual([]);
  }, 240_000);
});
