// The audition in Chromium: what it measures is what training measured, it is played by keys, it keeps X a secret, and it
// says what is wrong with a wrong file.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readSafetensors, writeSafetensors } from "@neural-string/shared";
import { encodeWav } from "@neural-string/shared/encode-wav";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, inChromium, launchChromium } from "../support/chromium.ts";
import { type ServedSite, serveSite } from "../support/playground-site.ts";

const MODEL = "piano-a1";
const folder = fileURLToPath(new URL(`../../packages/playground/models/${MODEL}/`, import.meta.url));
const modelBytes = readFileSync(`${folder}model.safetensors`);
const { judgements } = JSON.parse(readFileSync(`${folder}metrics.json`, "utf8"));

/** The shipped model with all taps a thousandth stronger: a certificate that does not hold. */
function strengthened(): Buffer {
  const { metadata, tensors } = readSafetensors(new Uint8Array(modelBytes), MODEL);
  const taps = tensors.get("filters.taps");
  if (!taps) throw new Error("no taps");
  return Buffer.from(
    writeSafetensors({
      metadata,
      tensors: new Map(tensors).set("filters.taps", { ...taps, data: taps.data.map((x) => 1.001 * x) }),
    }),
  );
}

describe.skipIf(!chromiumPath)(inChromium("audition"), () => {
  let site: ServedSite;
  let browser: Browser;
  let page: Page;
  const troubles: string[] = [];

  beforeAll(async () => {
    site = await serveSite();
    browser = await launchChromium();
    page = await browser.newPage();
    // a busy machine renders and measures for a while
    page.setDefaultTimeout(200_000);
    page.on("console", (message) => message.type() === "error" && troubles.push(message.text()));
    page.on("pageerror", ({ message }) => troubles.push(message));
    await page.goto(site.url(`audition/?model=${MODEL}`));
    await page.locator("#verdict").filter({ hasText: "." }).waitFor();
  }, 600_000);
  afterAll(async () => {
    await browser?.close();
    site?.close();
  });

  const text = (selector: string) => page.locator(selector).textContent();

  test("its measures are those that training wrote, to the last digit shown", async () => {
    const shown = await page.locator(".measures td.number").allTextContents();
    const expected = judgements[0].verdicts as { value: number; unit: string }[];
    expect(shown).toHaveLength(expected.length);
    const [edr, edc, lsd] = expected;
    expect(shown.slice(0, 3)).toEqual([edr, edc, lsd].map(({ value }) => `${value.toFixed(1)} dB`));
    expect(await text("#card")).toContain("Salamander Grand Piano by Alexander Holm");
    expect(await text("#filters")).toContain("certificate holds");
    const { certificate } = JSON.parse(
      readSafetensors(new Uint8Array(modelBytes), MODEL).metadata["neural-string"],
    );
    const [, largest, certified] =
      /Largest gain (0\.\d+) .* certified below (0\.\d+): nothing rings longer/.exec(
        (await text("#filters")) ?? "",
      ) ?? [];
    expect(Number(certified)).toBeCloseTo(certificate.gain, 4);
    expect(Number(largest)).toBeLessThan(Number(certified));
    expect(
      await page.locator('#card a[href*="creativecommons.org/licenses/by/3.0"]').count(),
    ).toBeGreaterThan(0);
  });

  test("every picture is drawn", async () => {
    const blank = (await page.evaluate(`[...document.querySelectorAll("#result canvas")].filter((canvas) => {
      const { width, height } = canvas;
      if (width === 0 || height === 0) return true;
      const data = canvas.getContext("2d").getImageData(0, 0, width, height).data;
      return data.every((value) => value === data[0]);
    }).map((canvas) => canvas.getAttribute("aria-label"))`)) as string[];
    expect(blank).toEqual([]);
    expect(await page.locator("#result canvas").count()).toBeGreaterThan(12);
    // the relief of the render is in the render's colour, from which what is loud differs least
    const reddish = (await page.evaluate(`(() => {
      const canvas = document.querySelector('[data-surface="judged-0-render"]');
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let [red, blue] = [0, 0];
      for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) { red += data[i]; blue += data[i + 2]; }
      return red > blue;
    })()`)) as boolean;
    expect(reddish).toBe(true);
  });

  test("keys play and switch", async () => {
    await page.locator("#verdict").click();
    await page.keyboard.press("Space");
    await page.locator("#play", { hasText: "Stop" }).waitFor();
    await page.keyboard.press("3");
    expect(await page.locator('[data-sound="karplus"]').getAttribute("aria-pressed")).toBe("true");
    await page.keyboard.press("Space");
    await page.locator("#play", { hasText: "Play" }).waitFor();
    expect(await page.locator("#position").getAttribute("aria-valuetext")).toMatch(/seconds$/);
  });

  test("a blind test does not show what X is until it is answered", async () => {
    await page.locator("#blind summary").click();
    await page.locator('[data-blind="x"]').click();
    const pressed = await page.locator('[data-sound][aria-pressed="true"]').count();
    expect(pressed).toBe(0);
    await page.locator('[data-answer="a"]').click();
    expect(await text("#score")).toMatch(/^It was the (recording|render): (right|wrong)\. [01] of 1 right\./);
    await page.keyboard.press("Escape");
    await page.locator("#blind summary").click();
  });

  test.each([
    ["a sound that breaks off", "cut.wav", Buffer.from("RIFF\x10\0\0\0WAVEfmt ", "latin1"), /cut\.wav: /],
    [
      "a picture",
      "cat.png",
      Buffer.from("\x89PNG\r\n\x1a\n0000", "latin1"),
      /cat\.png: .*(header|safetensors)/,
    ],
    ["an empty file", "empty.safetensors", Buffer.alloc(0), /empty\.safetensors: /],
    [
      "a model whose certificate is false",
      "strong.safetensors",
      strengthened(),
      /certificate\.gain: expected .*damaged or not ours/,
    ],
  ])("%s dropped here is told what is wrong with it", async (_, name, buffer, reason) => {
    await page.locator("#file").setInputFiles({ name, mimeType: "application/octet-stream", buffer });
    await page.locator("#problem", { hasText: name }).waitFor();
    expect(await text("#problem")).toMatch(reason);
    // what is shown is what was shown, and called that
    expect(await page.locator("#model").inputValue()).toBe(MODEL);
    expect(await text("#about")).toContain("One string of a concert grand");
    expect(page.url()).toContain(`?model=${MODEL}`);
  });

  test("after files that were refused, a recording is compared with the model that is shown", async () => {
    const samples = Float32Array.from({ length: 96_000 }, (_, n) =>
      n < 2400 ? 0 : 0.4 * Math.exp(-n / 30_000) * Math.sin((2 * Math.PI * 55 * n) / 48_000),
    );
    await page.locator("#file").setInputFiles({
      name: "mine.wav",
      mimeType: "audio/wav",
      buffer: Buffer.from(encodeWav(samples, 48_000)),
    });
    await page.locator(".measures caption", { hasText: "mine.wav" }).waitFor();
    expect(await page.locator("#problem").isVisible()).toBe(false);
    expect(await page.locator("#model").inputValue()).toBe(MODEL);
  });

  test("of models that are chosen quickly one after the other the last is shown", async () => {
    await page.evaluate(`(() => {
      const list = document.querySelector("#model");
      for (const id of ["piano-c2", "harp-wire", "steel-guitar"]) {
        list.value = id;
        list.dispatchEvent(new Event("change"));
      }
    })()`);
    await page.locator(".measures caption", { hasText: "stiff-82.41" }).waitFor();
    expect(await text("#about")).toContain("a guitar's low E");
    await page.locator("#model").selectOption(MODEL);
    await page.locator(".measures caption", { hasText: "A1v10.ogg" }).waitFor();
  });

  test("what is let go anywhere on the page is taken, and the browser stays on it", async () => {
    const files = await page.evaluateHandle(
      `(() => { const data = new DataTransfer(); data.items.add(new File(["no model"], "notes.txt")); return data; })()`,
    );
    await page.locator("h1").dispatchEvent("dragover", { dataTransfer: files });
    await page.locator("#drop[data-over]").waitFor();
    await page.locator("h1").dispatchEvent("drop", { dataTransfer: files });
    await page.locator("#problem", { hasText: "notes.txt: " }).waitFor();
    expect(await page.locator("#drop[data-over]").count()).toBe(0);
  });

  test("a model of one's own is compared with the recording it was judged on, when the site has it", async () => {
    await page.locator("#file").setInputFiles({
      name: "mine.safetensors",
      mimeType: "application/octet-stream",
      buffer: modelBytes,
    });
    await page.locator("#about", { hasText: "mine.safetensors" }).waitFor();
    await page.locator("#result:not([aria-busy])").waitFor();
    expect(await page.locator("#problem").isVisible()).toBe(false);
    expect(await text(".measures caption")).toContain("A1v10.ogg");
    expect(troubles).toEqual([]);
  });
});
