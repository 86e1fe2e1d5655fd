// The parts a hand meets: chords, keys, MIDI, and how a pointer becomes plucks.
import { fretsOf } from "@neural-string/playground/instrument/chords";
import { actionOf, labelOf } from "@neural-string/playground/instrument/keys";
import { MidiReader } from "@neural-string/playground/instrument/midi";
import { hzOf, nameOf, pitchesToTune } from "@neural-string/playground/instrument/pitch";
import { Player } from "@neural-string/playground/instrument/player";
import { type Pluck, PluckGesture, pluckShare } from "@neural-string/playground/instrument/pluck-gesture";
import { initialSettings } from "@neural-string/playground/instrument/settings";
import { describe, expect, test } from "vitest";

const STANDARD = [40, 45, 50, 55, 59, 64];

describe("chords", () => {
  test.each([
    ["C", "major", "x32010"],
    ["G", "major", "320003"],
    ["D", "major", "xx0232"],
    ["E", "major", "022100"],
    ["A", "minor", "x02210"],
    ["E", "minor", "022000"],
    ["D", "minor", "xx0231"],
    ["A", "seventh", "x02020"],
    ["E", "power", "022400"],
    ["open", "minor", "000000"],
  ])("%s %s in standard tuning is %s", (root, quality, shape) => {
    expect(
      fretsOf(STANDARD, root, quality)
        .map((fret) => fret ?? "x")
        .join(""),
    ).toBe(shape);
  });

  test("in any tuning only notes of the chord sound, from the root up", () => {
    for (const open of [[38, 45, 50, 55, 57, 62], [36, 43, 50, 57, 64, 71], STANDARD.map((n) => n + 3)]) {
      for (const [root, rootClass] of [
        ["C", 0],
        ["F♯", 6],
        ["B", 11],
      ] as const) {
        const notes = fretsOf(open, root, "minor7").flatMap((fret, i) =>
          fret === null ? [] : [open[i] + fret],
        );
        expect(notes.length).toBeGreaterThanOrEqual(3);
        expect(notes[0] % 12).toBe(rootClass);
        for (const note of notes) expect([0, 3, 7, 10]).toContain((note - rootClass + 12) % 12);
      }
    }
  });
});

describe("keys", () => {
  test("two rows of a piano, by place", () => {
    expect(actionOf("KeyZ")).toEqual({ do: "note", semitone: 0 });
    expect(actionOf("KeyS")).toEqual({ do: "note", semitone: 1 });
    expect(actionOf("KeyM")).toEqual({ do: "note", semitone: 11 });
    expect(actionOf("KeyQ")).toEqual({ do: "note", semitone: 12 });
    expect(actionOf("KeyP")).toEqual({ do: "note", semitone: 28 });
    expect(actionOf("F5")).toBeUndefined();
    expect(labelOf(0)).toBe("Z");
    expect(labelOf(28)).toBe("P");
    expect(labelOf(40)).toBe("");
    // a French keyboard, where the browser tells
    const printed = new Map([["KeyZ", "w"]]);
    expect([labelOf(0, printed), labelOf(2, printed)]).toEqual(["W", "X"]);
  });
});

describe("pitch", () => {
  test("names and hertz", () => {
    expect(hzOf(69)).toBe(440);
    expect(nameOf(40)).toBe("E2");
    expect(nameOf(61)).toBe("C♯4");
  });

  test.each([82.46, 54.79, 440, 1000])(
    "a model of %f Hz: once the first are tuned all are within a bend",
    (own) => {
      const { first, then } = pitchesToTune(own, 1100);
      expect(first).toContain(own);
      expect(first.length).toBeLessThan(20);
      expect(new Set([...first, ...then]).size).toBe(57);
      for (const hz of then) {
        expect(Math.min(...first.map((near) => Math.abs(1200 * Math.log2(near / hz))))).toBeLessThanOrEqual(
          200.001,
        );
      }
      expect(Math.max(...first, ...then)).toBeLessThanOrEqual(1100);
    },
  );
});

describe("MIDI", () => {
  const read = (...bytes: number[]) => new MidiReader().read(bytes);

  test.each([
    [[0x90, 60, 127], { type: "noteOn", channel: 0, note: 60, velocity: 1 }],
    [[0x93, 60, 0], { type: "noteOff", channel: 3, note: 60 }],
    [[0x85, 60, 64], { type: "noteOff", channel: 5, note: 60 }],
    [[0xe0, 0, 64], { type: "bend", channel: 0, cents: 0 }],
    [[0xe0, 127, 127], { type: "bend", channel: 0, cents: 200 }],
    [[0xe0, 0, 0], { type: "bend", channel: 0, cents: -200 }],
    [[0xb0, 64, 127], { type: "sustain", isDown: true }],
    [[0xb0, 64, 63], { type: "sustain", isDown: false }],
    [[0xb0, 11, 127], { type: "expression", value: 1 }],
    [[0xb0, 74, 127], { type: "brightness", value: 1 }],
    [[0xb0, 1, 0], { type: "modulation", value: 0 }],
    [[0xb0, 120, 0], { type: "panic" }],
    [[0xb0, 121, 0], { type: "reset" }],
    [[0xb3, 123, 0], { type: "allNotesOff", channel: 3 }],
    [[0xb0, 126, 1], { type: "allNotesOff", channel: 0 }],
    [[0xff], { type: "panic" }],
    [[0xf8], undefined],
    [[0xa0, 60, 3], undefined],
    [[0x90, 60], undefined],
    [[0xb0], undefined],
    [[0x90, 200, 3], undefined],
    [[60, 60, 60], undefined],
    [[], undefined],
  ])("%j is %j", (bytes, event) => {
    expect(read(...bytes)).toEqual(event);
  });

  test("the wheel's range is a registered parameter of its channel, and no other's", () => {
    const reader = new MidiReader();
    for (const bytes of [
      [0xb1, 101, 0],
      [0xb1, 100, 0],
      [0xb1, 6, 12],
      [0xb1, 38, 50],
    ])
      reader.read(bytes);
    expect(reader.read([0xe1, 127, 127])).toEqual({ type: "bend", channel: 1, cents: 1250 });
    expect(reader.read([0xe0, 127, 127])).toEqual({ type: "bend", channel: 0, cents: 200 });
    // fine tuning is another parameter
    for (const bytes of [
      [0xb1, 100, 1],
      [0xb1, 6, 2],
    ])
      reader.read(bytes);
    expect(reader.read([0xe1, 127, 127])).toMatchObject({ cents: 1250 });
  });
});

describe("an expression pedal", () => {
  const gains: number[] = [];
  const player = new Player(initialSettings("any"), {
    post: (message) => {
      if (message.type === "tone") gains.push(message.gain);
    },
    now: () => 0,
  });
  const reader = new MidiReader();
  const gainAfter = (...bytes: number[]) => {
    const event = reader.read(bytes);
    if (event !== undefined) player.midi(event);
    return gains[gains.length - 1];
  };

  test("is a part of the volume, squared, and leaves its slider alone", () => {
    const whole = gainAfter(0xb0, 11, 127);
    const { volume } = player.settings;
    expect(gainAfter(0xb0, 11, 64)).toBeCloseTo(whole * (64 / 127) ** 2, 12);
    expect(gainAfter(0xb0, 11, 0)).toBe(0);
    expect(player.settings.volume).toBe(volume);
  });

  test.each([
    ["reset", [0xb0, 121, 0]],
    ["panic", [0xff]],
  ])("is up again after %s", (_, bytes) => {
    const whole = gainAfter(0xb0, 11, 127);
    gainAfter(0xb0, 11, 3);
    expect(gainAfter(...bytes)).toBe(whole);
  });
});

describe("a pointer on the strings", () => {
  const layout = { ys: [25, 75, 125, 175, 225, 275], bridge: 500, nut: 0 };
  const play = (...way: [x: number, y: number, time: number][]) => {
    const plucks: Pluck[] = [];
    const gesture = new PluckGesture((pluck) => plucks.push(pluck));
    gesture.down(layout, ...way[0]);
    for (const at of way.slice(1)) gesture.move(layout, ...at);
    return { plucks, gesture };
  };

  test("a tap plucks when it ends, where it was", () => {
    const { plucks, gesture } = play([400, 76, 0]);
    expect(plucks).toEqual([]);
    gesture.up(layout);
    expect(plucks).toEqual([{ string: 1, position: 0.2, velocity: 0.55 }]);
  });

  test("a pull plucks when it is let go, the further the louder", () => {
    const velocities = [6, 18, 36].map((by) => {
      const { plucks, gesture } = play([250, 125, 0], [250, 125 + by, 500]);
      expect(plucks).toEqual([]);
      expect(gesture.pull).toEqual({ string: 2, position: 0.5, by });
      gesture.up(layout);
      expect(gesture.pull).toBeUndefined();
      return plucks[0].velocity;
    });
    expect(velocities[0]).toBeLessThan(velocities[1]);
    expect(velocities[1]).toBeLessThan(velocities[2]);
    expect(velocities[2]).toBeGreaterThan(0.9);
  });

  test("pulled too far it slips off, once; then every string that is crossed sounds, there and back", () => {
    const { plucks, gesture } = play(
      [100, 25, 0],
      [100, 40, 50],
      [110, 90, 100],
      [120, 180, 200],
      [120, 120, 300],
    );
    gesture.up(layout);
    expect(plucks.map(({ string }) => string)).toEqual([0, 1, 2, 3, 3, 2]);
    expect(plucks[0].velocity).toBe(1);
  });

  test("a strum from beside the strings, in one jump, crosses all in order", () => {
    const { plucks } = play([250, 2, 0], [250, 298, 400]);
    expect(plucks.map(({ string }) => string)).toEqual([0, 1, 2, 3, 4, 5]);
    const { plucks: up } = play([250, 298, 0], [250, 2, 400]);
    expect(up.map(({ string }) => string)).toEqual([5, 4, 3, 2, 1, 0]);
  });

  test("a quick strum is louder than a slow one", () => {
    const slow = play([250, 2, 0], [250, 298, 3000]).plucks[0].velocity;
    const quick = play([250, 2, 0], [250, 298, 60]).plucks[0].velocity;
    expect(slow).toBeLessThan(0.35);
    expect(quick).toBe(1);
  });

  test("what the system takes away makes no sound", () => {
    const { plucks, gesture } = play([250, 25, 0]);
    gesture.cancel();
    gesture.move(layout, 250, 200, 10);
    gesture.up(layout);
    expect(plucks).toEqual([]);
  });

  test("both halves of a string sound alike, and its ends can be plucked", () => {
    expect(pluckShare(0.3)).toBeCloseTo(pluckShare(0.7), 12);
    expect(pluckShare(0)).toBe(0.02);
    expect(pluckShare(1)).toBe(0.02);
    expect(pluckShare(0.5)).toBe(0.5);
  });
});
