// The instrument's page as somebody meets it: silent until touched, played by pointer, touch, keys and MIDI, readable by
// those who do not see it, honest about what a link or a file lacks.
import { mkdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { linkOf } from "@neural-string/playground/instrument/link";
import { initialSettings } from "@neural-string/playground/instrument/settings";
import { decodeWav } from "@neural-string/trainer/audio/wav";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, inChromium, launchChromium } from "../support/chromium.ts";
import { type InstrumentSite, serveInstrument } from "../support/instrument-site.ts";
import { fileWith } from "../support/model-bytes.ts";
import { physicalFile } from "../support/physical-file.ts";
import { physicalString } from "../support/physical-string.ts";

/** Screenshots that are left for people to look at. */
const SHOTS = fileURLToPath(new URL("../../packages/playground/build/screenshots/", import.meta.url));
const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
const guitar = physicalFile(physicalString({ t60: [6, 3], cents: 2 }));
const piano = physicalFile(physicalString({ taps: 512, ahead: 400, f0: 55, t60: [9, 4], seed: 2 }));
const MODELS = { guitar: { title: "Guitar", bytes: guitar }, piano: { title: "Piano", bytes: piano } };

/** Counts audio contexts, and keeps what the page says to the audio thread. */
const WATCH = `
  globalThis.contexts = [];
  globalThis.AudioContext = class extends AudioContext { constructor(...a) { super(...a); contexts.push(this); } };
  globalThis.posted = [];
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (message, transfer) {
    if (message?.type && !["look", "tuning", "load"].includes(message.type)) posted.push(message);
    return post.call(this, message, transfer);
  };
`;

interface Posted {
  type: string;
  f0: number;
  velocity: number;
  position?: number;
  cutoff?: number;
}

describe.skipIf(!chromiumPath)(inChromium("the instrument's page"), () => {
  let site: InstrumentSite;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  async function open(
    options: BrowserContextOptions & { hash?: string; script?: string } = {},
  ): Promise<Page> {
    const { hash = "", script = "", ...context } = options;
    page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, ...context })).newPage();
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", ({ message }) => complaints.push(message));
    await page.addInitScript(WATCH + script);
    await page.goto(site.url + hash);
    await page.waitForSelector(".string-button");
    return page;
  }

  const state = () => page.locator(".state").textContent();
  // asked from here: the page's policy lets nobody evaluate text in it
  const until = (truth: string) =>
    expect.poll(() => page.evaluate(`Boolean(${truth})`), { timeout: 30_000 }).toBe(true);
  const textOf = (selector: string) => `(document.querySelector("${selector}")?.textContent ?? "")`;
  const playing = () => until(`/Tuning: (1[6-9]|[2-9]\\d)|In tune/.test(${textOf(".state")})`);
  const inTune = () => until(`${textOf(".state")} === "In tune. Play."`);
  const loaded = (times: number) =>
    until(`posted.filter(({ type }) => type === "play").length === ${times} && ${textOf(".state")} !== ""`);
  const notes = () => page.evaluate<Posted[]>("posted.filter(({ type }) => type === 'noteOn')");
  const count = (type: string) =>
    page.evaluate<number>(`posted.filter((one) => one.type === "${type}").length`);
  const notices = () => page.locator(".notices p").allTextContents();
  const voices = (text: RegExp) => until(`${text}.test(${textOf(".meters")})`);

  async function start(options?: Parameters<typeof open>[0]): Promise<Page> {
    await open(options);
    await page.getByRole("button", { name: "Start sound" }).click();
    await playing();
    return page;
  }

  beforeAll(async () => {
    mkdirSync(SHOTS, { recursive: true });
    site = await serveInstrument(MODELS);
    browser = await launchChromium();
  });

  afterEach(async () => {
    await page?.context().close();
    expect(complaints.splice(0)).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    site?.close();
  });

  test("makes no sound and no audio context before somebody plays, and both in that gesture", async () => {
    await open();
    await page.mouse.move(600, 300);
    await page.waitForTimeout(300);
    expect(await page.evaluate("contexts.length")).toBe(0);
    expect(await state()).toBe("Touch a string, press a key: sound begins then.");
    await page.keyboard.press("z");
    await playing();
    expect(await page.evaluate("contexts.map(({ state }) => state)")).toEqual(["running"]);
  });

  test("a string is plucked where and as hard as the pointer says, and is seen to move", async () => {
    await start();
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
    await start({ reducedMotion: "reduce" });
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
    await start({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
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
    await page.screenshot({ path: `${SHOTS}instrument-phone.png`, fullPage: true });
  });

  test("the computer's keyboard plays, holds and lets go; controls keep the keys that are theirs", async () => {
    await start();
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
    await start();
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
    await open({ viewport: { width, height: 900 }, reducedMotion: "reduce", hash: "#v=1&damping=7&chord=C" });
    await page.evaluate(`document.documentElement.dataset.theme = "${theme}"`);
    // a policy forbids scripts that are added; axe comes in from outside
    const violations = await page.evaluate<string[]>(
      `${AXE}; axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes[0].html))`,
    );
    expect(violations).toEqual([]);
    await page.screenshot({ path: `${SHOTS}instrument-${theme}-${width}.png`, fullPage: true });
  });

  test("a link is obeyed, what is wrong with it is said, and the address follows what is set", async () => {
    const settings = {
      ...initialSettings("piano"),
      capo: 2,
      chord: "G",
      palm: true,
      octave: 2,
      stiffness: 2,
    };
    await open({ hash: `#${linkOf(settings)}&colour=red` });
    expect(await notices()).toEqual(["In this link, colour: not a setting of this instrument."]);
    expect(await page.getByLabel("String", { exact: true }).inputValue()).toBe("piano");
    expect(await page.getByRole("button", { name: "Palm mute" }).getAttribute("aria-pressed")).toBe("true");
    expect(await page.getByRole("slider", { name: "Stiffness" }).inputValue()).toBe("2");
    // G at the second fret
    expect(await page.getByRole("button", { name: "String 6: G2" }).count()).toBe(1);
    await page.getByRole("button", { name: "Palm mute" }).click();
    await until(`location.hash.includes("palm=no")`);
    expect(await page.evaluate("location.hash.slice(1)")).toBe(linkOf({ ...settings, palm: false }));
    await page.getByRole("button", { name: /^Dismiss/ }).click();
    expect(await notices()).toEqual([]);
  });

  test("another model, more voices, another stiffness: each while it plays, without a complaint", async () => {
    await start();
    await page.getByRole("button", { name: "Strum down" }).click();
    await page.getByLabel("String", { exact: true }).selectOption("piano");
    await loaded(2);
    await page.keyboard.press("x");
    await voices(/1 of 24/);
    await page.getByRole("slider", { name: "Voices" }).fill("32");
    await loaded(3);
    await inTune();
    await page.getByRole("slider", { name: "Stiffness" }).fill("3");
    await until(`/Tuning/.test(${textOf(".state")})`);
    await inTune();
    await page.getByLabel("Sound", { exact: true }).selectOption("Harp");
    expect(await page.getByRole("slider", { name: "Stiffness" }).inputValue()).toBe("1");
    expect(await notices()).toEqual([]);
  });

  test("files: a model of one's own plays, anything else is told what it is not", async () => {
    await start();
    const choose = (name: string, bytes: Uint8Array) =>
      page
        .locator("#own-model")
        .setInputFiles({ name, mimeType: "application/octet-stream", buffer: Buffer.from(bytes) });
    await choose("holiday.jpg", Uint8Array.of(255, 216, 255, 224, 0, 16, 74, 70, 73, 70, 0, 1));
    await page.waitForSelector(".notices p");
    expect((await notices())[0]).toMatch(/^holiday\.jpg: header: .* not ours\.$/);
    await choose(
      "classic.safetensors",
      fileWith(() => undefined),
    );
    await until(`document.querySelectorAll(".notices p").length === 2`);
    expect((await notices())[1]).toBe(
      "classic.safetensors: This string is of the classic kind, which plays at one pitch only; the Listen page plays it.",
    );
    await choose("mine.safetensors", piano);
    await loaded(2);
    expect(await page.getByLabel("String", { exact: true }).inputValue()).toBe("own");
    await until(`location.hash.includes("model=own")`);
    await page.keyboard.press("x");
    await voices(/[1-9] of 24/);
    expect(await notices()).toHaveLength(2);
  });

  test("what is recorded is what is heard, in a WAV file", async () => {
    await start();
    await page.getByRole("button", { name: "Record", exact: true }).click();
    await page.getByRole("button", { name: "Strum down" }).click();
    await page.waitForTimeout(600);
    await page.getByRole("button", { name: "Stop recording" }).click();
    const link = page.getByRole("link", { name: /^Save WAV/ });
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
    expect(download.suggestedFilename()).toBe("neural-string.wav");
    const { channels, sampleRate, notes: odd } = decodeWav(readFileSync(await download.path()));
    expect(sampleRate).toBe(await page.evaluate("contexts[0].sampleRate"));
    expect(odd).toEqual([]);
    expect(channels[0].length).toBeGreaterThan(0.3 * sampleRate);
    expect(channels[0].reduce((most, x) => Math.max(most, Math.abs(x)), 0)).toBeGreaterThan(0.01);
  });

  describe("MIDI", () => {
    const connect = () => page.getByRole("button", { name: "Connect MIDI" });
    const said = () => page.getByRole("region", { name: "MIDI" }).getByRole("status").textContent();

    test("a browser without it says so", async () => {
      await open({ script: "delete Navigator.prototype.requestMIDIAccess;" });
      expect(await connect().isDisabled()).toBe(true);
      expect(await said()).toBe(
        "This browser has no Web MIDI (Safari has none on any device); Chrome, Edge and Firefox on a computer do.",
      );
    });

    test("a permission that is refused is told, with what to do", async () => {
      await open({
        script:
          "Navigator.prototype.requestMIDIAccess = async () => { throw new DOMException('no', 'NotAllowedError'); };",
      });
      await connect().click();
      await until(`document.body.textContent.includes("MIDI was not allowed")`);
      expect(await said()).toContain("press Connect MIDI again");
      await playing();
    });

    test("a keyboard that is plugged in plays: velocity, wheel, pedal, controllers", async () => {
      await open({
        script: `
          globalThis.port = { id: "1", name: "Keys 25", state: "connected" };
          globalThis.access = { inputs: new Map() };
          Navigator.prototype.requestMIDIAccess = async () => access;`,
      });
      await connect().click();
      await until(`document.body.textContent.includes("No MIDI device is plugged in")`);
      await playing();
      await page.evaluate("access.inputs.set('1', port); access.onstatechange()");
      expect(await said()).toBe("Listening to Keys 25.");
      const send = (...bytes: number[]) =>
        page.evaluate(`port.onmidimessage({ data: Uint8Array.of(${bytes}) })`);
      await send(0x90, 57, 64);
      await send(0xe0, 0, 96);
      await send(0xb0, 64, 127);
      await send(0x80, 57, 0);
      await send(0xb0, 74, 0);
      const [note] = await notes();
      expect(note.f0).toBe(220);
      expect(note.velocity).toBeCloseTo(64 / 127, 6);
      expect(await page.evaluate("posted.filter(({ type }) => type === 'bend').at(-1).cents")).toBeCloseTo(
        100,
        1,
      );
      expect(await count("noteOff")).toBe(0);
      expect(await page.getByRole("slider", { name: "Brightness" }).inputValue()).toBe("-1");
      await voices(/1 of 24/);
      await send(0xb0, 64, 0);
      expect(await count("noteOff")).toBe(1);
    });
  });
});
