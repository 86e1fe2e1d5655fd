/** Makes elements: a tag, what is set on it, what is in it. */

type Content = Node | string | undefined;

/** Attributes by their names; true = there, without a value; false and undefined = not there. */
export type Attributes = Record<string, string | number | boolean | undefined>;

/** Make an element. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...content: Content[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false) element.setAttribute(name, String(value));
  }
  element.append(...content.filter((part) => part !== undefined));
  return element;
}

/** A button that says what it does. */
export function button(text: string, attributes: Attributes, press: () => void): HTMLButtonElement {
  const element = make("button", { type: "button", ...attributes }, text);
  element.addEventListener("click", press);
  return element;
}

let lastId = 0;

/** A label and its control, one below the other. */
export function labelled(text: string, control: HTMLElement): HTMLElement {
  control.id ||= `control-${++lastId}`;
  return make("div", { class: "field" }, make("label", { for: control.id }, text), control);
}

/** Fill a choice. */
export function choice(
  options: readonly { value: string; text: string }[],
  attributes: Attributes,
  chosen: (value: string) => void,
): HTMLSelectElement {
  const element = make(
    "select",
    attributes,
    ...options.map(({ value, text }) => make("option", { value }, text)),
  );
  element.addEventListener("change", () => chosen(element.value));
  return element;
}

/** Whether a key is meant for what has the focus, and not for the strings. */
export function takesKeys(target: EventTarget | null, code: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("textarea, select, [contenteditable]")) return true;
  const isArrow = code.startsWith("Arrow");
  if (target instanceof HTMLInputElement) {
    if (target.type === "range") return isArrow || /^(Home|End|Page)/.test(code);
    if (target.type === "checkbox") return code === "Space";
    return target.type !== "radio" || isArrow || code === "Space";
  }
  if (target.closest("[data-arrows]") && isArrow) return true;
  return code === "Space" && target.closest("button, summary, a") !== null;
}
