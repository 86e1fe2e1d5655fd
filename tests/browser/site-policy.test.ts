// The built site as a whole: its links lead somewhere; and, under its own Content-Security-Policy and the
// same as a header, which alone holds for workers, no page, and nothing that pages do, is refused anything; and what the
// policy is against is refused.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { policyOf } from "@neural-string/playground/integrations/strict-policy";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, inChromium, launchChromium } from "../support/chromium.ts";
import { builtSite, type ServedSite, SITE_PATH, serveSite } from "../support/playground-site.ts";

/** For what is no page: workers, worklets and the service worker run under the header of their own file. */
const WORKER_POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
/** A script that is neither a file nor data. */
const RUN_IN_PLACE = /<script(?![^>]*\ssrc=)(?![^>]*\stype="?(application\/|speculationrules))[^>]*>/;
/** Hundreds of pages made from one template: some of them stand for all. */
const API = /^docs\/api\/(?!classes\/voices|readme)/;

describe.skipIf(!chromiumPath)(inChromium("the site's policy"), () => {
  let site: ServedSite;
  let browser: Browser;
  let page: Page;
  /** By path from the site's root, "" for the first. */
  const pages = new Map<string, string>();
  let files: Set<string>;
  const refused: string[] = [];

  beforeAll(async () => {
    const folder = await builtSite();
    files = new Set(readdirSync(folder, { recursive: true, encoding: "utf8" }));
    for (const file of [...files].filter((name) => name.endsWith("index.html"))) {
      const html = readFileSync(join(folder, file), "utf8");
      const name = file.slice(0, -"index.html".length);
      pages.set(name, html);
      expect(html, `${name}: on the first line of its head`).toMatch(
        /<head[^>]*><meta http-equiv="content-security/,
      );
      expect(html.match(RUN_IN_PLACE), `${name}: scripts in the page`).toBe(null);
      expect(html, `${name}: handlers in attributes`).not.toMatch(/<[a-z][^<>]*\son[a-z]+="/);
    }
    site = await serveSite((name, bytes) => ({
      "content-security-policy": name.endsWith(".html")
        ? `${policyOf(bytes.toString("utf8"))}; frame-ancestors 'none'`
        : WORKER_POLICY,
    }));
    browser = await launchChromium();
    page = await browser.newPage();
    page.setDefaultTimeout(80_000);
    page.on("pageerror", ({ message }) => refused.push(message));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) refused.push(`${page.url()}: ${message.text()}`);
    });
  }, 400_000);
  afterAll(async () => {
    await browser?.close();
    site?.close();
  });

  test("every link within the site leads to a page or file of it, and to a place on that page", () => {
    const lost: string[] = [];
    for (const [name, html] of pages) {
      for (const [, href] of html.matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)) {
        const { origin, pathname, hash } = new URL(
          href.replaceAll("&amp;", "&"),
          `http://site${SITE_PATH}${name}`,
        );
        if (origin !== "http://site") continue;
        const path = decodeURIComponent(pathname);
        const inside = path.startsWith(SITE_PATH) ? path.slice(SITE_PATH.length) : "outside";
        const target = pages.get(inside);
        const there =
          target === undefined
            ? files.has(inside)
            : hash === "" || target.includes(` id="${decodeURIComponent(hash.slice(1))}"`);
        if (!there) lost.push(`${name}: ${href}`);
      }
    }
    expect(lost).toEqual([]);
    expect(files).toContain("third-party-notices.txt");
  });

  test("every page loads with all that is in it", async () => {
    refused.length = 0;
    for (const name of [...pages.keys()].filter((name) => !API.test(name))) {
      const response = await page.goto(site.url(name), { waitUntil: "load" });
      const policy = response?.headers()["content-security-policy"];
      expect(policy, name).not.toContain("unsafe-inline");
      const [scripts] = policy?.match(/script-src [^;]*/) ?? [];
      expect(scripts, name).toBe("script-src 'self' 'wasm-unsafe-eval'");
    }
    expect(refused).toEqual([]);
  }, 120_000);

  test("strings are tuned in a worker and sound in a worklet, models are judged, the documentation is searched", async () => {
    refused.length = 0;
    await page.goto(site.url());
    await page.locator("#strings button").first().focus();
    await page.keyboard.press("Enter");
    await page.locator("#strings-status").filter({ hasText: "Drag across the strings" }).waitFor();
    await page.goto(site.url("audition/"));
    await page.locator("#verdict").filter({ hasText: "." }).waitFor();
    await page.goto(site.url("docs/"));
    await page.locator("button[data-open-modal]").first().click();
    await page.locator(".pagefind-ui__search-input").fill("certificate");
    await page.locator(".pagefind-ui__result-link").first().waitFor();
    expect(refused).toEqual([]);
  }, 120_000);

  test("a script, a handler and a style that somebody slips into a page are refused", async () => {
    await page.goto(site.url("docs/"));
    refused.length = 0;
    await page.evaluate(`
      document.body.insertAdjacentHTML("beforeend",
        '<img src="missing.png" onerror="window.slipped = 1"><p id="styled" style="opacity: 0.5">x</p>');
      const script = document.createElement("script");
      script.textContent = "window.slipped = 2";
      document.body.append(script);
      setTimeout("window.slipped = 3");
      new Promise((resolve) => setTimeout(resolve, 200));
    `);
    const left = "[window.slipped, getComputedStyle(document.querySelector('#styled')).opacity]";
    expect(await page.evaluate(left)).toEqual([undefined, "1"]);
    const complaints = refused.join("\n");
    for (const rule of ["script-src", "style-src-attr"]) expect(complaints).toContain(rule);
  });
});
