/** The sliders, made from the table of settings: each says its value in words, and a double click takes it back. */
import { make } from "./dom.ts";
import { NUMBERS, type NumberName, type Settings } from "./settings.ts";

/** What is together on the page. */
const GROUPS: readonly { title: string; names: readonly NumberName[] }[] = [
  { title: "String", names: ["damping", "brightness", "tune", "stiffness", "polarisation"] },
  { title: "Touch", names: ["position", "softness", "release", "strum"] },
  { title: "Set-up", names: ["volume", "capo", "octave", "polyphony"] },
];

interface Slider {
  input: HTMLInputElement;
  output: HTMLOutputElement;
}

export class ControlsView {
  readonly element: HTMLElement;
  readonly #sliders = new Map<NumberName, Slider>();
  readonly #change: (name: NumberName, value: number) => void;

  constructor(change: (name: NumberName, value: number) => void) {
    this.#change = change;
    const groups = GROUPS.map(({ title, names }) =>
      make(
        "fieldset",
        { class: "card controls" },
        make("legend", {}, title),
        ...names.map((name) => this.#slider(name)),
      ),
    );
    this.element = make("div", { class: "columns" }, ...groups);
  }

  /** Show what is set. */
  show(settings: Settings): void {
    for (const [name, { input, output }] of this.#sliders) {
      const value = settings[name];
      const text = NUMBERS[name].show(value);
      if (Number(input.value) !== value) input.value = String(value);
      input.setAttribute("aria-valuetext", text);
      output.textContent = text;
    }
  }

  #slider(name: NumberName): HTMLElement {
    const { label, help, from, to, step, initial } = NUMBERS[name];
    const id = `setting-${name}`;
    const input = make("input", {
      type: "range",
      id,
      min: from,
      max: to,
      step,
      "aria-describedby": `${id}-help`,
    });
    const output = make("output", { for: id });
    input.addEventListener("input", () => this.#change(name, Number(input.value)));
    input.addEventListener("dblclick", () => this.#change(name, initial));
    this.#sliders.set(name, { input, output });
    return make(
      "div",
      { class: "slider" },
      make("label", { for: id }, label),
      output,
      input,
      make("p", { class: "aside", id: `${id}-help` }, help),
    );
  }
}
