/**
 * The string to be played, from the best checkpoint there is: a wire to pluck, and a row of keys around its own pitch. Notes
 * are rendered when they are first asked for, as `pnpm render` renders them, and kept until a better string comes.
 */
import { make, takesKeys } from "../instrument/dom.ts";
import { nameOf } from "../instrument/pitch.ts";
import { StringSketch } from "../landing/string-sketch.ts";
import { gainFor } from "./level.ts";
import type { Speaker } from "./speaker.ts";

/** Semitones from the string's own pitch, and the computer's keys for them. */
const KEYS: [semitone: number, code: string][] = [
  "KeyA",
  "KeyW",
  "KeyS",
  "KeyE",
  "KeyD",
  "KeyF",
  "KeyT",
  "KeyG",
  "KeyY",
  "KeyH",
  "KeyU",
  "KeyJ",
  "KeyK",
].map((code, semitone) => [semitone, code]);

/** Seconds of a note. */
const SECONDS = 6;

export interface Note {
  samples: Float32Array;
  sampleRate: number;
}

export interface StringViewEvents {
  speaker: Speaker;
  /** Render the string. @param f0 Hz; null = its own */
  render(f0: number | null, seconds: number): Promise<Note>;
  onProblem(sentence: string): void;
}

export class StringView {
  readonly element: HTMLElement;
  readonly #events: StringViewEvents;
  readonly #sketch: StringSketch;
  readonly #wire: HTMLButtonElement;
  readonly #keys = make("div", { class: "keys", role: "group", "aria-label": "Notes" });
  readonly #said = make("p", { class: "aside", role: "status" });
  #notes = new Map<number, Promise<Note>>();
  #sounding = new Map<number, () => void>();
  #f0: number | null = null;
  #gain = 1;

  constructor(events: StringViewEvents) {
    this.#events = events;
    const canvas = make("canvas", { "aria-hidden": "true" });
    this.#wire = make("button", { type: "button", class: "wire", "aria-label": "Pluck the string" }, canvas);
    this.#sketch = new StringSketch(canvas, 1);
    this.#wire.addEventListener("pointerdown", (event) => {
      const { left, width } = this.#wire.getBoundingClientRect();
      this.#pluck(0, 1, Math.min(0.97, Math.max(0.03, (event.clientX - left) / width)));
    });
    // a pointer has plucked already; what is left are keys and assistive technology
    this.#wire.addEventListener("click", ({ detail }) => detail === 0 && this.#pluck(0));
    this.element = make("div", { class: "played" }, this.#wire, this.#keys, this.#said);
    document.addEventListener("keydown", (event) => this.#key(event));
    this.show(null, "");
  }

  /** Play another string from now on; null = none. @param f0 Hz @param what it is, in words */
  show(f0: number | null, what: string): void {
    const isOther = f0 !== this.#f0;
    this.#f0 = f0;
    this.#notes = new Map();
    this.element.hidden = f0 === null;
    this.#said.textContent = what;
    if (f0 === null) return;
    if (isOther) this.#layKeys(f0);
    // the first pluck is to sound at once, and how loud a string is does not depend on the key
    const own = this.#note(0);
    own.then(
      ({ samples }) => {
        this.#gain = gainFor(samples);
      },
      () => undefined,
    );
  }

  #layKeys(f0: number): void {
    const own = Math.round(69 + 12 * Math.log2(f0 / 440));
    this.#keys.replaceChildren(
      ...KEYS.map(([semitone, code]) => {
        const name = nameOf(own + semitone);
        const key = make("button", {
          type: "button",
          class: name.length > 2 ? "black" : undefined,
          title: `Key: ${code.slice(3)}`,
        });
        key.textContent = name;
        key.addEventListener("pointerdown", () => this.#pluck(semitone));
        key.addEventListener("click", ({ detail }) => detail === 0 && this.#pluck(semitone));
        return key;
      }),
    );
  }

  /** @param gain of the pluck, 0 .. 1 @param place where along the wire, 0 .. 1 */
  async #pluck(semitone: number, gain = 0.9, place = 0.2): Promise<void> {
    if (this.#f0 === null) return;
    this.#sketch.pluck(0, place, gain);
    try {
      const { samples, sampleRate } = await this.#note(semitone);
      this.#sounding.get(semitone)?.();
      const stop = this.#events.speaker.play(samples, sampleRate, gain * this.#gain, () => {
        if (this.#sounding.get(semitone) === stop) this.#sounding.delete(semitone);
      });
      this.#sounding.set(semitone, stop);
    } catch (error) {
      this.#events.onProblem(error instanceof Error ? error.message : String(error));
    }
  }

  #note(semitone: number): Promise<Note> {
    const known = this.#notes.get(semitone);
    if (known) return known;
    const f0 = semitone === 0 ? null : (this.#f0 as number) * 2 ** (semitone / 12);
    const notes = this.#notes;
    const note = this.#events.render(f0, SECONDS);
    notes.set(semitone, note);
    note.catch(() => notes.delete(semitone));
    return note;
  }

  #key(event: KeyboardEvent): void {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || this.#f0 === null) return;
    if (takesKeys(event.target, event.code)) return;
    const key = KEYS.find(([, code]) => code === event.code);
    if (key === undefined) return;
    event.preventDefault();
    void this.#pluck(key[0]);
  }
}
