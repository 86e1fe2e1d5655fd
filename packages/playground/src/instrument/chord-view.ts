/** Which chord the left hand holds: roots and qualities as radio buttons, so that arrow keys go through them. */
import { QUALITIES, ROOTS } from "./chords.ts";
import { make } from "./dom.ts";
import type { Settings } from "./settings.ts";

export class ChordView {
  readonly element: HTMLElement;
  readonly #roots: HTMLInputElement[];
  readonly #qualities: HTMLInputElement[];

  constructor(change: (change: Partial<Settings>) => void) {
    const roots = radios(
      "chord",
      "Chord",
      ROOTS.map((root) => ({ value: root, text: root })),
    );
    const suffixes = QUALITIES.map(({ id, name, suffix }) => ({
      value: id,
      text: suffix || "maj",
      title: name,
    }));
    const qualities = radios("quality", "Kind of chord", suffixes);
    this.#roots = roots.inputs;
    this.#qualities = qualities.inputs;
    for (const input of this.#roots) input.addEventListener("change", () => change({ chord: input.value }));
    for (const input of this.#qualities)
      input.addEventListener("change", () => change({ quality: input.value }));
    this.element = make("div", { class: "chords" }, roots.element, qualities.element);
  }

  show({ chord, quality }: Settings): void {
    for (const input of this.#roots) input.checked = input.value === chord;
    for (const input of this.#qualities) input.checked = input.value === quality;
  }
}

function radios(
  name: string,
  title: string,
  options: readonly { value: string; text: string; title?: string }[],
) {
  const inputs: HTMLInputElement[] = [];
  const labels = options.map(({ value, text, title: full }) => {
    const input = make("input", { type: "radio", name, value, "aria-label": full });
    inputs.push(input);
    return make("label", { class: "chip", title: full }, input, make("span", {}, text));
  });
  const element = make(
    "fieldset",
    { class: "chips", "data-arrows": true },
    make("legend", { class: "visually-hidden" }, title),
    ...labels,
  );
  return { element, inputs };
}
