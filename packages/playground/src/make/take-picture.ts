/** Draws a recording: its waveform, what of it is learned from, where its note begins, clips and is struck again. */
import type { Preflight } from "./preflight.ts";
import type { Stretch } from "./take.ts";

/** Pixels below which marks' words would lie on each other. */
const WORD_ROOM = 74;

export class TakePicture {
  readonly #canvas: HTMLCanvasElement;
  readonly #samples: Float32Array;
  readonly #sampleRate: number;
  readonly #gain: number;
  /** Extremes of every column [columns]: drawing a moved handle costs nothing then. */
  #low = new Float32Array(0);
  #high = new Float32Array(0);

  constructor(canvas: HTMLCanvasElement, samples: Float32Array, sampleRate: number) {
    this.#canvas = canvas;
    this.#samples = samples;
    this.#sampleRate = sampleRate;
    let peak = 0;
    for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
    // a quiet recording is shown as high as another; a loud one reaches its true height
    this.#gain = peak > 0 ? Math.min(1 / peak, 20) : 1;
  }

  draw(stretch: Stretch, marks: Preflight["marks"] | null): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const c = this.#canvas.getContext("2d");
    if (!c || width === 0) return;
    const ratio = devicePixelRatio || 1;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    c.scale(ratio, ratio);
    if (this.#low.length !== width) this.#measure(width);
    const style = getComputedStyle(document.documentElement);
    const ink = (name: string) => style.getPropertyValue(`--${name}`);
    const xOf = (sample: number) => (sample / Math.max(1, this.#samples.length)) * width;
    const [left, right] = [xOf(stretch.start), xOf(stretch.end)];
    c.fillStyle = ink("sunken");
    c.fillRect(0, 0, left, height);
    c.fillRect(right, 0, width - right, height);
    const middle = 18 + (height - 18) / 2;
    const half = (height - 24) / 2;
    for (let x = 0; x < width; x++) {
      const isLearned = x >= left && x <= right;
      c.globalAlpha = isLearned ? 1 : 0.35;
      c.fillStyle = ink("target");
      const top = middle - half * this.#high[x];
      c.fillRect(x, top, 1, Math.max(1, half * (this.#high[x] - this.#low[x])));
    }
    c.globalAlpha = 1;
    if (marks) this.#drawMarks(c, marks, width, height, ink);
  }

  #drawMarks(
    c: CanvasRenderingContext2D,
    { onset, clipping, attacks }: Preflight["marks"],
    width: number,
    height: number,
    ink: (name: string) => string,
  ): void {
    const length = this.#samples.length / this.#sampleRate;
    const xOf = (seconds: number) => Math.min(width - 1, (seconds / length) * width);
    c.font = "12px system-ui, sans-serif";
    let free = 0;
    const mark = (seconds: number, word: string, colour: string, dash: number[]) => {
      const x = xOf(seconds);
      c.strokeStyle = c.fillStyle = ink(colour);
      c.lineWidth = 1.5;
      c.setLineDash(dash);
      c.beginPath();
      c.moveTo(x, 2);
      c.lineTo(x, height - 2);
      c.stroke();
      c.setLineDash([]);
      if (word === "" || x < free) return;
      const isLeft = x > width - WORD_ROOM;
      c.textAlign = isLeft ? "right" : "left";
      c.fillText(word, x + (isLeft ? -4 : 4), 13);
      free = x + WORD_ROOM;
    };
    // flat tops are many: ticks at the top, and one word
    c.fillStyle = ink("poor");
    for (const at of clipping) c.fillRect(xOf(at) - 1, 17, 2, 9);
    mark(onset, "onset", "accent", []);
    for (const at of attacks) mark(at, "second attack", "fair", [5, 3]);
    if (clipping.length > 0 && xOf(clipping[0]) + WORD_ROOM < width) {
      c.fillStyle = ink("poor");
      c.textAlign = "left";
      c.fillText("clipped", Math.max(free, xOf(clipping[0])) + 4, 13);
    }
  }

  #measure(columns: number): void {
    this.#low = new Float32Array(columns);
    this.#high = new Float32Array(columns);
    const { length } = this.#samples;
    for (let x = 0; x < columns; x++) {
      const end = Math.floor(((x + 1) * length) / columns);
      for (let n = Math.floor((x * length) / columns); n < end; n++) {
        const value = Math.max(-1, Math.min(1, this.#gain * this.#samples[n]));
        if (value < this.#low[x]) this.#low[x] = value;
        if (value > this.#high[x]) this.#high[x] = value;
      }
    }
  }
}
