/** Two handles on a waveform, which say what of it is learned from: dragged, or moved by keys as any slider. */
import { make } from "../instrument/dom.ts";
import type { Stretch } from "./take.ts";

/** Seconds of an arrow key, and of Page Up and Page Down. */
const STEP = 0.01;
const LEAP = 0.25;
/** The ends never come closer than this (s). */
const LEAST = 0.05;

export interface StretchEvents {
  /** While it moves. */
  onMove(stretch: Stretch): void;
  /** Once it rests. */
  onSettled(stretch: Stretch): void;
}

export class StretchHandles {
  readonly elements: HTMLElement[];
  readonly #length: number;
  readonly #sampleRate: number;
  readonly #events: StretchEvents;
  #stretch: Stretch;

  /** @param name of the recording, for screen readers @param length of the recording (samples) */
  constructor(name: string, length: number, sampleRate: number, events: StretchEvents) {
    this.#length = length;
    this.#sampleRate = sampleRate;
    this.#events = events;
    this.#stretch = { start: 0, end: length };
    this.elements = (["start", "end"] as const).map((edge) => {
      const handle = make("div", {
        class: `handle ${edge}`,
        role: "slider",
        tabindex: 0,
        "aria-label": `${name}: ${edge} of what is learned`,
        "aria-orientation": "horizontal",
        "aria-valuemin": 0,
        "aria-valuemax": (length / sampleRate).toFixed(2),
      });
      this.#listen(handle, edge);
      return handle;
    });
    this.show(this.#stretch);
  }

  show(stretch: Stretch): void {
    this.#stretch = stretch;
    for (const [i, edge] of (["start", "end"] as const).entries()) {
      const value = (stretch[edge] / this.#sampleRate).toFixed(2);
      const handle = this.elements[i];
      handle.style.left = `${(100 * stretch[edge]) / Math.max(1, this.#length)}%`;
      handle.setAttribute("aria-valuenow", value);
      handle.setAttribute("aria-valuetext", `${value} seconds`);
    }
  }

  #listen(handle: HTMLElement, edge: "start" | "end"): void {
    let isDragged = false;
    handle.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      handle.setPointerCapture(event.pointerId);
      isDragged = true;
      event.preventDefault();
      handle.focus();
    });
    handle.addEventListener("pointermove", (event) => {
      if (!isDragged) return;
      const { left, width } = (handle.parentElement as HTMLElement).getBoundingClientRect();
      this.#move(edge, ((event.clientX - left) / width) * this.#length);
    });
    const end = () => {
      if (isDragged) this.#events.onSettled(this.#stretch);
      isDragged = false;
    };
    handle.addEventListener("pointerup", end);
    handle.addEventListener("pointercancel", end);
    handle.addEventListener("keydown", (event) => {
      const to = this.#keyed(event.key, this.#stretch[edge]);
      if (to === undefined) return;
      event.preventDefault();
      this.#move(edge, to);
      this.#events.onSettled(this.#stretch);
    });
  }

  #keyed(key: string, from: number): number | undefined {
    const by = (seconds: number) => from + seconds * this.#sampleRate;
    switch (key) {
      case "ArrowLeft":
      case "ArrowDown":
        return by(-STEP);
      case "ArrowRight":
      case "ArrowUp":
        return by(STEP);
      case "PageDown":
        return by(-LEAP);
      case "PageUp":
        return by(LEAP);
      case "Home":
        return 0;
      case "End":
        return this.#length;
      default:
        return undefined;
    }
  }

  #move(edge: "start" | "end", to: number): void {
    const { start, end } = this.#stretch;
    const least = Math.round(LEAST * this.#sampleRate);
    const at = Math.round(to);
    this.show(
      edge === "start"
        ? { start: Math.max(0, Math.min(at, end - least)), end }
        : { start, end: Math.min(this.#length, Math.max(at, start + least)) },
    );
    this.#events.onMove(this.#stretch);
  }
}
