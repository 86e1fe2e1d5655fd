/**
 * What the docs' demos have in common: a place in the page with sliders, a picture and a button that plays; computed anew
 * when a slider moves. One sound at a time, at a level that hurts nobody.
 */
import { openContext } from "../audio/context.ts";
import { RATE } from "./loops.ts";

/** Peak of what is played. */
const PEAK = 0.5;
/** Time constant with which a sound that is cut off dies (s). */
const FADE = 0.004;

let context: AudioContext | undefined;
let stopLast: (() => void) | undefined;

/**
 * Play a sound; the one before fades out. In a gesture.
 * @param x [samples] at RATE; made as loud as the others, clipped where `keepLevel` says that its level is the point
 */
export function play(x: Float32Array, { keepLevel = false } = {}): void {
  stopLast?.();
  context ??= openContext();
  let peak = 0;
  for (const value of x) if (Math.abs(value) > peak) peak = Math.abs(value);
  const factor = keepLevel ? 1 : peak > 0 ? PEAK / peak : 0;
  const buffer = context.createBuffer(1, x.length, RATE);
  const channel = buffer.getChannelData(0);
  for (let n = 0; n < x.length; n++) {
    channel[n] = Math.max(-PEAK, Math.min(PEAK, Number.isFinite(x[n]) ? factor * x[n] : 0));
  }
  const gain = new GainNode(context);
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(gain).connect(context.destination);
  source.start();
  const { currentTime } = context;
  stopLast = () => {
    if (!context) return;
    gain.gain.setTargetAtTime(0, context.currentTime, FADE);
    source.stop(Math.max(currentTime, context.currentTime) + 8 * FADE);
  };
}

/** Stop what plays. */
export function hush(): void {
  stopLast?.();
  stopLast = undefined;
}

/** A demo's place in the page. */
export class Demo {
  readonly root: HTMLElement;

  constructor(root: HTMLElement) {
    this.root = root;
  }

  /** The value of a slider, by its name. */
  value(name: string): number {
    return Number(this.#find<HTMLInputElement>(`[name="${name}"]`).value);
  }

  /** Whether a box is ticked. */
  isOn(name: string): boolean {
    return this.#find<HTMLInputElement>(`[name="${name}"]`).checked;
  }

  get canvas(): HTMLCanvasElement {
    return this.#find("canvas");
  }

  /** Say something below the picture, or in an output. */
  say(text: string, selector = "[data-says]"): void {
    this.#find(selector).textContent = text;
  }

  /** Call `update` now, and whenever a slider moves, the width or the colours change. */
  follow(update: () => void): void {
    this.root.addEventListener("input", update);
    new ResizeObserver(update).observe(this.canvas);
    new MutationObserver(update).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  /** Let a button do something. */
  on(selector: string, work: () => void): void {
    this.#find(selector).addEventListener("click", work);
  }

  #find<T extends HTMLElement>(selector: string): T {
    const found = this.root.querySelector<T>(selector);
    if (!found) throw new Error(`${this.root.id}: no ${selector}`);
    return found;
  }
}

/** Start the demo whose place has this id, where the page has one. */
export function startDemo(id: string, start: (demo: Demo) => void): void {
  const root = document.getElementById(id);
  if (root) start(new Demo(root));
}
