/** What plays: the model, how the six strings are tuned, a preset, a model of one's own; and the button that starts it. */
import { button, choice, labelled, make } from "./dom.ts";
import { GUITAR_TUNINGS } from "./pitch.ts";
import { PRESETS } from "./presets.ts";
import { OWN_MODEL, type Settings } from "./settings.ts";

export interface ChooseEvents {
  set(change: Partial<Settings>): void;
  /** A file of somebody's own was chosen. */
  take(file: File): void;
  start(): void;
}

export class ChooseView {
  readonly element: HTMLElement;
  readonly #model: HTMLSelectElement;
  readonly #tuning: HTMLSelectElement;
  readonly #start: HTMLButtonElement;

  /** @param models that ship, in the order in which they are shown */
  constructor(models: readonly { id: string; title: string }[], events: ChooseEvents) {
    this.#model = choice(
      models.map(({ id, title }) => ({ value: id, text: title })),
      {},
      (model) => events.set({ model }),
    );
    this.#tuning = choice(
      GUITAR_TUNINGS.map(({ name, notes }) => ({ value: notes.join("."), text: name })),
      {},
      (value) => events.set({ strings: value.split(".").map(Number) }),
    );
    const presets = choice(
      [{ value: "", text: "Preset…" }, ...PRESETS.map(({ name }) => ({ value: name, text: name }))],
      {},
      (name) => {
        const preset = PRESETS.find((one) => one.name === name);
        if (preset) events.set(preset.settings);
      },
    );
    this.#start = button("Start sound", { class: "primary start" }, () => events.start());
    this.element = make(
      "div",
      { class: "row choose" },
      labelled("String", this.#model),
      labelled("Six strings", this.#tuning),
      labelled("Sound", presets),
      ownFile(events.take),
      this.#start,
    );
  }

  show({ model, strings }: Settings): void {
    this.#model.value = model;
    this.#tuning.value = strings.join(".");
  }

  /** A model of somebody's own can be chosen, too. @param name of its file */
  addOwn(name: string): void {
    this.#model.querySelector(`[value="${OWN_MODEL}"]`)?.remove();
    this.#model.append(make("option", { value: OWN_MODEL }, name));
  }

  /** Sound is asked for, is there, or could not be had. */
  showStart(state: "starting" | "started" | "failed"): void {
    this.#start.disabled = state === "starting";
    this.#start.hidden = state === "started";
  }
}

function ownFile(take: (file: File) => void): HTMLElement {
  const input = make("input", {
    type: "file",
    accept: ".safetensors",
    class: "visually-hidden",
    id: "own-model",
  });
  input.addEventListener("change", () => {
    const [chosen] = input.files ?? [];
    if (chosen) take(chosen);
    input.value = "";
  });
  const label = make("label", { for: input.id, class: "button" }, "Your own model…");
  return make("div", { class: "own" }, input, label);
}
