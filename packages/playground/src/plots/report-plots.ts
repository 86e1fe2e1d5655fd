/**
 * The report's plot code, as the site uses it: its scripts put what they make on the global object and draw with a global
 * uPlot, since in a report they are plain scripts.
 */
import type { HeatMap, LinePlot } from "@neural-string/trainer/report/plots";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import "@neural-string/trainer/report/page/pictures.css";
import "@neural-string/trainer/report/page/tables.css";
import "@neural-string/trainer/report/page/line-plots.js";
import "@neural-string/trainer/report/page/heat-maps.js";

interface ReportScripts {
  uPlot: typeof uPlot;
  linePlots: { draw(place: HTMLElement, plot: LinePlot, width: number): void };
  heatMaps: {
    draw(canvas: HTMLCanvasElement, map: HeatMap, width: number): void;
    readCell(canvas: HTMLCanvasElement, map: HeatMap, event: PointerEvent): void;
  };
}

const scripts = globalThis as unknown as ReportScripts;
scripts.uPlot = uPlot;

/** Everything that can be drawn, by the ids that places carry in data-plot and data-heat. */
export interface Pictures {
  plots: Record<string, LinePlot>;
  heats: Record<string, HeatMap>;
}

/** Draw what has a place below `root`. A plot without data leaves its place hidden. */
export function drawPictures(root: ParentNode, { plots, heats }: Pictures): void {
  for (const place of root.querySelectorAll<HTMLElement>("[data-plot]")) {
    const plot = plots[place.dataset.plot as string];
    if (plot && place.clientWidth > 0) scripts.linePlots.draw(place, plot, place.clientWidth);
  }
  for (const canvas of root.querySelectorAll<HTMLCanvasElement>("[data-heat]")) {
    const map = heats[canvas.dataset.heat as string];
    if (map && canvas.clientWidth > 0) scripts.heatMaps.draw(canvas, map, canvas.clientWidth);
  }
}

/** Let pointers read cells of the heat maps below `root`. @param of what is drawn now */
export function readCells(root: HTMLElement, of: () => Pictures | undefined): void {
  const read = (event: PointerEvent) => {
    const canvas = event.target;
    if (!(canvas instanceof HTMLCanvasElement) || canvas.dataset.heat === undefined) return;
    const map = of()?.heats[canvas.dataset.heat];
    if (map) scripts.heatMaps.readCell(canvas, map, event);
  };
  root.addEventListener("pointermove", read);
  root.addEventListener("pointerdown", read);
}

/** Draw again when the width or light and dark change. */
export function redrawn(draw: () => void): void {
  let width = document.documentElement.clientWidth;
  addEventListener("resize", () => {
    // phones resize while scrolling
    if (document.documentElement.clientWidth === width) return;
    width = document.documentElement.clientWidth;
    draw();
  });
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}
