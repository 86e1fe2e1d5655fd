/** Draws six strings, frets and bridge. What moves is what `string-shape.ts` makes of the loops' content. */
import type { Pull, StringLayout } from "./pluck-gesture.ts";
import { STRINGS } from "./settings.ts";
import { LOOK_POINTS } from "./stage-messages.ts";
import { displacement, hazeOf, shapeAt } from "./string-shape.ts";

/** Points that a string is drawn with. */
const POINTS = 97;
/** Periods of the drawn motion per second: slow enough to see. */
const SLOW_HZ = 1.6;
/** Share of the strings' spacing that a loud string moves out, and the displacement at which it is half of that. */
const WIDEST = 0.62;
const HALF_WIDE = 0.12;
/** Milliseconds between two pictures where motion is not wanted. */
const STILL_MS = 200;
const DOTS = [3, 5, 7, 9, 12];
const FRETS = 15;

interface DrawnString {
  d: Float32Array;
  haze: Float32Array;
  fret: number;
  isMoving: boolean;
}

export class StringCanvas {
  readonly #canvas: HTMLCanvasElement;
  readonly #strings: DrawnString[];
  readonly #shape = new Float32Array(POINTS);
  readonly #scratch = new Float32Array(POINTS);
  readonly #still = matchMedia("(prefers-reduced-motion: reduce)");
  #frets: readonly (number | null)[] = [];
  #capo = 0;
  #width = 0;
  #height = 0;
  #drawnAt = Number.NEGATIVE_INFINITY;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#strings = Array.from({ length: STRINGS }, () => ({
      d: new Float32Array(LOOK_POINTS),
      haze: new Float32Array(POINTS),
      fret: 0,
      isMoving: false,
    }));
    new ResizeObserver(() => this.#fit()).observe(canvas);
  }

  /** Where strings are, in CSS pixels of the canvas. */
  get layout(): StringLayout {
    const ys = this.#strings.map((_, string) => this.#y(string));
    return { ys, bridge: this.#bridge, nut: this.#nut };
  }

  setFrets(frets: readonly (number | null)[], capo: number): void {
    this.#frets = frets;
    this.#capo = capo;
    this.#drawnAt = Number.NEGATIVE_INFINITY;
  }

  /** What a string's loop holds; undefined = it is at rest. */
  see(string: number, seen: { points: Float32Array; fret: number } | undefined): void {
    const drawn = this.#strings[string];
    drawn.isMoving = seen !== undefined;
    if (seen === undefined) return;
    drawn.fret = seen.fret;
    displacement(seen.points, drawn.d);
    hazeOf(drawn.d, drawn.haze, this.#scratch);
  }

  /** Before the audio thread has answered, a pluck shows as the triangle that a finger leaves. */
  nudge(string: number, velocity: number, position: number): void {
    const drawn = this.#strings[string];
    if (drawn.isMoving) return;
    const at = Math.min(0.98, Math.max(0.02, position));
    for (let j = 0; j < LOOK_POINTS; j++) {
      const x = Math.abs((2 * j) / LOOK_POINTS - 1);
      drawn.d[j] = 0.15 * velocity * (x < at ? x / at : (1 - x) / (1 - at));
    }
    hazeOf(drawn.d, drawn.haze, this.#scratch);
    drawn.isMoving = true;
    drawn.fret = this.#frets[string] ?? 0;
  }

  draw(time: number, pulls: readonly Readonly<Pull>[]): void {
    if (this.#still.matches && time - this.#drawnAt < STILL_MS && pulls.length === 0) return;
    this.#drawnAt = time;
    const context = this.#canvas.getContext("2d");
    if (context === null || this.#width === 0) return;
    const style = getComputedStyle(this.#canvas);
    const colour = (name: string, otherwise: string) => style.getPropertyValue(name).trim() || otherwise;
    context.clearRect(0, 0, this.#width, this.#height);
    this.#drawBoard(context, colour("--rule", "#ccc"), colour("--soft", "#666"));
    for (let string = 0; string < STRINGS; string++) {
      const pull = pulls.find((one) => one.string === string);
      const wire = colour(string < 3 ? "--wire" : "--soft", "#b8692c");
      this.#drawString(context, string, time, pull, wire, colour("--accent", "#9c4410"));
    }
  }

  #drawBoard(context: CanvasRenderingContext2D, rule: string, soft: string): void {
    const [top, bottom] = [this.#y(0) - 0.5 * this.#spacing, this.#y(STRINGS - 1) + 0.5 * this.#spacing];
    context.lineWidth = 1;
    context.strokeStyle = rule;
    context.fillStyle = rule;
    for (let fret = 1; fret <= FRETS; fret++) {
      const x = this.#x(fretShare(fret));
      context.beginPath();
      context.moveTo(x, top);
      context.lineTo(x, bottom);
      context.stroke();
      if (!DOTS.includes(fret)) continue;
      const middle = this.#x((fretShare(fret) + fretShare(fret - 1)) / 2);
      for (const y of fret === 12 ? [0.3, 0.7] : [0.5]) {
        context.beginPath();
        context.arc(middle, top + y * (bottom - top), 4, 0, 2 * Math.PI);
        context.fill();
      }
    }
    // nut, or capo, and bridge
    context.fillStyle = soft;
    context.fillRect(this.#x(fretShare(this.#capo)) - 3, top, 4, bottom - top);
    context.fillRect(this.#bridge, top, 6, bottom - top);
  }

  #drawString(
    context: CanvasRenderingContext2D,
    string: number,
    time: number,
    pull: Readonly<Pull> | undefined,
    wire: string,
    accent: string,
  ): void {
    const y = this.#y(string);
    const { d, haze, isMoving, fret } = this.#strings[string];
    const held = isMoving ? fret : (this.#frets[string] ?? 0);
    const stop = this.#x(fretShare(this.#capo + held));
    const xOf = (i: number) => this.#bridge + (i / (POINTS - 1)) * (stop - this.#bridge);
    context.lineWidth = 3.2 - 0.42 * string;
    context.lineJoin = "round";
    context.strokeStyle = wire;
    context.globalAlpha = this.#frets[string] === null && !isMoving ? 0.35 : 1;
    context.beginPath();
    context.moveTo(this.#nut, y);
    context.lineTo(stop, y);
    if (pull !== undefined) {
      context.lineTo(this.#bridge + pull.position * (this.#nut - this.#bridge), y + pull.by);
      context.lineTo(this.#bridge, y);
    } else if (!isMoving) context.lineTo(this.#bridge, y);
    context.stroke();
    if (held > 0) {
      context.fillStyle = accent;
      context.beginPath();
      context.arc(
        this.#x((fretShare(this.#capo + held) + fretShare(this.#capo + held - 1)) / 2),
        y,
        6,
        0,
        2 * Math.PI,
      );
      context.fill();
    }
    if (!isMoving || pull !== undefined) return;
    const widest = haze.reduce((most, x) => Math.max(most, x), 1e-9);
    const scale = (WIDEST * this.#spacing) / (widest + HALF_WIDE);
    context.fillStyle = accent;
    context.globalAlpha = 0.16;
    context.beginPath();
    for (let i = 0; i < POINTS; i++) context.lineTo(xOf(i), y - scale * haze[i]);
    for (let i = POINTS - 1; i >= 0; i--) context.lineTo(xOf(i), y + scale * haze[i]);
    context.fill();
    context.globalAlpha = 1;
    // where motion is not wanted, the string lies in the middle of what it passes through
    if (this.#still.matches) this.#shape.fill(0);
    else shapeAt(d, ((time / 1000) * SLOW_HZ + 0.13 * string) % 1, this.#shape);
    context.strokeStyle = wire;
    context.beginPath();
    for (let i = 0; i < POINTS; i++) context.lineTo(xOf(i), y - scale * this.#shape[i]);
    context.stroke();
  }

  #fit(): void {
    const { width, height } = this.#canvas.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    this.#width = width;
    this.#height = height;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.#canvas.getContext("2d")?.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#drawnAt = Number.NEGATIVE_INFINITY;
  }

  get #nut(): number {
    return 8;
  }

  get #bridge(): number {
    return this.#width - 14;
  }

  get #spacing(): number {
    return this.#height / STRINGS;
  }

  #y(string: number): number {
    return (string + 0.5) * this.#spacing;
  }

  /** @param share of the string from the nut */
  #x(share: number): number {
    return this.#nut + share * (this.#bridge - this.#nut);
  }
}

/** Where a fret lies, as a share of the string from the nut. */
function fretShare(fret: number): number {
  return 1 - 2 ** (-fret / 12);
}
