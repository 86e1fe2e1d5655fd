/** Records what is heard, and hands it over as a WAV file. Nothing leaves the browser. */
import { button, make } from "./dom.ts";
import { MOST_SECONDS, minutes, Tape } from "./tape.ts";

export interface RecorderEvents {
  /** @returns Hz; recording may have to start sound first */
  begin(): Promise<number | undefined>;
  end(): void;
}

export class RecorderView {
  readonly element: HTMLElement;
  readonly #button: HTMLButtonElement;
  readonly #state = make("span", { class: "aside", role: "status" });
  readonly #events: RecorderEvents;
  #tape: Tape | undefined;
  #url: string | undefined;

  constructor(events: RecorderEvents) {
    this.#events = events;
    this.#button = button("Record", { "aria-pressed": "false" }, () => {
      if (this.#tape === undefined) this.#begin();
      else events.end();
    });
    this.element = make("div", { class: "row recorder" }, this.#button, this.#state);
  }

  /** What the audio thread recorded. */
  take(samples: Float32Array, isLast: boolean): void {
    const tape = this.#tape;
    if (tape === undefined) return;
    tape.add(samples);
    this.#state.textContent = minutes(tape.seconds);
    if (isLast) this.#finish(tape);
    else if (tape.isFull) this.#events.end();
  }

  async #begin(): Promise<void> {
    const sampleRate = await this.#events.begin();
    if (sampleRate === undefined) return;
    this.#tape = new Tape(sampleRate);
    this.#button.setAttribute("aria-pressed", "true");
    this.#button.textContent = "Stop recording";
    this.#state.textContent = "0:00";
  }

  #finish(tape: Tape): void {
    this.#tape = undefined;
    this.#button.setAttribute("aria-pressed", "false");
    this.#button.textContent = "Record";
    if (this.#url !== undefined) URL.revokeObjectURL(this.#url);
    this.#url = URL.createObjectURL(new Blob([tape.toWav()], { type: "audio/wav" }));
    const full = tape.isFull ? ` It ended by itself after ${MOST_SECONDS / 60} minutes.` : "";
    const link = make(
      "a",
      { href: this.#url, download: "neural-string.wav" },
      `Save WAV (${minutes(tape.seconds)})`,
    );
    this.#state.replaceChildren(link, full);
  }
}
