/**
 * Line plots as SVG files for the docs: two axes, logarithmic or not, a few lines with their points marked. Plain on
 * purpose; drawn on white, so that they read alike on light and dark pages.
 */
import { html, type Markup } from "./markup.ts";

export interface PlotAxis {
  label: string;
  /** Logarithmic, its values above 0; else linear, and a y axis begins at 0. */
  log: boolean;
  /** Of an x axis whose values are 0, 1, 2 ...: what stands for them; its points are not joined. */
  names?: readonly string[];
}

export interface Plot {
  title: string;
  x: PlotAxis;
  y: PlotAxis;
  xs: readonly number[];
  /** One value for each x; null where there is none. */
  series: readonly { label: string; values: readonly (number | null)[] }[];
}

const WIDTH = 720;
const HEIGHT = 360;
const LEFT = 64;
const RIGHT = 24;
const TOP = 68;
const BOTTOM = 52;
/** Told apart by people who see few colours, too (Okabe and Ito). */
const INKS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
/** Room for an entry of the legend, where there are few. */
const LEGEND_WIDTH = 150;
/** Ticks of a linear axis, about. */
const TICKS = 6;

/** Where a value lies on an axis, and where its ticks are. */
interface Scale {
  at: (value: number) => number;
  ticks: number[];
}

/** Draw a plot. @throws RangeError for values that are not finite, or not above 0 on a logarithmic axis */
export function drawPlot({ title, x, y, xs, series }: Plot): string {
  const values = series.flatMap((line) => line.values).filter((value) => value !== null);
  const across = makeScale(x, xs, LEFT, WIDTH - RIGHT);
  const up = makeScale(y, y.log ? values : [0, ...values], HEIGHT - BOTTOM, TOP);
  return `${
    html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" font-family="system-ui, sans-serif" font-size="12" fill="#333">
<title>${title}</title>
<rect width="${WIDTH}" height="${HEIGHT}" rx="6" fill="#fff"/>
<text x="${LEFT}" y="24" font-size="15" font-weight="600">${title}</text>
${across.ticks.map((tick) => verticalTick(tick, across, x.names))}
${up.ticks.map((tick) => horizontalTick(tick, up))}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${x.label}</text>
<text transform="translate(16 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${y.label}</text>
${series.map((line, i) => drawLine(line, xs, across, up, styleOf(i, series.length, x.names === undefined)))}
</svg>`.text
  }\n`;
}

function verticalTick(tick: number, { at }: Scale, names?: readonly string[]): Markup {
  const x = pixel(at(tick));
  return html`<path d="M${x} ${TOP}V${HEIGHT - BOTTOM}" stroke="#e3e3e3"/><text x="${x}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${names?.[tick] ?? tickLabel(tick)}</text>
`;
}

function horizontalTick(tick: number, { at }: Scale): Markup {
  const y = pixel(at(tick));
  return html`<path d="M${LEFT} ${y}H${WIDTH - RIGHT}" stroke="#e3e3e3"/><text x="${LEFT - 8}" y="${y + 4}" text-anchor="end">${tickLabel(tick)}</text>
`;
}

interface LineStyle {
  ink: string;
  /** Where its entry in the legend begins. */
  legend: number;
  isJoined: boolean;
}

function styleOf(index: number, lines: number, isJoined: boolean): LineStyle {
  const room = Math.min(LEGEND_WIDTH, (WIDTH - LEFT - RIGHT) / lines);
  return { ink: INKS[index % INKS.length], legend: LEFT + index * room, isJoined };
}

/** A line, its points, and its entry in the legend. */
function drawLine(
  { label, values }: Plot["series"][number],
  xs: readonly number[],
  across: Scale,
  up: Scale,
  { ink, legend, isJoined }: LineStyle,
): Markup {
  const points = xs.flatMap((x, i) => {
    const value = values[i];
    return value === null ? [] : [[pixel(across.at(x)), pixel(up.at(value))]];
  });
  const line = html`<polyline points="${points.map((point) => point.join()).join(" ")}" fill="none" stroke="${ink}" stroke-width="2"/>`;
  return html`${isJoined ? line : ""}
${points.map(([x, y]) => html`<circle cx="${x}" cy="${y}" r="2.5" fill="${ink}"/>`)}
<path d="M${legend} 46h20" stroke="${ink}" stroke-width="3"/><text x="${legend + 26}" y="50">${label}</text>
`;
}

function makeScale(
  { label, log, names }: PlotAxis,
  values: readonly number[],
  from: number,
  to: number,
): Scale {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (!Number.isFinite(low) || !Number.isFinite(high) || (log && low <= 0)) {
    throw new RangeError(`${label}: expected finite numbers${log ? " above 0" : ""}, got ${low} to ${high}`);
  }
  const ticks = names?.map((_, i) => i) ?? (log ? logTicks(low, high) : linearTicks(low, high));
  // the axis ends at a tick or at the data, whichever is further out
  const [start, end] = [Math.min(low, ticks[0] ?? low), Math.max(high, ticks.at(-1) ?? high)];
  const place = log ? Math.log : (value: number) => value;
  const span = place(end) - place(start) || 1;
  return { ticks, at: (value) => from + ((to - from) * (place(value) - place(start))) / span };
}

/** 1, 2, 5 in every decade, from below the least to above the most; the decades alone where there are many. */
export function logTicks(low: number, high: number): number[] {
  const digits = Math.log10(high / low) > 4 ? [1] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    ticks.push(...digits.map((digit) => Number((digit * 10 ** power).toPrecision(1))));
  }
  const first = ticks.findLastIndex((tick) => tick <= low * 1.000001);
  const last = ticks.findIndex((tick) => tick >= high * 0.999999);
  return ticks.slice(first, last + 1);
}

/** Round steps from 0 or below the least to above the most. */
export function linearTicks(low: number, high: number): number[] {
  const rough = (high - low) / TICKS || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((digit) => digit * power >= rough) ?? 10);
  const first = Math.floor(low / step);
  const count = Math.ceil(high / step) - first;
  return Array.from({ length: count + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

function tickLabel(tick: number): string {
  // 0.000001 would stand in the label beside it
  const isLong = tick !== 0 && Math.abs(tick) < 1e-3;
  return isLong ? tick.toExponential().replace("e-", "e−") : String(Number(tick.toPrecision(3)));
}

function pixel(value: number): number {
  return Math.round(10 * value) / 10;
}
