/**
 * Draws an energy decay relief as what it is called: a relief. One ridge per frequency band, the lowest in front, each
 * hiding what lies behind it; coloured by level.
 */
import type { HeatMap } from "@neural-string/trainer/report/plots";

/** How far the furthest ridge is shifted to the right and up, as a share of the picture. */
const DEPTH = { x: 0.24, y: 0.42 };
/** Height of 0 dB above a ridge's foot, as a share of the picture. */
const HEIGHT = 0.46;
const LABEL = "12px system-ui, sans-serif";

/**
 * Draw a relief.
 * @param canvas sized by its style; drawn at the screen's resolution
 * @param map as the report has it, dB per band and frame
 */
export function drawSurface(canvas: HTMLCanvasElement, map: HeatMap): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const c = canvas.getContext("2d");
  if (!c || width === 0) return;
  c.scale(ratio, ratio);
  const style = getComputedStyle(document.documentElement);
  const ink = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const bands = map.edges.length - 1;
  const area = { left: 8, right: width - 44, top: 10, bottom: height - 34 };
  const [w, h] = [area.right - area.left, area.bottom - area.top];
  const place = (band: number, frame: number, db: number) => {
    const back = bands > 1 ? band / (bands - 1) : 0;
    const up = Math.max(0, (db - map.min) / (map.max - map.min));
    return {
      x: area.left + w * (back * DEPTH.x + (frame / Math.max(1, map.frames - 1)) * (1 - DEPTH.x)),
      y: area.bottom - h * (back * DEPTH.y + up * HEIGHT),
    };
  };
  const level = (band: number, frame: number) => map.values[band * map.frames + frame] ?? map.min;

  for (let band = bands - 1; band >= 0; band--) {
    const loudest = Math.max(...Array.from({ length: map.frames }, (_, frame) => level(band, frame)));
    const [first, last] = [place(band, 0, map.min), place(band, map.frames - 1, map.min)];
    c.beginPath();
    c.moveTo(first.x, first.y);
    for (let frame = 0; frame < map.frames; frame++) {
      const { x, y } = place(band, frame, level(band, frame));
      c.lineTo(x, y);
    }
    c.lineTo(last.x, last.y);
    c.closePath();
    c.fillStyle = ink("raised");
    c.fill();
    // louder bands stand out
    c.globalAlpha = 0.35 + 0.65 * Math.max(0, Math.min(1, (loudest - map.min) / (map.max - map.min)));
    c.strokeStyle = ink(canvas.dataset.ink ?? "target");
    c.lineWidth = 1.3;
    c.stroke();
    c.globalAlpha = 1;
  }

  c.font = LABEL;
  c.fillStyle = ink("soft");
  c.textAlign = "left";
  for (const frequency of [60, 250, 1000, 4000, 16000]) {
    const band = map.edges.findIndex((edge) => edge > frequency * 0.99) - 1;
    if (band < 0 || band >= bands) continue;
    const { x, y } = place(band, map.frames - 1, map.min);
    c.fillText(frequency < 1000 ? `${frequency}` : `${frequency / 1000}k`, x + 6, y + 4);
  }
  c.textAlign = "center";
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10].find((s) => map.seconds / s <= 5) ?? 20;
  for (let t = 0; t <= map.seconds; t += step) {
    const { x } = place(0, (t / map.seconds) * (map.frames - 1), map.min);
    c.fillText(`${Number(t.toPrecision(3))}`, Math.max(x, area.left + 4), area.bottom + 15);
  }
  c.fillText("time (s)", area.left + (w * (1 - DEPTH.x)) / 2, area.bottom + 29);
}
