/** A recording on the page: its picture with handles, what was noticed, the pitch it may be told, and what to do with it. */
import { encodeWav } from "@neural-string/shared/encode-wav";
import { button, make } from "../instrument/dom.ts";
import { fileName } from "./file-name.ts";
import { gainFor } from "./level.ts";
import type { CheckRow, Preflight } from "./preflight.ts";
import { saveFile } from "./save-file.ts";
import type { Speaker } from "./speaker.ts";
import { StretchHandles } from "./stretch-handles.ts";
import type { Stretch, Take } from "./take.ts";
import { TakePicture } from "./take-picture.ts";

export interface TakeViewEvents {
  speaker: Speaker;
  /** Look at it; newer questions make older answers worthless. */
  look(take: Take): Promise<Preflight>;
  /** The recording, or what is known of it, has changed. */
  onChange(): void;
  onRemove(): void;
}

const SIGNS: Record<CheckRow["tone"], [sign: string, word: string]> = {
  good: ["✓", "good"],
  fair: ["!", "mind"],
  poor: ["×", "bad"],
};

export class TakeView {
  readonly element: HTMLElement;
  readonly take: Take;
  /** null until it was looked at. */
  preflight: Preflight | null = null;
  readonly #events: TakeViewEvents;
  readonly #canvas = make("canvas", { role: "img" });
  readonly #checks = make("ul", { class: "checks" });
  readonly #verdict = make("p", { class: "take-verdict", role: "status" });
  readonly #pitch: HTMLInputElement;
  readonly #play: HTMLButtonElement;
  readonly #handles: StretchHandles;
  readonly #picture: TakePicture;
  #moving: Stretch | null = null;
  #looks = 0;
  #stop: (() => void) | undefined;

  constructor(take: Take, events: TakeViewEvents) {
    this.take = take;
    this.#events = events;
    const { name, samples, sampleRate } = take;
    this.#picture = new TakePicture(this.#canvas, samples, sampleRate);
    this.#handles = new StretchHandles(name, samples.length, sampleRate, {
      onMove: (stretch) => {
        this.#moving = stretch;
        this.draw();
      },
      onSettled: (stretch) => {
        this.take.stretch = stretch;
        void this.look();
      },
    });
    this.#play = button("Hear it", {}, () => this.#toggle());
    this.#pitch = make("input", {
      type: "number",
      id: `pitch-${take.id}`,
      min: 10,
      max: 5000,
      step: "any",
      placeholder: "found by itself",
      value: take.f0 ?? undefined,
    });
    this.#pitch.addEventListener("change", () => {
      this.take.f0 = this.#pitch.value === "" ? null : Number(this.#pitch.value);
      void this.look();
    });
    this.element = this.#lay();
    new ResizeObserver(() => this.draw()).observe(this.#canvas);
  }

  /** What is learned from. */
  get stretch(): Stretch {
    return (
      this.#moving ??
      this.take.stretch ??
      this.preflight?.stretch ?? { start: 0, end: this.take.samples.length }
    );
  }

  /** Look at it (again). */
  async look(): Promise<void> {
    const look = ++this.#looks;
    this.element.setAttribute("aria-busy", "true");
    try {
      const preflight = await this.#events.look(this.take);
      if (look !== this.#looks) return;
      this.preflight = preflight;
      this.#moving = null;
      this.#show(preflight);
    } catch (error) {
      if (look !== this.#looks) return;
      this.preflight = null;
      this.#verdict.textContent = error instanceof Error ? error.message : String(error);
    }
    this.element.removeAttribute("aria-busy");
    this.#events.onChange();
  }

  draw(): void {
    this.#handles.show(this.stretch);
    this.#picture.draw(this.stretch, this.preflight?.marks ?? null);
  }

  #lay(): HTMLElement {
    const { id, name, samples, sampleRate, notes, origin } = this.take;
    const about = `${(samples.length / sampleRate).toFixed(1)} s at ${sampleRate / 1000} kHz`;
    const save = () =>
      saveFile(`${fileName(name, "pluck")}.wav`, encodeWav(samples, sampleRate), "audio/wav");
    const remove = button("Remove", { "aria-label": `Remove ${name}` }, () => {
      this.#stop?.();
      this.#events.onRemove();
    });
    return make(
      "article",
      { class: "take", "aria-labelledby": `take-${id}`, "data-take": name },
      make(
        "div",
        { class: "row take-head" },
        make("h3", { id: `take-${id}` }, name),
        make("span", { class: "aside" }, about),
        make("span", { class: "gap" }),
        this.#play,
        origin === "microphone" ? button("Save WAV", {}, save) : undefined,
        remove,
      ),
      make("div", { class: "wave" }, this.#canvas, ...this.#handles.elements),
      ...notes.map((note) =>
        make("p", { class: "aside" }, `${note.charAt(0).toUpperCase()}${note.slice(1)}.`),
      ),
      this.#verdict,
      this.#checks,
      make(
        "div",
        { class: "row stated" },
        make("label", { for: this.#pitch.id }, "Pitch, if you know it (Hz)"),
        this.#pitch,
      ),
    );
  }

  #show({ rows, marks, isUsable }: Preflight): void {
    const poor = rows.filter(({ tone }) => tone === "poor").length;
    const fair = rows.filter(({ tone }) => tone === "fair").length;
    this.#verdict.className = `take-verdict ${isUsable ? (fair > 0 ? "fair" : "good") : "poor"}`;
    this.#verdict.textContent = !isUsable
      ? `Not usable like this: ${poor === 1 ? "one thing is" : `${poor} things are`} wrong.`
      : fair > 0
        ? `Usable; ${fair === 1 ? "one thing" : `${fair} things`} will show in the string.`
        : "A good recording.";
    this.#checks.replaceChildren(
      ...rows.map(({ name, label, tone, value, sentence }) =>
        make(
          "li",
          { class: tone, "data-check": name, "data-tone": tone },
          make("span", { class: "sign", "aria-hidden": "true" }, SIGNS[tone][0]),
          make(
            "span",
            {},
            make("strong", {}, label),
            make("span", { class: "visually-hidden" }, `, ${SIGNS[tone][1]}`),
            ": ",
            make("span", { class: "value" }, value),
            sentence ? make("span", { class: "why" }, sentence) : undefined,
          ),
        ),
      ),
    );
    const onset = `the note begins at ${marks.onset.toFixed(2)} s`;
    const clipped = marks.clipping.length > 0 ? `, clipped from ${marks.clipping[0].toFixed(2)} s` : "";
    const again = marks.attacks.map((at) => `, a second attack at ${at.toFixed(2)} s`).join("");
    this.#canvas.setAttribute("aria-label", `Waveform of ${this.take.name}: ${onset}${clipped}${again}.`);
    this.draw();
  }

  #toggle(): void {
    if (this.#stop) {
      this.#stop();
      return;
    }
    const { samples, sampleRate } = this.take;
    const { start, end } = this.stretch;
    const part = samples.subarray(start, end);
    this.#play.textContent = "Stop";
    this.#stop = this.#events.speaker.play(part, sampleRate, gainFor(part), () => {
      this.#stop = undefined;
      this.#play.textContent = "Hear it";
    });
  }
}
