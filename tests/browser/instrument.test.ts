// The instrument's page as somebody meets it: silent until touched, played by pointer, touch and keys, readable by those
// who do not see it. Links, files, recordings and MIDI: instrument-keeping.test.ts.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { chromiumPath, inChromium } from "../support/chromium.ts";
import { SHOTS, useInstrument } from "../support/instrument-page.ts";

const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

describe.skipIf(!chromiumPath)(inChromium("the instrument's page"), () => {
  const { open, start, state, textOf, until, playing, notes, count, voices } = useInstrument();
  let page: Page;

  test("makes no sound and no audio context before somebody plays, and both in that gesture", async () => {
    page = await open();
    await page.mouse.move(600, 300);
    await page.waitForTimeout(300);
    expect(await page.evaluate("contexts.length")).toBe(0);
    expect(await state()).toBe("Touch a string, press a key: sound begins then.");
    await page.keyboard.down("z");
    await playing();
    expect(await page.evaluate("contexts.map(({ state }) => state)")).toEqual(["running"]);
    // the key that started sound is heard, and the meters say so
    await voices(/1 of 24/);
    await until(`/Level−?\\d+ dB.*Limiter(idle|−).*Audio CPU\\d+ %/s.test(${textOf(".meters")})`);
  });

  test("a string is plucked where and as hard as the pointer says, and is seen to move", async () => {
    page = await start();
    const canvas = page.locator(".strings-canvas");
    const { x, y, width, height } = (await canvas.boundingBox()) as {
      x: number;
      y: number;
      width: number;
      height: number;
    };
    const place = (string: number, share: number) => [
      x + width - 14 - share * (width - 22),
      y + ((string + 0.5) * height) / 6,
    ];
    const [left, top] = place(1, 0.2);
    await page.mouse.move(left, top);
    await page.mouse.down();
    await page.mouse.move(left, top + 8);
    await page.mouse.up();
    const [pulled] = await notes();
    expect(pulled.f0).toBeCloseTo(110, 6);
    expect(pulled.position).toBeCloseTo(0.2, 2);
    expect(pulled.velocity).toBeGreaterThan(0.2);
    expect(pulled.velocity).toBeLessThan(0.6);
    // the hardest of pulls is louder, and as bright as the string was recorded
    await page.mouse.move(...(place(2, 0.5) as [number, number]));
    await page.mouse.down();
    await page.mouse.move(place(2, 0.5)[0], place(2, 0.5)[1] + 50);
    const slipped = (await notes())[1];
    expect(slipped.velocity).toBe(1);
    expect(slipped.cutoff).toBeUndefined();
    expect(pulled.cutoff).toBeLessThan(10000);
    // on over the others, and off
    await page.mouse.move(x + width / 2, y + height - 1, { steps: 12 });
    await page.mouse.up();
    expect((await notes()).slice(2).map(({ f0 }) => Math.round(f0))).toEqual([196, 247, 330]);
    await voices(/5 of 24/);
    const picture = () => page.evaluate<string>(`document.querySelector("canvas").toDataURL()`);
    const before = await picture();
    await page.waitForTimeout(120);
    expect(await picture()).not.toBe(before);
    await page.screenshot({ path: `${SHOTS}instrument-plucked.png` });
  });

  test("with reduced motion the string does not swing, and is heard all the same", async () => {
    page = await start({ reducedMotion: "reduce" });
    await page.getByRole("button", { name: "Strum down" }).click();
    await voices(/6 of 24/);
    const changes = await page.evaluate<number>(`(async () => {
      const canvas = document.querySelector("canvas");
      let seen = 0;
      let last = "";
      for (let i = 0; i < 40; i++) {
        await new Promise(requestAnimationFrame);
        const now = canvas.toDataURL();
        if (now !== last) seen++;
        last = now;
      }
      return seen / 40;
    })()`);
    // five pictures a second, of sixty
    expect(changes).toBeLessThan(0.7);
  });

  test("touch: a tap plucks, and the page does not scroll under it", async () => {
    page = await start({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    const { x, y, width, height } = (await page.locator(".strings-canvas").boundingBox()) as {
      x: number;
      y: number;
      width: number;
      height: number;
    };
    await page.touchscreen.tap(x + width / 2, y + height / 12);
    const [note] = await notes();
    expect(Math.round(note.f0)).toBe(82);
    expect(note.position).toBeGreaterThan(0.4);
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
    // keys are as wide as a finger, and other octaves a touch away
    const key = page.getByRole("button", { name: "E3", exact: true });
    expect((await key.boundingBox())?.width).toBeGreaterThan(40);
    await page.getByRole("button", { name: "Octave up" }).tap();
    await page.getByRole("button", { name: "E4", exact: true }).tap();
    expect(Math.round((await notes())[1].f0)).toBe(330);
    await page.screenshot({ path: `${SHOTS}instrument-phone.png`, fullPage: true });
  });

  test("the computer's keyboard plays, holds and lets go; controls keep the keys that are theirs", async () => {
    page = await start();
    await page.keyboard.down("z");
    await page.keyboard.down("Shift");
    await page.keyboard.down("c");
    expect((await notes()).map(({ f0 }) => Math.round(f0))).toEqual([131, 165]);
    const [soft, loud] = await notes();
    expect(loud.velocity).toBeGreaterThan(soft.velocity);
    expect(await page.locator(".key.held").count()).toBe(2);
    await page.keyboard.up("z");
    await page.keyboard.up("c");
    await page.keyboard.up("Shift");
    expect(await count("noteOff")).toBe(2);
    await page.keyboard.press("]");
    expect(await notes()).toHaveLength(8);
    await page.keyboard.press("=");
    await page.keyboard.press("q");
    expect(Math.round((await notes())[8].f0)).toBe(523);
    await page.keyboard.press("Escape");
    expect(await count("stop")).toBe(1);
    // in a list of choices, a letter chooses
    const before = (await notes()).length;
    await page.getByLabel("Six strings").focus();
    await page.keyboard.press("z");
    expect(await notes()).toHaveLength(before);
  });

  test("everything can be reached and played by keys alone", async () => {
    page = await start();
    await page.getByRole("button", { name: /^String 6: E2/ }).focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Space");
    expect((await notes()).map(({ f0 }) => Math.round(f0))).toEqual([82, 110]);
    await page.getByRole("radio", { name: "open" }).focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("button", { name: "String 6: not played" }).count()).toBe(1);
    await page.getByRole("button", { name: "C3", exact: true }).focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.down("Space");
    expect(Math.round((await notes())[2].f0)).toBe(139);
    await page.keyboard.up("Space");
    expect(await count("noteOff")).toBeGreaterThan(0);
    await page.getByRole("slider", { name: "Damping" }).focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("slider", { name: "Damping" }).getAttribute("aria-valuetext")).toBe("1 %");
    // one stop for the whole keyboard
    const stops = await page.locator(".key[tabindex='0']").count();
    expect(stops).toBe(1);
  });

  test.each([
    ["light", 1280],
    ["light", 390],
    ["dark", 1280],
    ["dark", 390],
  ])("axe finds nothing wrong, %s at %i pixels", async (theme, width) => {
    // colours that are on their way to others would be read as they pass
    page = await open({
      viewport: { width, height: 900 },
      reducedMotion: "reduce",
      hash: "#v=1&damping=7&chord=C",
    });
    await page.evaluate(`document.documentElement.dataset.theme = "${theme}"`);
    // a policy forbids scripts that are added; axe comes in from outside
    const violations = await page.evaluate<string[]>(
      `${AXE}; axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes[0].html))`,
    );
    expect(violations).toEqual([]);
    await page.screenshot({ path: `${SHOTS}instrument-${theme}-${width}.png`, fullPage: true });
  });
});
