/** The link that carries all settings: kept in the address, copied when asked for. */
import { button, make } from "./dom.ts";
import { linkOf } from "./link.ts";
import { MADE_MODEL, OWN_MODEL, type Settings } from "./settings.ts";

/** Milliseconds after the last change: browsers mind an address that changes too often. */
const SETTLED_MS = 300;

export class ShareView {
  readonly element: HTMLElement;
  readonly #said = make("span", { class: "aside", role: "status" });
  #settings: Settings;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
    const copy = button("Copy link", {}, () => this.#copy());
    this.element = make("div", { class: "row" }, copy, this.#said);
  }

  show(settings: Settings): void {
    this.#settings = settings;
    this.#said.textContent = "";
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => history.replaceState(null, "", `#${linkOf(settings)}`), SETTLED_MS);
  }

  async #copy(): Promise<void> {
    const hash = `#${linkOf(this.#settings)}`;
    history.replaceState(null, "", hash);
    const own = [OWN_MODEL, MADE_MODEL].includes(this.#settings.model)
      ? " It does not carry your own model."
      : "";
    try {
      await navigator.clipboard.writeText(location.href);
      this.#said.textContent = `Copied; it carries every setting.${own}`;
    } catch {
      this.#said.textContent = `Not copied (the browser forbids it); take it from the address bar.${own}`;
    }
  }
}
