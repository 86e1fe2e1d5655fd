/** What keys do, to be read. */
import { make } from "./dom.ts";

const ROWS: [keys: string, what: string][] = [
  ["Z to /, Q to P", "two rows of piano keys; black ones in the rows above"],
  ["[ and ]", "strum up, strum down"],
  ["− and =", "an octave down, up"],
  ["Space", "sustain, while it is held"],
  ["` or <", "palm mute, on and off"],
  ["Backspace", "mute the six strings"],
  ["Esc", "panic: everything ends"],
];

export function keysCard(): HTMLElement {
  const list = make("dl", { class: "keys" });
  for (const [keys, what] of ROWS) list.append(make("dt", {}, make("kbd", {}, keys)), make("dd", {}, what));
  return make("section", { class: "card", "aria-label": "Keys" }, make("h2", {}, "Keys"), list);
}
