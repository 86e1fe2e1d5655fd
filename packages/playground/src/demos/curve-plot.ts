/**
 * Draws a few curves on a canvas, for the docs' demos: small, quick enough to follow a slider, in the site's colours.
 * Measurements are drawn by the report's plots instead.
 */

export interface Curve {
  /** A colour of tokens.css. */
  ink: string;
  label: string;
  xs: ArrayLike<number>;
  ys: ArrayLike<number>;
  dashed?: boolean;
}

export interface CurveAxes {
  x: { label: string; min: number; max: number; log?: boolean; ticks: number[] };
  y: { label: string; min: number; max: number; ticks: number[] };
}

const MARGIN = { left: 46, right: 12, top: 24, bottom: 36 };
/** Height of a line of text, and between the names of two curves. */
const LINE = 16;
const GAP = 14;

/** Draw. A value outside the axes is drawn at their edge. */
export function drawCurves(canvas: HTMLCanvasElement, axes: CurveAxes, curves: readonly Curve[]): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const c = canvas.getContext("2d");
  if (!c || width === 0) return;
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  c.scale(ratio, ratio);
  const style = getComputedStyle(document.documentElement);
  const ink = (name: string) => style.getPropertyValue(`--${name}`).trim();
  c.font = "12px system-ui, sans-serif";
  const named = curves.reduce((sum, { label }) => sum + c.measureText(label).width + GAP, 0);
  // on a phone the curves' names have a line of their own, below that of the axis
  const isNarrow = c.measureText(axes.y.label).width + named + MARGIN.right > width;
  const area = {
    left: MARGIN.left,
    right: width - MARGIN.right,
    top: MARGIN.top + (isNarrow ? LINE : 0),
    bottom: height - MARGIN.bottom,
  };
  const shareOf = ({ min, max, log }: { min: number; max: number; log?: boolean }, value: number) => {
    const share = log ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
    return Math.max(0, Math.min(1, share));
  };
  const toX = (value: number) => area.left + (area.right - area.left) * shareOf(axes.x, value);
  const toY = (value: number) => area.bottom - (area.bottom - area.top) * shareOf(axes.y, value);

  c.strokeStyle = ink("rule");
  c.fillStyle = ink("soft");
  c.lineWidth = 1;
  c.textAlign = "right";
  for (const tick of axes.y.ticks) {
    c.strokeRect(area.left, toY(tick), area.right - area.left, 0);
    c.fillText(`${tick}`.replace("-", "−"), area.left - 6, toY(tick) + 4);
  }
  c.textAlign = "center";
  for (const tick of axes.x.ticks) {
    c.strokeRect(toX(tick), area.top, 0, area.bottom - area.top);
    const text = tick >= 1000 ? `${tick / 1000}k` : `${tick}`;
    c.fillText(text, Math.min(toX(tick), area.right - 10), area.bottom + 15);
  }
  c.fillText(axes.x.label, (area.left + area.right) / 2, height - 4);
  c.textAlign = "left";
  c.fillText(axes.y.label, 4, 13);

  for (const { ink: name, xs, ys, dashed } of curves) {
    c.strokeStyle = ink(name);
    c.lineWidth = 1.8;
    c.setLineDash(dashed ? [5, 4] : []);
    c.beginPath();
    for (let i = 0; i < xs.length; i++) c.lineTo(toX(xs[i]), toY(ys[i]));
    c.stroke();
  }
  c.setLineDash([]);
  c.textAlign = "right";
  let right = area.right;
  for (const { ink: name, label } of [...curves].reverse()) {
    c.fillStyle = ink(name);
    c.fillText(label, right, isNarrow ? 13 + LINE : 13);
    right -= c.measureText(label).width + GAP;
  }
}
