/**
 * What is played: which key, string or MIDI note sounds as which note, what holds it, and what settings come to in the
 * words of the audio thread. Free of the DOM and of audio: messages go out through a function.
 */
import { fretsOf } from "./chords.ts";
import type { MidiEvent } from "./midi.ts";
import { HIGHEST_NOTE, hzOf, LOWEST_NOTE } from "./pitch.ts";
import { pluckShare } from "./pluck-gesture.ts";
import { complaint, NUMBERS, openNotes, type Settings } from "./settings.ts";
import type { ToStage } from "./stage-messages.ts";
import { brighten, dampT60, loudness, softCutoff, softenT60 } from "./voicing.ts";

/** A note that sounds, for the view. */
export interface SoundingNote {
  id: number;
  note: number;
  /** The string it is drawn on, and where that is held down. */
  string: number;
  fret: number;
}

export interface PlayerOutput {
  post(message: ToStage): void;
  /** Seconds of the audio context. */
  now(): number;
}

/** Seconds to fall 60 dB, of a string that is plucked anew. */
const REPLUCKED_T60 = 0.05;
/** Notes that are remembered for the view; those before have died or do not matter. */
const REMEMBERED = 64;
/** dBFS of a model's loudest pluck, before one plays. */
const UNKNOWN_LEVEL = -24;
/** What a string can be bent. */
const MOST_BEND = 200;

export class Player {
  #settings: Settings;
  readonly #output: PlayerOutput;
  #lastId = 0;
  /** By what holds them down: "key:KeyZ", "midi:0:60", "string:2". */
  readonly #held = new Map<string, number>();
  /** Let go while the pedal was down. */
  readonly #sustained = new Set<number>();
  readonly #notes = new Map<number, SoundingNote>();
  #isSustaining = false;
  #wheel = 0;
  #expression = 1;
  #level = UNKNOWN_LEVEL;

  constructor(settings: Settings, output: PlayerOutput) {
    this.#settings = settings;
    this.#output = output;
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** Notes by their id, as long as anybody may want to draw them. */
  get notes(): ReadonlyMap<number, SoundingNote> {
    return this.#notes;
  }

  /** The notes that something holds down. */
  get heldNotes(): Set<number> {
    const held = new Set<number>();
    for (const [source, id] of this.#held) {
      const note = source.startsWith("string:") ? undefined : this.#notes.get(id)?.note;
      if (note !== undefined) held.add(note);
    }
    return held;
  }

  get isSustaining(): boolean {
    return this.#isSustaining;
  }

  /** Change settings; what has to be told is told. @throws RangeError for a value that cannot be */
  set(change: Partial<Settings>): void {
    for (const [name, value] of Object.entries(change)) {
      const wrong = complaint(name as keyof Settings, value);
      if (wrong !== undefined) throw new RangeError(wrong);
    }
    this.#settings = { ...this.#settings, ...change };
    this.tell();
  }

  /** Another model plays. @param level of its loudest pluck (dBFS) */
  setModel(level: number): void {
    this.#level = level;
    this.tell();
  }

  /** Tell the audio thread what all settings come to; needed again whenever a model begins to play. */
  tell(): void {
    const { damping, palm, brightness, polarisation, release, volume } = this.#settings;
    const post = (message: ToStage) => this.#output.post(message);
    post({ type: "mute", t60: dampT60(damping, palm) });
    post({ type: "soften", t60: softenT60(brightness, palm) });
    post({ type: "polarisation", mix: polarisation });
    post({ type: "release", t60: release });
    const gain = this.#expression ** 2 * loudness(volume, this.#level);
    post({ type: "tone", gain, lift: brighten(brightness) });
    this.#bend();
  }

  /**
   * Begin a note.
   * @param source what holds it, to let it go by
   * @param velocity 0 .. 1
   * @param string it is drawn on; default: where a hand would play it
   */
  noteOn(
    source: string,
    note: number,
    velocity: number,
    at: { position?: number; string?: number; time?: number } = {},
  ) {
    if (!(note >= LOWEST_NOTE && note <= HIGHEST_NOTE)) return;
    this.noteOff(source);
    const id = ++this.#lastId;
    const { position: usual, softness } = this.#settings;
    const position = at.position === undefined ? (usual > 0 ? usual : undefined) : pluckShare(at.position);
    const cutoff = softCutoff(velocity, softness);
    this.#output.post({ type: "noteOn", id, f0: hzOf(note), velocity, position, cutoff, time: at.time });
    this.#held.set(source, id);
    this.#remember(id, note, at.string);
  }

  /** Let a note go; with the pedal down it rings on. */
  noteOff(source: string, time?: number): void {
    const id = this.#held.get(source);
    if (id === undefined) return;
    this.#held.delete(source);
    if (this.#isSustaining) this.#sustained.add(id);
    else this.#output.post({ type: "noteOff", id, time });
  }

  /** The pedal. */
  sustain(isDown: boolean): void {
    this.#isSustaining = isDown;
    if (isDown) return;
    for (const id of this.#sustained) this.#output.post({ type: "noteOff", id });
    this.#sustained.clear();
  }

  /** Frets of the chord that is held. */
  get frets(): (number | null)[] {
    const { chord, quality } = this.#settings;
    return fretsOf(openNotes(this.#settings), chord, quality);
  }

  /** Pluck one of the six strings, at the fret that the chord holds; what it sounded before ends. */
  pluck(string: number, velocity: number, position?: number, time?: number): void {
    const fret = this.frets[string] ?? null;
    const source = `string:${string}`;
    this.#endQuickly(source, time);
    if (fret === null) return;
    this.noteOn(source, openNotes(this.#settings)[string] + fret, velocity, { position, string, time });
  }

  /** All strings that the chord holds, one after the other: down begins at the lowest. */
  strum(direction: "down" | "up", velocity = 0.7): void {
    const played = [...this.frets.entries()].filter(([, fret]) => fret !== null).map(([string]) => string);
    if (direction === "up") played.reverse();
    const { strum, position } = this.#settings;
    const begin = this.#output.now();
    for (const [i, string] of played.entries()) {
      // a hand gets lighter on its way
      const lighter = velocity * (1 - (0.15 * i) / Math.max(1, played.length - 1));
      this.pluck(string, lighter, position > 0 ? position : undefined, begin + (i * strum) / 1000);
    }
  }

  /** The flat hand: the six strings stop. */
  choke(): void {
    for (let string = 0; string < this.#settings.strings.length; string++)
      this.#endQuickly(`string:${string}`);
  }

  /** Everything ends, and nothing is held or bent any more. */
  panic(): void {
    this.#held.clear();
    this.#sustained.clear();
    this.#isSustaining = false;
    this.#wheel = 0;
    this.#expression = 1;
    this.#output.post({ type: "stop" });
    this.tell();
  }

  /** The wheel, in cents. */
  bend(cents: number): void {
    this.#wheel = cents;
    this.#bend();
  }

  /** The expression pedal, 0 .. 1: like the volume of a MIDI instrument it is heard squared. */
  express(value: number): void {
    this.#expression = value;
    this.tell();
  }

  /** @returns what of the settings has changed, for the view */
  midi(event: MidiEvent): Partial<Settings> {
    switch (event.type) {
      case "noteOn":
        this.noteOn(`midi:${event.channel}:${event.note}`, event.note, event.velocity);
        return {};
      case "noteOff":
        this.noteOff(`midi:${event.channel}:${event.note}`);
        return {};
      case "bend":
        this.bend(event.cents);
        return {};
      case "sustain":
        this.sustain(event.isDown);
        return {};
      case "expression":
        this.express(event.value);
        return {};
      case "allNotesOff":
        for (const source of [...this.#held.keys()])
          if (source.startsWith(`midi:${event.channel}:`)) this.noteOff(source);
        return {};
      case "reset":
        this.bend(0);
        this.sustain(false);
        this.express(1);
        return {};
      case "panic":
        this.panic();
        return {};
      default:
        return this.#controlled(event);
    }
  }

  /** A controller moves the slider it is for. */
  #controlled(event: MidiEvent & { value: number }): Partial<Settings> {
    const change = controllerChange(event.type, event.value);
    this.set(change);
    return change;
  }

  #endQuickly(source: string, time?: number): void {
    const id = this.#held.get(source);
    if (id === undefined) return;
    this.#held.delete(source);
    this.#output.post({ type: "release", t60: REPLUCKED_T60, time });
    this.#output.post({ type: "noteOff", id, time });
    this.#output.post({ type: "release", t60: this.#settings.release, time });
  }

  #bend(): void {
    const cents = Math.max(-MOST_BEND, Math.min(MOST_BEND, this.#settings.tune + this.#wheel));
    this.#output.post({ type: "bend", cents });
  }

  /** Where a hand would play it: on the highest string that reaches down to it. */
  #remember(id: number, note: number, given: number | undefined): void {
    const open = openNotes(this.#settings);
    let string = given ?? 0;
    if (given === undefined) {
      for (const [i, lowest] of open.entries()) if (lowest <= note && lowest >= open[string]) string = i;
    }
    this.#notes.set(id, { id, note, string, fret: Math.max(0, note - open[string]) });
    for (const old of this.#notes.keys()) {
      if (this.#notes.size <= REMEMBERED) break;
      this.#notes.delete(old);
    }
  }
}

/** What a MIDI controller at 0 .. 1 sets. */
export function controllerChange(type: MidiEvent["type"], value: number): Partial<Settings> {
  const within = (name: keyof typeof NUMBERS, share: number) => {
    const { from, to, step } = NUMBERS[name];
    const steps = Math.round((share * (to - from)) / step);
    // no dust of binary fractions in links
    return Math.min(to, Number((from + steps * step).toFixed(2)));
  };
  switch (type) {
    case "volume":
      return { volume: within("volume", value) };
    case "modulation":
      return { polarisation: Number(value.toFixed(2)) };
    case "brightness":
      return { brightness: within("brightness", value) };
    case "resonance":
      return { damping: within("damping", 1 - value) };
    case "release":
      return { release: within("release", value ** 2) };
    default:
      return {};
  }
}
