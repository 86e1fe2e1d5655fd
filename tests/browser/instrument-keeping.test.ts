// What the instrument's page keeps and takes: the link that carries every setting, models of one's own, recordings, MIDI;
// honest about what a link, a file or a browser lacks.
import { readFileSync } from "node:fs";
import { linkOf } from "@neural-string/playground/instrument/link";
import { initialSettings } from "@neural-string/playground/instrument/settings";
import { decodeWav } from "@neural-string/trainer/audio/wav";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { chromiumPath, inChromium } from "../support/chromium.ts";
import { piano, useInstrument } from "../support/instrument-page.ts";
import { fileWith } from "../support/model-bytes.ts";

describe.skipIf(!chromiumPath)(inChromium("what the instrument's page keeps"), () => {
  const { open, start, textOf, until, playing, inTune, loaded, notes, count, notices, voices } =
    useInstrument();
  let page: Page;

  test("a link is obeyed, what is wrong with it is said, and the address follows what is set", async () => {
    const settings = {
      ...initialSettings("piano"),
      capo: 2,
      chord: "G",
      palm: true,
      octave: 2,
      stiffness: 2,
    };
    page = await open({ hash: `#${linkOf(settings)}&colour=red` });
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

  test("a link that is opened while the page is open is obeyed; an anchor is none", async () => {
    page = await start();
    await page.evaluate("location.hash = '#v=1&model=piano&damping=0.5&strings=38.45.50.55.59.62'");
    await loaded(2);
    expect(await page.getByLabel("String", { exact: true }).inputValue()).toBe("piano");
    expect(await page.getByRole("slider", { name: "Damping" }).inputValue()).toBe("0.5");
    // a tuning of nobody's list is called by its notes
    const tuning = page.getByLabel("Six strings").locator("option:checked");
    expect(await tuning.textContent()).toBe("Another (D2 A2 D3 G3 B3 D4)");
    await page.evaluate("location.hash = '#main'");
    await page.waitForTimeout(100);
    expect(await page.getByRole("slider", { name: "Damping" }).inputValue()).toBe("0.5");
    expect(await notices()).toEqual([]);
  });

  test("a preset is shown for as long as everything is as it says", async () => {
    page = await open({ hash: "#v=1&position=0.06&brightness=0.25" });
    const preset = page.getByLabel("Preset", { exact: true });
    expect(await preset.inputValue()).toBe("Near the bridge");
    await page.getByRole("slider", { name: "Brightness" }).press("ArrowRight");
    expect(await preset.inputValue()).toBe("");
    await preset.selectOption("Near the bridge");
    expect(await page.getByRole("slider", { name: "Brightness" }).inputValue()).toBe("0.25");
  });

  test("models that are passed over on the way to another are no complaint, and a refused file disturbs nothing", async () => {
    page = await start();
    const model = page.getByLabel("String", { exact: true });
    await page.evaluate(`(async () => {
      const list = [...document.querySelectorAll("select")][0];
      for (const id of ["piano", "guitar", "piano", "guitar", "piano"]) {
        list.value = id;
        list.dispatchEvent(new Event("change"));
        await new Promise((done) => setTimeout(done, 10));
      }
    })()`);
    await inTune();
    expect(await notices()).toEqual([]);
    expect(await model.inputValue()).toBe("piano");
    // read, and not played: tuning goes on with the string that plays, from where it was
    const stiffness = page.getByRole("slider", { name: "Stiffness" });
    await stiffness.fill("2");
    await page.locator("#own-model").setInputFiles({
      name: "classic.safetensors",
      mimeType: "application/octet-stream",
      buffer: Buffer.from(fileWith(() => undefined)),
    });
    await until(`document.querySelectorAll(".notices p").length === 1`);
    await inTune();
    await stiffness.fill("1");
    await until(`!${textOf(".state")}.includes("In tune")`);
    await inTune();
    expect(await notices()).toHaveLength(1);
  });

  test("everything that can be set travels in a copied link", async () => {
    const all = () =>
      page.evaluate<Record<string, string>>(`Object.fromEntries(
        [...document.querySelectorAll("#instrument input:not([type=file]), #instrument select, #instrument [aria-pressed]")]
          .filter((control) => control.id !== document.querySelector(".choose .field:nth-of-type(3) select")?.id)
          .map((control, i) => [
            i + " " + (control.labels?.[0]?.textContent ?? control.textContent),
            control.type === "radio" ? String(control.checked) : (control.ariaPressed ?? control.value),
          ]),
      )`);
    page = await open({ permissions: ["clipboard-read", "clipboard-write"] });
    const before = await all();
    // a third of the way, or at the end where they are there already
    await page.evaluate(`for (const slider of document.querySelectorAll("#instrument input[type=range]")) {
      const before = slider.value;
      slider.value = String(Number(slider.min) + (slider.max - slider.min) / 3);
      if (slider.value === before) slider.value = slider.max;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    }`);
    await page.getByLabel("String", { exact: true }).selectOption("piano");
    await page.getByLabel("Six strings").selectOption({ index: 2 });
    await page.getByRole("radio", { name: "F♯" }).check({ force: true });
    await page.locator("input[name=quality][value=sus4]").check({ force: true });
    await page.getByRole("button", { name: "Palm mute" }).click();
    const set = await all();
    const same = Object.keys(before).filter((name) => before[name] === set[name]);
    // of the chords' radios, those that were not chosen; and recording
    expect(same.filter((name) => !["false"].includes(set[name]))).toEqual([]);
    await page.getByRole("button", { name: "Copy link" }).click();
    await until(`document.body.textContent.includes("it carries every setting")`);
    const link = new URL(await page.evaluate("navigator.clipboard.readText()"));
    await page.context().close();
    page = await open({ hash: link.hash });
    expect(await all()).toEqual(set);
    expect(await notices()).toEqual([]);
  });

  test("another model, more voices, another stiffness: each while it plays, without a complaint", async () => {
    page = await start();
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
    await page.getByLabel("Preset", { exact: true }).selectOption("Harp");
    expect(await page.getByRole("slider", { name: "Stiffness" }).inputValue()).toBe("1");
    expect(await notices()).toEqual([]);
  });

  test("files: a model of one's own plays, anything else is told what it is not", async () => {
    page = await start();
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
    // dropped, and not on the instrument itself
    const take = await page.evaluateHandle(
      `(() => { const data = new DataTransfer(); data.items.add(new File(["RIFF...."], "take.wav")); return data; })()`,
    );
    await page.locator("body").dispatchEvent("drop", { dataTransfer: take });
    await until(`document.querySelectorAll(".notices p").length === 3`);
    expect((await notices())[2]).toBe(
      "take.wav: a recording, and the instrument plays models; the Listen page compares the two.",
    );
    await choose("mine.safetensors", piano);
    await loaded(2);
    expect(await page.getByLabel("String", { exact: true }).inputValue()).toBe("own");
    await until(`location.hash.includes("model=own")`);
    await page.keyboard.press("x");
    await voices(/[1-9] of 24/);
    expect(await notices()).toHaveLength(3);
  });

  test("what is recorded is what is heard, in a WAV file", async () => {
    page = await start();
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
      page = await open({ script: "delete Navigator.prototype.requestMIDIAccess;" });
      expect(await connect().isDisabled()).toBe(true);
      expect(await said()).toBe(
        "This browser has no Web MIDI (Safari has none on any device); Chrome, Edge and Firefox on a computer do.",
      );
    });

    test("a permission that is refused is told, with what to do", async () => {
      page = await open({
        script:
          "Navigator.prototype.requestMIDIAccess = async () => { throw new DOMException('no', 'NotAllowedError'); };",
      });
      await connect().click();
      await until(`document.body.textContent.includes("MIDI was not allowed")`);
      expect(await said()).toContain("press Connect MIDI again");
      await playing();
    });

    test("a keyboard that is plugged in plays: velocity, wheel, pedal, controllers", async () => {
      page = await open({
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
      // unplugged with a key and the pedal down: nobody would let them go any more
      await send(0x90, 60, 64);
      await send(0xb0, 64, 127);
      expect(await page.locator(".key.held").count()).toBe(1);
      await page.evaluate("access.inputs.delete('1'); access.onstatechange()");
      expect(await count("noteOff")).toBe(2);
      expect(await page.locator(".key.held").count()).toBe(0);
      expect(await page.evaluate("posted.filter(({ type }) => type === 'bend').at(-1).cents")).toBe(0);
    });
  });
});
