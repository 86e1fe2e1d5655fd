/**
 * A piano's keys on the screen: to be touched (further down is louder), slid over, or walked along with arrow keys. One
 * key of them all is in the tab order.
 */
import { make } from "./dom.ts";
import { labelOf } from "./keys.ts";
import { HIGHEST_NOTE, nameOf } from "./pitch.ts";

const BLACK = [1, 3, 6, 8, 10];
const OCTAVES = 3;
/** On a phone, where a finger is as wide as three of their keys. */
const NARROW_OCTAVES = 2;
const KEY_VELOCITY = 0.7;

export interface KeyboardEvents {
  press(source: string, note: number, velocity: number): void;
  release(source: string): void;
}

export class KeyboardView {
  readonly element: HTMLElement;
  readonly #events: KeyboardEvents;
  #keys: HTMLButtonElement[] = [];
  #from = Number.NaN;
  /** By pointer: the key it is on. */
  readonly #pointers = new Map<number, HTMLButtonElement>();

  constructor(events: KeyboardEvents) {
    this.#events = events;
    this.element = make("div", {
      class: "piano",
      role: "group",
      "aria-label": "Screen keyboard",
      "data-arrows": true,
    });
    this.#listen();
  }

  /** @param from the lowest note, a C */
  setFrom(from: number): void {
    if (from === this.#from) return;
    this.#from = from;
    const octaves = matchMedia("(max-width: 40rem)").matches ? NARROW_OCTAVES : OCTAVES;
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
        "data-key": labelOf(note - from),
        tabindex: i === 0 ? 0 : -1,
      });
      key.style.setProperty("--at", String(white / whites));
      key.style.setProperty("--whites", String(whites));
      if (!isBlack(note)) white++;
      return key;
    });
    this.element.replaceChildren(...this.#keys);
  }

  /** Show which notes are held. */
  light(notes: ReadonlySet<number>): void {
    for (const key of this.#keys) key.classList.toggle("held", notes.has(Number(key.dataset.note)));
  }

  #listen(): void {
    const { element } = this;
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
