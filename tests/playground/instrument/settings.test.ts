// Settings and their links: whatever a link says, settings are whole, and what is wrong with it is said.
import { linkOf, readLink } from "@neural-string/playground/instrument/link";
import { PRESETS } from "@neural-string/playground/instrument/presets";
import {
  complaint,
  initialSettings,
  NUMBER_NAMES,
  NUMBERS,
  openNotes,
  type Settings,
} from "@neural-string/playground/instrument/settings";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

const some: fc.Arbitrary<Settings> = fc
  .record({
    model: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/).filter((id) => id !== "own"),
    strings: fc.array(fc.integer({ min: 28, max: 76 }), { minLength: 6, maxLength: 6 }),
    chord: fc.constantFrom("open", "C", "F♯", "B"),
    quality: fc.constantFrom("major", "sus4"),
    palm: fc.boolean(),
    shares: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 13, maxLength: 13 }),
  })
  .map(({ shares, ...rest }) => {
    const numbers = NUMBER_NAMES.map((name, i) => {
      const { from, to, step } = NUMBERS[name];
      const value = from + Math.round((shares[i] * (to - from)) / step) * step;
      return [name, Math.min(to, Number(value.toFixed(2)))];
    });
    return { ...initialSettings("any"), ...rest, ...Object.fromEntries(numbers) };
  });

describe("a link", () => {
  test("carries every setting, there and back", () => {
    fc.assert(
      fc.property(some, (settings) => {
        expect(readLink(`#${linkOf(settings)}`, "other")).toEqual({ settings, problems: [] });
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test("names every setting there is", () => {
    const parts = new URLSearchParams(linkOf(initialSettings("a")));
    expect([...parts.keys()].sort()).toEqual(["v", ...Object.keys(initialSettings("a"))].sort());
  });

  test.each([
    ["", "nothing is no link"],
    ["#", "nor is a bare #"],
    ["#main", "nor an anchor"],
  ])("%j: %s", (hash) => {
    expect(readLink(hash, "a")).toEqual({ settings: initialSettings("a"), problems: [] });
  });

  test.each([
    ["model=a&damping=1", "This link does not say of which version it is (v=1), so it was left alone."],
    [
      "v=9&damping=1",
      "This link is of version 9, and this page knows version 1; reload the page, or ask for a new link.",
    ],
    ["v=1&damping=7", "In this link, damping: expected 0 to 1, got 7."],
    ["v=1&damping=much", "In this link, damping: expected 0 to 1, got much."],
    ["v=1&damping=", "In this link, damping: expected 0 to 1, got nothing."],
    ["v=1&damping=1e-1", "In this link, damping: expected 0 to 1, got 1e-1."],
    ["v=1&capo=1.5", "In this link, capo: expected a whole number, 0 to 12, got 1.5."],
    ["v=1&strings=40.45", "In this link, strings: expected 6 notes from 28 to 76, got 40.45."],
    ["v=1&strings=1.2.3.4.5.6", "In this link, strings: expected 6 notes from 28 to 76, got 1.2.3.4.5.6."],
    [
      "v=1&chord=H",
      "In this link, chord: expected one of open, C, C♯, D, E♭, E, F, F♯, G, A♭, A, B♭, B, got H.",
    ],
    ["v=1&palm=1", "In this link, palm: expected yes or no, got 1."],
    ["v=1&colour=red", "In this link, colour: not a setting of this instrument."],
    ["v=1&__proto__=1", "In this link, __proto__: not a setting of this instrument."],
    ["v=1&model=../x", "In this link, model: expected the name of a model, got ../x."],
    [
      "v=1&model=own",
      "This link was made with a model of somebody's own, which no link carries; drop its file here to hear it.",
    ],
  ])("%j is told what is wrong, and the rest of it is taken", (hash, sentence) => {
    const { settings, problems } = readLink(`${hash}&tune=5`, "a");
    expect(problems).toEqual([sentence]);
    for (const [name, value] of Object.entries(settings))
      expect(complaint(name as keyof Settings, value)).toBeUndefined();
    expect(settings.tune).toBe(hash.includes("v=1") && !hash.startsWith("model") ? 5 : 0);
    expect(settings.damping).toBe(0);
    expect(settings.model).toBe("a");
  });
});

test("every preset is made of settings that can be, and the first takes back what the others change", () => {
  for (const { name, settings } of PRESETS) {
    for (const [key, value] of Object.entries(settings)) {
      expect(complaint(key as keyof Settings, value), name).toBeUndefined();
    }
    expect(Object.keys(PRESETS[0].settings), name).toEqual(expect.arrayContaining(Object.keys(settings)));
  }
});

test("a capo lifts all strings, and none beyond what can be played", () => {
  const settings = { ...initialSettings("a"), capo: 12, strings: [40, 45, 50, 55, 59, 76] };
  expect(openNotes(settings)).toEqual([52, 57, 62, 67, 71, 84]);
});
