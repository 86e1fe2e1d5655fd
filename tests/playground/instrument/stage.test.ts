// The instrument as the audio thread runs it, played as the page plays it, without either: what is held rings, what is let
// go ends, strings are plucked as a hand would, and nothing exceeds the limiter. That nothing clicks: clicks.test.ts.
import { StringTuner } from "@neural-string/core-wasm";
import { CEILING } from "@neural-string/playground/instrument/limiter";
import { controllerChange } from "@neural-string/playground/instrument/player";
import { emptyLook, type ToStage } from "@neural-string/playground/instrument/stage-messages";
import { describe, expect, test } from "vitest";
import { expectSameBits } from "../../support/closeness.ts";
import { newCore } from "../../support/core-builds.ts";
import { guitar, loudest, make, PITCHES, RATE, rms } from "../../support/played-stage.ts";

test("tunings that come later belong to the model that was loaded last", () => {
  const { stage, player, render, said } = make();
  const bench = new StringTuner(newCore("simd"), guitar, {
    sampleRate: RATE,
    lowestF0: PITCHES[0],
    stiffness: 2,
  });
  stage.take({ type: "tuning", tuning: bench.tune(PITCHES[0]) });
  player.noteOn("a", 40, 0.8);
  const stiff = render(0.5);
  const { player: other, render: renderOther } = make();
  other.noteOn("a", 40, 0.8);
  const learned = renderOther(0.5);
  expect(said.filter(({ type }) => type === "failed")).toEqual([]);
  expect(rms(stiff.map((x, n) => x - learned[n]))).toBeGreaterThan(0.1 * rms(learned));
});

describe("holding and letting go", () => {
  const offs = (posted: ToStage[]) => posted.filter(({ type }) => type === "noteOff").length;

  test("a key that is let go is damped; with the pedal down only when that comes up", () => {
    const { player, posted, render } = make();
    player.sustain(true);
    player.noteOn("a", 45, 0.8);
    player.noteOff("a");
    expect(offs(posted)).toBe(0);
    render(0.5);
    expect(rms(render(0.1))).toBeGreaterThan(1e-3);
    player.sustain(false);
    expect(offs(posted)).toBe(1);
    render(1);
    expect(rms(render(0.1))).toBeLessThan(1e-4);
  });

  test("the same key again ends what it held, another note of the same pitch does not", () => {
    const { player, posted } = make();
    player.noteOn("a", 45, 0.8);
    player.noteOn("b", 45, 0.8);
    expect(offs(posted)).toBe(0);
    player.noteOn("a", 47, 0.8);
    expect(offs(posted)).toBe(1);
    expect([...player.heldNotes].sort()).toEqual([45, 47]);
    player.noteOff("c");
    expect(offs(posted)).toBe(1);
  });

  test("notes beyond the keyboard are none", () => {
    const { player, posted } = make();
    for (const note of [27, 85, Number.NaN]) player.noteOn("a", note, 1);
    expect(posted).toEqual([]);
  });

  test("panic ends everything within 10 ms, and nothing hangs", () => {
    const { stage, player, render, said } = make();
    player.sustain(true);
    player.bend(150);
    for (let i = 0; i < 8; i++) player.noteOn(`k${i}`, 45 + i, 1);
    player.noteOff("k3");
    render(0.2);
    player.panic();
    render(0.012);
    expect(loudest(render(0.1))).toBe(0);
    stage.take({ type: "look", look: emptyLook() });
    render(0.01);
    expect(said.at(-1)).toMatchObject({ type: "looked", count: 0, levels: { sounding: 0 } });
    expect(player.heldNotes.size).toBe(0);
    expect(player.isSustaining).toBe(false);
  });
});

describe("six strings", () => {
  test("a strum plucks what the chord holds, in order and in time", () => {
    const { player, posted, render } = make({ chord: "C", strum: 20 });
    render(0.1);
    player.strum("down", 0.8);
    const notes = posted.flatMap((message) => (message.type === "noteOn" ? [message] : []));
    // x32010
    expect(notes.map(({ f0 }) => Math.round(69 + 12 * Math.log2(f0 / 440)))).toEqual([48, 52, 55, 60, 64]);
    const times = notes.map(({ time }) => time as number);
    for (let i = 1; i < times.length; i++) expect(times[i] - times[i - 1]).toBeCloseTo(0.02, 6);
    posted.length = 0;
    player.strum("up", 0.8);
    const up = posted.flatMap((message) => (message.type === "noteOn" ? [message.f0] : []));
    expect(up).toEqual(notes.map(({ f0 }) => f0).reverse());
    expect(rms(render(0.2))).toBeGreaterThan(1e-3);
  });

  test("a string sounds one note: plucked again, the one before ends; choked, all do", () => {
    const { player, render, stage, said } = make();
    const sounding = () => {
      stage.take({ type: "look", look: emptyLook() });
      render(0.003);
      const last = said.at(-1);
      return last?.type === "looked" ? last.levels.sounding : -1;
    };
    for (let i = 0; i < 5; i++) {
      player.pluck(0, 0.8, 0.2);
      render(0.5);
      expect(sounding()).toBe(1);
    }
    player.choke();
    render(0.5);
    expect(sounding()).toBe(0);
  });

  test("where a string is plucked and how hard is in the note: position, level, low pass", () => {
    const { player, posted } = make({ softness: 0.5 });
    player.pluck(2, 0.5, 0.9);
    player.pluck(3, 1, 0.25);
    const [soft, hard] = posted.flatMap((message) => (message.type === "noteOn" ? [message] : []));
    expect(soft.position).toBeCloseTo(0.1, 9);
    expect(soft.cutoff).toBeLessThan(10000);
    expect(hard).toMatchObject({ position: 0.25, velocity: 1, cutoff: undefined });
    expect(player.notes.get(hard.id)).toMatchObject({ string: 3, fret: 0, note: 55 });
  });

  test("notes from keys are drawn where a hand would play them", () => {
    const { player } = make();
    const places = [40, 44, 45, 64, 70, 30].map((note) => {
      player.noteOn("k", note, 1);
      const last = [...player.notes.values()].at(-1);
      return [last?.string, last?.fret];
    });
    expect(places).toEqual([
      [0, 0],
      [0, 4],
      [1, 0],
      [5, 0],
      [5, 6],
      [0, 0],
    ]);
  });
});

describe("MIDI", () => {
  test("notes, wheel, pedal and controllers reach the strings", () => {
    const { player, posted } = make();
    player.midi({ type: "noteOn", channel: 0, note: 45, velocity: 0.5 });
    player.midi({ type: "bend", channel: 0, cents: 500 });
    player.midi({ type: "sustain", isDown: true });
    player.midi({ type: "noteOff", channel: 0, note: 45 });
    expect(posted.map(({ type }) => type)).toEqual(["noteOn", "bend"]);
    // no string bends further
    expect(posted[1]).toEqual({ type: "bend", cents: 200 });
    player.midi({ type: "sustain", isDown: false });
    expect(posted.at(-1)?.type).toBe("noteOff");
    expect(player.midi({ type: "brightness", value: 0 })).toEqual({ brightness: -1 });
    expect(player.settings.brightness).toBe(-1);
  });

  test("every controller stays within what can be set, at both ends and between", () => {
    for (const type of ["volume", "modulation", "brightness", "resonance", "release"] as const) {
      const { player } = make();
      for (let i = 0; i <= 127; i++) player.set(controllerChange(type, i / 127));
    }
  });
});

test("models are equally loud, whatever their recordings were", () => {
  const gains = [-44, -24, -14].map((level) => {
    const { player, posted } = make({ volume: 0 });
    player.setModel(level);
    return posted.flatMap((message) => (message.type === "tone" ? [20 * Math.log10(message.gain)] : []))[0];
  });
  for (const [i, gain] of gains.entries()) expect(gain).toBeCloseTo([20, 0, -10][i], 9);
  const { player, posted } = make({ volume: -36 });
  player.setModel(-60);
  expect(posted.find(({ type }) => type === "tone")).toMatchObject({ gain: 0 });
});

test("settings that cannot be are refused in a sentence", () => {
  const { player } = make();
  expect(() => player.set({ damping: 2 })).toThrow(new RangeError("damping: expected 0 to 1, got 2"));
  expect(player.settings.damping).toBe(0);
});

describe("the limiter and the tape", () => {
  test("everything at once, loud, never exceeds the ceiling; the tape holds what was heard", () => {
    const { stage, player, render, said } = make({ volume: 12 });
    render(0.05);
    stage.take({ type: "record", isOn: true });
    for (let i = 0; i < 8; i++) player.noteOn(`k${i}`, 40 + 3 * i, 1);
    const sound = render(1);
    stage.take({ type: "record", isOn: false });
    expect(loudest(sound)).toBeLessThanOrEqual(CEILING * (1 + 1e-6));
    expect(loudest(sound)).toBeGreaterThan(0.9 * CEILING);
    const pieces = said.flatMap((message) => (message.type === "recorded" ? [message] : []));
    expectSameBits(Float32Array.from(pieces.flatMap(({ samples }) => [...samples])), sound);
    expect(pieces.map(({ isLast }) => isLast)).toEqual([...pieces.slice(1).map(() => false), true]);
    stage.take({ type: "look", look: emptyLook() });
    render(0.003);
    const last = said.at(-1);
    expect(last?.type === "looked" && last.levels.peak).toBeGreaterThan(CEILING);
    expect(last?.type === "looked" && last.levels.leastGain).toBeLessThan(0.9);
  });
});
