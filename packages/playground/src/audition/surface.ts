/**
 * Draws an energy decay relief as what it is called: a relief, seen from the treble's side, so that the bass, which is
 * louder and lasts longer, stands behind and hides nothing. The higher, the more of the sound's own colour.
 */
import type { HeatMap } from "@neural-string/trainer/report/plots";

/** How far the furthest band is shifted to the right and up, as a share of the picture. */
const DEPTH = { x: 0.26, y: 0.4 };
/** Height of 0 dB above the ground, as a share of the picture. */
const HEIGHT = 0.57;
/** Moments that are drawn: more of them no eye tells apart. */
const COLUMNS = 90;
const LABEL = "12px system-ui, sans-serif";

type Colour = [red: number, green: number, blue: number];

/**
 * Draw a relief.
 * @param canvas sized by its style; drawn at the screen's resolution, in the ink that its data-ink names
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
  const colourOf = (name: string) => rgbOf(c, ink(name));
  const [ground, top] = [colourOf("raised"), colourOf(canvas.dataset.ink ?? "target")];
  const bands = map.edges.length - 1;
  const columns = Math.min(map.frames, COLUMNS);
  const area = { left: 8, right: width - 44, top: 8, bottom: height - 34 };
  const [w, h] = [area.right - area.left, area.bottom - area.top];

  /** 0 .. 1, of the range that is drawn. */
  const level = (band: number, column: number) => {
    const frame = Math.round((column * (map.frames - 1)) / Math.max(1, columns - 1));
    const value = map.values[band * map.frames + frame] ?? map.min;
    return Math.max(0, Math.min(1, (value - map.min) / (map.max - map.min)));
  };
  const place = (band: number, column: number, share: number): [x: number, y: number] => {
    const back = 1 - band / Math.max(1, bands - 1);
    const x = area.left + w * (back * DEPTH.x + (column / Math.max(1, columns - 1)) * (1 - DEPTH.x));
    return [x, area.bottom - h * (back * DEPTH.y + share * HEIGHT)];
  };
  const fill = (points: [number, number][], colour: string) => {
    c.beginPath();
    for (const [x, y] of points) c.lineTo(x, y);
    c.closePath();
    c.fillStyle = colour;
    c.fill();
    // neighbours meet without a seam
    c.strokeStyle = colour;
    c.lineWidth = 0.7;
    c.stroke();
  };

  // from the back to the front; and at the end of time, and of the treble, down to the ground
  for (let band = 0; band < bands - 1; band++) {
    for (let column = 0; column < columns - 1; column++) {
      const corners = [
        [band, column],
        [band, column + 1],
        [band + 1, column + 1],
        [band + 1, column],
      ];
      const shares = corners.map(([b, at]) => level(b, at));
      const mean = shares.reduce((sum, share) => sum + share, 0) / 4;
      fill(
        corners.map(([b, at], i) => place(b, at, shares[i])),
        mixed(ground, top, 0.08 + 0.92 * mean),
      );
    }
    drawRidge(band + 1);
  }
  const wall = mixed(ground, colourOf("soft"), 0.22);
  const all = (count: number) => Array.from({ length: count }, (_, i) => i);
  const end = columns - 1;
  fill(
    [...all(bands).map((b) => place(b, end, level(b, end))), place(bands - 1, end, 0), place(0, end, 0)],
    wall,
  );
  const front = bands - 1;
  fill(
    [
      ...all(columns).map((at) => place(front, at, level(front, at))),
      place(front, end, 0),
      place(front, 0, 0),
    ],
    wall,
  );

  /** A band's own line, where one in three is enough to see the slope. */
  function drawRidge(band: number): void {
    if (!c || band % 3 !== 0) return;
    c.beginPath();
    for (let column = 0; column < columns; column++) c.lineTo(...place(band, column, level(band, column)));
    c.strokeStyle = `rgb(${top})`;
    c.globalAlpha = 0.55;
    c.lineWidth = 1;
    c.stroke();
    c.globalAlpha = 1;
  }

  c.font = LABEL;
  c.fillStyle = ink("soft");
  c.textAlign = "left";
  for (const frequency of [60, 250, 1000, 4000, 16000]) {
    const band = map.edges.findIndex((edge) => edge > frequency * 0.99) - 1;
    if (band < 0 || band >= bands) continue;
    const [x, y] = place(band, end, 0);
    c.fillText(frequency < 1000 ? `${frequency}` : `${frequency / 1000}k`, x + 7, y + 4);
  }
  c.textAlign = "center";
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10].find((s) => map.seconds / s <= 5) ?? 20;
  for (let t = 0; t <= map.seconds; t += step) {
    const [x] = place(front, (t / map.seconds) * end, 0);
    c.fillText(`${Number(t.toPrecision(3))}`, Math.max(x, area.left + 4), area.bottom + 15);
  }
  c.fillText("time (s)", area.left + (w * (1 - DEPTH.x)) / 2, area.bottom + 29);
}

/** A colour as a canvas reads it: whatever it is written as, it answers #rrggbb. */
function rgbOf(c: CanvasRenderingContext2D, colour: string): Colour {
  c.fillStyle = colour;
  const value = Number.parseInt(String(c.fillStyle).slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function mixed(from: Colour, to: Colour, share: number): string {
  return `rgb(${from.map((low, i) => Math.round(low + (to[i] - low) * share))})`;
}
