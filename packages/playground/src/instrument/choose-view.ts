/** What plays: the model, how the six strings are tuned, a preset, a model of one's own; and the button that starts it. */
import { button, choice, labelled, make } from "./dom.ts";
import { GUITAR_TUNINGS, nameOf } from "./pitch.ts";
import { PRESETS, presetOf } from "./presets.ts";
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
  readonly #preset: HTMLSelectElement;
  readonly #start: HTMLButtonElement;
  readonly #about = make("p", { class: "aside about" });
  readonly #texts: ReadonlyMap<string, string>;

  /** @param models that ship, in the order in which they are shown */
  constructor(models: readonly { id: string; title: string; text: string }[], events: ChooseEvents) {
    this.#texts = new Map(models.map(({ id, text }) => [id, text]));
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
    this.#preset = choice(
      [{ value: "", text: "Your own" }, ...PRESETS.map(({ name }) => ({ value: name, text: name }))],
      {},
      (name) => {
        const preset = PRESETS.find((one) => one.name === name);
        if (preset) events.set(preset.settings);
      },
    );
    this.#start = button("Start sound", { class: "primary start" }, () => events.start());
    const row = make(
      "div",
      { class: "row choose" },
      labelled("String", this.#model),
      labelled("Six strings", this.#tuning),
      labelled("Preset", this.#preset),
      ownFile(events.take),
      this.#start,
    );
    this.element = make("div", {}, row, this.#about);
  }

  show(settings: Settings): void {
    const { model, strings } = settings;
    this.#model.value = model;
    this.#about.textContent = this.#texts.get(model) ?? "A model of your own; it stays in this browser.";
    this.#preset.value = presetOf(settings)?.name ?? "";
    const tuning = strings.join(".");
    this.#tuning.value = tuning;
    if (this.#tuning.selectedIndex >= 0) return;
    // a link may tune the strings as no list does
    this.#tuning.append(make("option", { value: tuning }, `Another (${strings.map(nameOf).join(" ")})`));
    this.#tuning.value = tuning;
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
