/**
 * Frames for pictures: a caption, and an empty place that `page.js` fills from the report's data by its id.
 */
import { html, type Markup } from "./markup.ts";

/** A captioned picture. */
export function figure(title: string, caption: string | Markup, picture: Markup): Markup {
  return html`<figure class="picture"><figcaption><strong>${title}</strong> <span class="aside">${caption}</span></figcaption>${picture}</figure>`;
}

/** The place of a line plot; `label` is what a screen reader says of it. */
export function linePlot(id: string, label: string): Markup {
  return html`<div class="plot" data-plot="${id}" data-label="${label}"></div>`;
}

/** The place of a heat map, with the line that reads out the cell under the pointer. */
export function heatMap(id: string, title: string, caption: string): Markup {
  return figure(
    title,
    caption,
    html`<canvas class="heat" data-heat="${id}" role="img" aria-label="${title}: ${caption}"></canvas><p class="readout" aria-hidden="true"></p>`,
  );
}
