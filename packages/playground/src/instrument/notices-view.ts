/** Sentences about what could not be done: read out at once, and there until somebody has read them. */
import { button, make } from "./dom.ts";

export class NoticesView {
  readonly element = make("div", { class: "notices" });

  add(text: string): void {
    const notice = make("div", { class: "notice", role: "alert" }, make("p", {}, text));
    notice.append(button("Dismiss", { "aria-label": `Dismiss: ${text}` }, () => notice.remove()));
    this.element.append(notice);
  }
}
