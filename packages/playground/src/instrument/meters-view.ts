/** Level, limiter, voices and load, as bars and in words. Falls slowly, so that a peak can be read. */
import { make } from "./dom.ts";
import { CEILING } from "./limiter.ts";
import type { Levels } from "./stage-messages.ts";

const FLOOR_DB = -60;
/** dB that a bar falls per picture. */
const FALL = 0.8;
/** Milliseconds between two changes of the words. */
const READ_MS = 250;

interface Bar {
  element: HTMLElement;
  meter: HTMLMeterElement;
  value: HTMLElement;
}

export class MetersView {
  readonly element: HTMLElement;
  readonly #level = bar("Level", FLOOR_DB, 0);
  readonly #limiter = bar("Limiter", 0, 12);
  readonly #load = bar("Audio CPU", 0, 100);
  readonly #voices = bar("Voices", 0, 24);
  #peakDb = FLOOR_DB;
  #held = 0;
  #readAt = Number.NEGATIVE_INFINITY;

  constructor() {
    const bars = [this.#level, this.#limiter, this.#load, this.#voices];
    // -6 dB and the limiter's ceiling, 70 % of the time there is
    Object.assign(this.#level.meter, { low: -6, high: decibels(CEILING) - 0.1, optimum: FLOOR_DB });
    Object.assign(this.#load.meter, { low: 50, high: 80, optimum: 0 });
    Object.assign(this.#limiter.meter, { low: 3, high: 6, optimum: 0 });
    this.element = make(
      "div",
      { class: "meters", role: "group", "aria-label": "Meters" },
      ...bars.map((one) => one.element),
    );
  }

  setVoices(most: number): void {
    this.#voices.meter.max = most;
  }

  /** @param time milliseconds */
  show({ outPeak, leastGain, load, sounding }: Levels, time: number): void {
    this.#peakDb = Math.max(decibels(outPeak), this.#peakDb - FALL);
    this.#held = Math.max(-decibels(leastGain), this.#held - FALL / 4);
    this.#level.meter.value = this.#peakDb;
    this.#limiter.meter.value = this.#held;
    this.#load.meter.value = 100 * load;
    this.#voices.meter.value = sounding;
    if (time - this.#readAt < READ_MS) return;
    this.#readAt = time;
    this.#level.value.textContent =
      this.#peakDb <= FLOOR_DB ? "silent" : `${Math.round(this.#peakDb) || 0} dB`.replace("-", "−");
    this.#limiter.value.textContent = this.#held < 0.1 ? "idle" : `−${this.#held.toFixed(1)} dB`;
    this.#load.value.textContent = `${(100 * load).toFixed(0)} %`;
    this.#voices.value.textContent = `${sounding} of ${this.#voices.meter.max}`;
  }
}

function bar(label: string, min: number, max: number): Bar {
  const meter = make("meter", { min, max, value: min, "aria-label": label });
  const value = make("span", { class: "meter-value" }, "–");
  return { element: make("div", { class: "meter" }, make("span", {}, label), meter, value), meter, value };
}

function decibels(gain: number): number {
  return Math.max(FLOOR_DB, 20 * Math.log10(Math.max(1e-9, gain)));
}
