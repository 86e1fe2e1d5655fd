/**
 * Six strings on a canvas, low to high from above as a player sees them, moving as the model's own loops do; the same
 * strings as buttons, for keys and for those who do not see them.
 */
import { make } from "./dom.ts";
import { nameOf } from "./pitch.ts";
import type { Player } from "./player.ts";
import { PluckGesture, type StringLayout } from "./pluck-gesture.ts";
import { openNotes, STRINGS } from "./settings.ts";
import { LOOK_POINTS, type Look } from "./stage-messages.ts";
import { StringCanvas } from "./string-canvas.ts";

/** Share of the string at which a button plucks, and how hard. */
const BUTTON_POSITION = 0.16;
const BUTTON_VELOCITY = 0.7;

export class StringsView {
  readonly element: HTMLElement;
  readonly #player: Player;
  readonly #canvas: StringCanvas;
  readonly #buttons: HTMLButtonElement[];
  readonly #gestures = new Map<number, PluckGesture>();
  readonly #pluck: (string: number, velocity: number, position: number) => void;

  /** @param wake called before anything is played: sound may have to be started, in this gesture */
  constructor(player: Player, wake: () => void) {
    this.#player = player;
    this.#pluck = (string, velocity, position) => {
      wake();
      player.pluck(string, velocity, position);
      this.#canvas.nudge(string, velocity, position);
    };
    const canvas = make("canvas", { class: "strings-canvas", "aria-hidden": "true" });
    this.#canvas = new StringCanvas(canvas);
    this.#buttons = Array.from({ length: STRINGS }, (_, string) => {
      const button = make("button", { type: "button", class: "string-button" });
      // a pointer plucks when it is down, keys and assistive technology when they click
      button.addEventListener("click", ({ detail }) => {
        if (detail === 0) this.#pluck(string, BUTTON_VELOCITY, BUTTON_POSITION);
      });
      button.addEventListener("pointerdown", () => this.#pluck(string, BUTTON_VELOCITY, BUTTON_POSITION));
      return button;
    });
    const buttons = make(
      "div",
      { class: "string-buttons", role: "group", "aria-label": "Strings" },
      ...this.#buttons,
    );
    this.element = make("div", { class: "strings" }, buttons, canvas);
    this.#listen(canvas);
    this.refresh();
  }

  /** Names and frets have changed. */
  refresh(): void {
    const open = openNotes(this.#player.settings);
    const { frets } = this.#player;
    for (const [string, button] of this.#buttons.entries()) {
      const fret = frets[string];
      button.textContent = fret === null ? "×" : nameOf(open[string] + fret);
      const sounds = fret === null ? "not played" : nameOf(open[string] + fret);
      button.setAttribute("aria-label", `String ${STRINGS - string}: ${sounds}`);
    }
    this.#canvas.setFrets(frets, this.#player.settings.capo);
  }

  /** What the audio thread saw. */
  show(look: Look, count: number): void {
    const seen = new Map<number, { points: Float32Array; fret: number; id: number }>();
    for (let i = 0; i < count; i++) {
      const note = this.#player.notes.get(look.notes[3 * i]);
      if (note === undefined) continue;
      const before = seen.get(note.string);
      // of two notes on one string the younger is drawn
      if (before !== undefined && before.id > note.id) continue;
      const points = look.shapes.subarray(i * LOOK_POINTS, (i + 1) * LOOK_POINTS);
      seen.set(note.string, { points, fret: note.fret, id: note.id });
    }
    for (let string = 0; string < STRINGS; string++) this.#canvas.see(string, seen.get(string));
  }

  /** @param time milliseconds */
  draw(time: number): void {
    const pulls = [...this.#gestures.values()].flatMap(({ pull }) => (pull === undefined ? [] : [pull]));
    this.#canvas.draw(time, pulls);
  }

  #listen(canvas: HTMLCanvasElement): void {
    const place = (event: PointerEvent) => {
      const { left, top } = canvas.getBoundingClientRect();
      return [event.clientX - left, event.clientY - top, event.timeStamp] as const;
    };
    const layout = (): StringLayout => this.#canvas.layout;
    const end = (event: PointerEvent) => {
      this.#gestures.get(event.pointerId)?.up(layout());
      this.#gestures.delete(event.pointerId);
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      const gesture = new PluckGesture(({ string, velocity, position }) =>
        this.#pluck(string, velocity, position),
      );
      this.#gestures.set(event.pointerId, gesture);
      gesture.down(layout(), ...place(event));
    });
    canvas.addEventListener("pointermove", (event) => {
      const gesture = this.#gestures.get(event.pointerId);
      if (gesture === undefined) return;
      // a quick strum is in the moves between two frames
      const moves = event.getCoalescedEvents?.() ?? [];
      for (const move of moves.length > 0 ? moves : [event]) gesture.move(layout(), ...place(move));
    });
    canvas.addEventListener("pointerup", end);
    canvas.addEventListener("pointercancel", (event) => {
      this.#gestures.get(event.pointerId)?.cancel();
      this.#gestures.delete(event.pointerId);
    });
  }
}
