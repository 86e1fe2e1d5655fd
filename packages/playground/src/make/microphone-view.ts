/** Records a pluck: a countdown, a level meter, and an end by hand or by itself once the string is silent. */
import { button, make } from "../instrument/dom.ts";
import { Tape } from "../instrument/tape.ts";
import { Microphone } from "./microphone.ts";

export interface MicrophoneViewEvents {
  /** Where the capturing processor's script is. */
  worklet: string;
  /** @param samples mono, full scale ±1 */
  onRecorded(samples: Float32Array, sampleRate: number): void;
  onProblem(sentence: string): void;
}

/** Seconds that are counted down, and that are recorded at most. */
const COUNT = 3;
const MOST_SECONDS = 20;
/** It ends by itself once this many seconds in a row lay so far below the loudest (-54 dB). */
const SILENT_SECONDS = 1.5;
const SILENT = 0.002;
/** Above this a converter is about to clip. */
const TOO_LOUD = 0.98;
/** dB at the meter's left end. */
const METER_DB = -60;

export class MicrophoneView {
  readonly element: HTMLElement;
  readonly #events: MicrophoneViewEvents;
  readonly #button: HTMLButtonElement;
  readonly #said = make("span", { class: "count", role: "status" });
  readonly #meter = make("meter", { min: 0, max: 1, low: 0.5, high: 0.95, optimum: 0.75 });
  readonly #panel: HTMLElement;
  #microphone: Microphone | undefined;
  #tape: Tape | undefined;
  #isOpening = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #loudest = 0;
  #silence = 0;

  constructor(events: MicrophoneViewEvents) {
    this.#events = events;
    this.#button = button("Record a pluck", {}, () => void this.#press());
    this.#meter.setAttribute("aria-label", "Level of the microphone");
    this.#panel = make("div", { class: "row recording", hidden: true }, this.#meter, this.#said);
    this.element = make("div", { class: "microphone" }, this.#button, this.#panel);
  }

  async #press(): Promise<void> {
    if (this.#isOpening) return;
    if (this.#microphone) {
      if (this.#tape) this.#finish();
      else this.#close();
      return;
    }
    this.#isOpening = true;
    this.#button.disabled = true;
    try {
      const { worklet } = this.#events;
      this.#microphone = await Microphone.open(worklet, {
        onChunk: (samples, peak) => this.#take(samples, peak),
      });
      this.#panel.hidden = false;
      this.#count(COUNT);
    } catch (error) {
      this.#events.onProblem(error instanceof Error ? error.message : String(error));
      this.#close();
    } finally {
      this.#isOpening = false;
      this.#button.disabled = false;
    }
  }

  #count(left: number): void {
    this.#button.textContent = "Cancel";
    if (left > 0) {
      this.#said.textContent = `${left}…`;
      this.#timer = setTimeout(() => this.#count(left - 1), 1000);
      return;
    }
    const { sampleRate } = this.#microphone as Microphone;
    this.#tape = new Tape(sampleRate);
    this.#loudest = 0;
    this.#silence = 0;
    this.#button.textContent = "Stop recording";
    this.#said.textContent = "Pluck once, and let it ring.";
  }

  #take(samples: Float32Array, peak: number): void {
    const db = 20 * Math.log10(Math.max(peak, 1e-6));
    this.#meter.value = Math.max(0, Math.min(1, 1 - db / METER_DB));
    this.#meter.textContent = `${db.toFixed(0)} dB`;
    const tape = this.#tape;
    if (tape === undefined) return;
    tape.add(samples);
    this.#loudest = Math.max(this.#loudest, peak);
    const { sampleRate } = this.#microphone as Microphone;
    const isSilent = this.#loudest > 0.01 && peak < SILENT * this.#loudest;
    this.#silence = isSilent ? this.#silence + samples.length / sampleRate : 0;
    if (peak >= TOO_LOUD)
      this.#said.textContent = "Too loud: the microphone clips. Move away, or turn it down.";
    if (tape.seconds >= MOST_SECONDS || this.#silence >= SILENT_SECONDS) this.#finish();
  }

  #finish(): void {
    const tape = this.#tape;
    const sampleRate = this.#microphone?.sampleRate;
    this.#close();
    if (tape && sampleRate && tape.seconds > 0) this.#events.onRecorded(tape.samples, sampleRate);
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#microphone?.close();
    this.#microphone = undefined;
    this.#tape = undefined;
    this.#panel.hidden = true;
    this.#button.textContent = "Record a pluck";
  }
}
