/** What a hand does to all strings: strum, lie on them, stop them; and panic. */
import { button, make } from "./dom.ts";
import type { Settings } from "./settings.ts";

export interface HandEvents {
  strum(direction: "down" | "up"): void;
  /** Lay the palm on the strings, or lift it. */
  turnPalm(): void;
  choke(): void;
  panic(): void;
}

export class HandView {
  readonly element: HTMLElement;
  readonly #palm: HTMLButtonElement;

  constructor(events: HandEvents) {
    this.#palm = button("Palm mute", { "aria-pressed": "false", title: "Key: ` or <" }, () =>
      events.turnPalm(),
    );
    this.element = make(
      "div",
      { class: "row" },
      button("Strum down", { title: "Key: ]" }, () => events.strum("down")),
      button("Strum up", { title: "Key: [" }, () => events.strum("up")),
      this.#palm,
      button("Mute strings", { title: "Key: Backspace" }, () => events.choke()),
      button("Panic", { title: "Key: Esc. Ends everything at once." }, () => events.panic()),
    );
  }

  show({ palm }: Settings): void {
    this.#palm.setAttribute("aria-pressed", String(palm));
  }
}
