/**
 * Text into HTML without a hole: whatever a template is given is escaped, unless it is markup made here.
 * Names, notes and error sentences come from files and are not to be trusted; every part of the report is written
 * with `html`, so that forgetting to escape is not possible.
 */

/** HTML that is safe to put into a page as it is. Made by `html`, `scriptJson` and `verbatim` only. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** What a template may be given; null, undefined and false leave nothing behind. */
export type Content = Markup | string | number | null | undefined | false | readonly Content[];

/** Write HTML: the literal parts as they stand, every value escaped unless it is markup; lists are joined. */
export function html(literals: TemplateStringsArray, ...values: Content[]): Markup {
  let text = literals[0];
  values.forEach((value, i) => {
    text += write(value) + literals[i + 1];
  });
  return new Markup(text);
}

/** A setting's path that may break before its dots: a phone has no room for a long one, nor has a table's heading. */
export function breakable(path: string): Markup {
  return html`${path.split(".").map((part, i) => (i === 0 ? part : html`<wbr>.${part}`))}`;
}

/** Pass on text that this package holds itself (its style sheet, its scripts), never text from a run. */
export function verbatim(text: string): Markup {
  return new Markup(text);
}

/** Escape text for element content and for quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * Write a value as JSON for a script element of type application/json: no `<` that could end the element, no line
 * separators, null for numbers that are not finite.
 */
export function scriptJson(value: unknown): Markup {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return new Markup(JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, escaped));
}

function write(value: Content): string {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "object") return value.map(write).join("");
  return escapeHtml(String(value));
}
