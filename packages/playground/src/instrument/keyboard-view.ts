/**
 * A piano's keys on the screen: to be touched (further down is louder), slid over, or walked along with arrow keys; below
 * them the octave they begin at. One key of them all is in the tab order.
 */
import { button, make } from "./dom.ts";
import { labelOf, letters } from "./keys.ts";
import { HIGHEST_NOTE, nameOf } from "./pitch.ts";

const BLACK = [1, 3, 6, 8, 10];
const OCTAVES = 3;
/** On a phone: of one octave each key is as wide as a finger. */
const NARROW_OCTAVES = 1;
const KEY_VELOCITY = 0.7;
/** Milliseconds that a key is held which was clicked by what cannot hold it. */
const CLICKED_MS = 600;

export interface KeyboardEvents {
  press(source: string, note: number, velocity: number): void;
  release(source: string): void;
  /** Begin at another octave. */
  shift(octaves: number): void;
}

export class KeyboardView {
  readonly element: HTMLElement;
  readonly #piano: HTMLElement;
  readonly #first = make("output", { "aria-live": "off" });
  readonly #isNarrow = matchMedia("(max-width: 40rem)");
  readonly #events: KeyboardEvents;
  #keys: HTMLButtonElement[] = [];
  #from = Number.NaN;
  #letters: ReadonlyMap<string, string> | undefined;
  /** By pointer: the key it is on. */
  readonly #pointers = new Map<number, HTMLButtonElement>();

  constructor(events: KeyboardEvents) {
    this.#events = events;
    this.#piano = make("div", {
      class: "piano",
      role: "group",
      "aria-label": "Screen keyboard",
      "data-arrows": true,
    });
    this.element = make(
      "div",
      { class: "keyboard" },
      this.#piano,
      make(
        "div",
        { class: "row octave", role: "group", "aria-label": "Octave of the keyboards" },
        button("Octave down", { title: "Key: −" }, () => events.shift(-1)),
        this.#first,
        button("Octave up", { title: "Key: =" }, () => events.shift(1)),
      ),
    );
    this.#listen();
    // another width has room for another number of keys, another keyboard other letters
    this.#isNarrow.addEventListener("change", () => this.#lay());
    void letters().then((known) => {
      this.#letters = known;
      this.#lay();
    });
  }

  /** @param from the lowest note, a C */
  setFrom(from: number): void {
    if (from === this.#from) return;
    this.#from = from;
    this.#lay();
  }

  #lay(): void {
    const from = this.#from;
    if (Number.isNaN(from)) return;
    const octaves = this.#isNarrow.matches ? NARROW_OCTAVES : OCTAVES;
    const notes = Array.from({ length: 12 * octaves + 1 }, (_, i) => from + i).filter(
      (note) => note <= HIGHEST_NOTE,
    );
    const isBlack = (note: number) => BLACK.includes(note % 12);
    const whites = notes.filter((note) => !isBlack(note)).length;
    let white = 0;
    this.#keys = notes.map((note, i) => {
      const key = make("button", {
        type: "button",
        class: isBlack(note) ? "key black" : "key white",
        "aria-label": nameOf(note),
        "data-note": note,
        // shown by the style sheet: it is no part of the key's name
        "data-key": labelOf(note - from, this.#letters),
        tabindex: i === 0 ? 0 : -1,
      });
      key.style.setProperty("--at", String(white / whites));
      key.style.setProperty("--whites", String(whites));
      if (!isBlack(note)) white++;
      return key;
    });
    this.#piano.replaceChildren(...this.#keys);
    this.#first.textContent = `from ${nameOf(from)}`;
  }

  /** Show which notes are held. */
  light(notes: ReadonlySet<number>): void {
    for (const key of this.#keys) key.classList.toggle("held", notes.has(Number(key.dataset.note)));
  }

  #listen(): void {
    const element = this.#piano;
    element.addEventListener("pointerdown", (event) => {
      const key = keyAt(event);
      if (key === undefined || event.button !== 0) return;
      event.preventDefault();
      element.setPointerCapture(event.pointerId);
      this.#press(event, key);
    });
    element.addEventListener("pointermove", (event) => {
      const before = this.#pointers.get(event.pointerId);
      if (before === undefined) return;
      const key = keyAt(event);
      if (key === before || key === undefined) return;
      this.#press(event, key);
    });
    for (const type of ["pointerup", "pointercancel"] as const) {
      element.addEventListener(type, ({ pointerId }) => {
        if (this.#pointers.delete(pointerId)) this.#events.release(`pointer:${pointerId}`);
      });
    }
    element.addEventListener("keydown", (event) => this.#key(event));
    element.addEventListener("keyup", ({ code }) => {
      if (code === "Space" || code === "Enter") this.#events.release("focused");
    });
    element.addEventListener("focusout", () => this.#events.release("focused"));
    // assistive technology clicks without a pointer or a key
    element.addEventListener("click", (event) => {
      const key = (event.target as HTMLElement).closest<HTMLButtonElement>("[data-note]");
      if (key === null || event.detail !== 0) return;
      this.#events.press("clicked", Number(key.dataset.note), KEY_VELOCITY);
      setTimeout(() => this.#events.release("clicked"), CLICKED_MS);
    });
  }

  #press(event: PointerEvent, key: HTMLButtonElement): void {
    const source = `pointer:${event.pointerId}`;
    const { top, height } = key.getBoundingClientRect();
    const depth = Math.min(1, Math.max(0, (event.clientY - top) / height));
    this.#pointers.set(event.pointerId, key);
    this.#events.release(source);
    this.#events.press(source, Number(key.dataset.note), 0.25 + 0.75 * depth);
  }

  #key(event: KeyboardEvent): void {
    const at = this.#keys.indexOf(event.target as HTMLButtonElement);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.code === "Space" || event.code === "Enter") {
      event.preventDefault();
      if (!event.repeat) this.#events.press("focused", Number(this.#keys[at].dataset.note), KEY_VELOCITY);
      return;
    }
    const moves: Record<string, number> = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };
    const by =
      event.code === "Home" ? -at : event.code === "End" ? this.#keys.length - 1 - at : moves[event.code];
    if (by === undefined) return;
    event.preventDefault();
    const next = Math.min(this.#keys.length - 1, Math.max(0, at + by));
    this.#keys[at].tabIndex = -1;
    this.#keys[next].tabIndex = 0;
    this.#keys[next].focus();
  }
}

function keyAt({ clientX, clientY }: PointerEvent): HTMLButtonElement | undefined {
  const found = document.elementFromPoint(clientX, clientY)?.closest<HTMLButtonElement>("[data-note]");
  return found ?? undefined;
}
