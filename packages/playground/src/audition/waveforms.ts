/** Draws the three sounds one below the other as they are heard (equally loud), with the place that plays. */
import type { LoadedSound, SoundName } from "./player.ts";

const LANES: [SoundName, string][] = [
  ["target", "recording"],
  ["render", "render"],
  ["karplus", "plain Karplus-Strong"],
];

/** Extremes of every column, so that drawing the moving place costs nothing. */
interface Lane {
  ink: SoundName;
  label: string;
  /** [columns] */
  low: Float32Array;
  high: Float32Array;
}

export class Waveforms {
  readonly #canvas: HTMLCanvasElement;
  #sounds: Record<SoundName, LoadedSound> | undefined;
  #lanes: Lane[] = [];

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  load(sounds: Record<SoundName, LoadedSound>): void {
    this.#sounds = sounds;
    this.#lanes = [];
  }

  /** Draw. @param share of the way, 0 .. 1 @param heard null in a blind test, where none stands out */
  draw(share: number, heard: SoundName | null): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (!this.#sounds || width === 0) return;
    const ratio = devicePixelRatio || 1;
    if (this.#lanes[0]?.low.length !== width) this.#measure(width);
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    const c = this.#canvas.getContext("2d");
    if (!c) return;
    c.scale(ratio, ratio);
    const style = getComputedStyle(document.documentElement);
    const ink = (name: string) => style.getPropertyValue(`--${name}`);
    const lane = height / this.#lanes.length;
    c.font = "12px system-ui, sans-serif";
    this.#lanes.forEach(({ ink: name, label, low, high }, i) => {
      const middle = (i + 0.5) * lane;
      c.globalAlpha = heard === null || heard === name ? 1 : 0.45;
      c.fillStyle = ink(name);
      for (let x = 0; x < width; x++) {
        const top = middle - high[x] * lane * 0.48;
        c.fillRect(x, top, 1, Math.max(1, (high[x] - low[x]) * lane * 0.48));
      }
      c.globalAlpha = 1;
      c.fillStyle = ink("ink");
      c.textAlign = "right";
      c.fillText(label, width - 8, i * lane + 15);
    });
    c.fillStyle = ink("accent");
    c.fillRect(Math.min(width - 2, share * width), 0, 2, height);
  }

  #measure(columns: number): void {
    const sounds = this.#sounds as Record<SoundName, LoadedSound>;
    this.#lanes = LANES.map(([name, label]) => {
      const { samples, gain } = sounds[name];
      const [low, high] = [new Float32Array(columns), new Float32Array(columns)];
      for (let x = 0; x < columns; x++) {
        const end = Math.floor(((x + 1) * samples.length) / columns);
        for (let n = Math.floor((x * samples.length) / columns); n < end; n++) {
          const value = Math.max(-1, Math.min(1, gain * samples[n]));
          if (value < low[x]) low[x] = value;
          if (value > high[x]) high[x] = value;
        }
      }
      return { ink: name, label, low, high };
    });
  }
}
