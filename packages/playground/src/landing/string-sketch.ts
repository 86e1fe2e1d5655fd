/**
 * Draws strings that were plucked: the first modes of an ideal string, slowed down so that an eye can follow, each dying
 * sooner than the one below. A picture of the idea, and no measurement.
 */

const MODES = 7;
/** Turns a second of the lowest mode, so that the eye sees it swing. */
const TURNS = 3.1;
/** Seconds in which the lowest mode falls to 1/e. */
const FADE = 1.1;
/** Points per string, and moments of a turn that its haze is made of. */
const POINTS = 96;
const HAZE = 10;

interface Pluck {
  /** Seconds, of the page's clock. */
  at: number;
  /** Where along the string, 0 .. 1. */
  place: number;
  /** Height, as a share of what fits. */
  height: number;
}

/** Some strings on a canvas, one above the other. */
export class StringSketch {
  readonly #canvas: HTMLCanvasElement;
  readonly #plucks: (Pluck | undefined)[];
  readonly #isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  #isMoving = false;

  constructor(canvas: HTMLCanvasElement, strings: number) {
    this.#canvas = canvas;
    this.#plucks = new Array(strings).fill(undefined);
    new ResizeObserver(() => this.#draw(performance.now() / 1000)).observe(canvas);
    // light and dark have their own wires
    new MutationObserver(() => this.#draw(performance.now() / 1000)).observe(document.documentElement, {
      attributeFilter: ["data-theme"],
    });
  }

  /** Set a string going. @param place where along it, 0 .. 1 @param height 0 .. 1 @param after seconds from now */
  pluck(i: number, place: number, height: number, after = 0): void {
    this.#plucks[i] = { at: performance.now() / 1000 + after, place, height };
    if (!this.#isMoving && !this.#isCalm) this.#move();
  }

  #move(): void {
    const now = performance.now() / 1000;
    this.#isMoving = this.#plucks.some((pluck) => pluck && now - pluck.at < 5 * FADE);
    this.#draw(now);
    if (this.#isMoving) requestAnimationFrame(() => this.#move());
  }

  #draw(now: number): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const ratio = devicePixelRatio || 1;
    if (this.#canvas.width !== Math.round(width * ratio)) this.#canvas.width = Math.round(width * ratio);
    if (this.#canvas.height !== Math.round(height * ratio)) this.#canvas.height = Math.round(height * ratio);
    const c = this.#canvas.getContext("2d");
    if (!c) return;
    const wire = getComputedStyle(document.documentElement).getPropertyValue("--wire");
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.clearRect(0, 0, width, height);
    c.strokeStyle = wire;
    c.fillStyle = wire;
    const lane = height / this.#plucks.length;
    this.#plucks.forEach((pluck, i) => {
      const y = (i + 0.5) * lane;
      const moving = pluck && !this.#isCalm && now >= pluck.at ? pluck : undefined;
      if (moving) this.#drawHaze(c, moving, now, { y, width, reach: 0.46 * lane });
      c.beginPath();
      for (let point = 0; point <= POINTS; point++) {
        const x = point / POINTS;
        c.lineTo(x * width, y + 0.46 * lane * (moving ? displacement(moving, x, now) : 0));
      }
      // the lower, the heavier: and wound
      c.lineWidth = 3.6 - 0.6 * i;
      c.stroke();
    });
  }

  /** What an eye keeps of a string that is too quick for it: everywhere it has been in the last turn. */
  #drawHaze(
    c: CanvasRenderingContext2D,
    pluck: Pluck,
    now: number,
    { y, width, reach }: { y: number; width: number; reach: number },
  ): void {
    const [low, high] = [new Float64Array(POINTS + 1), new Float64Array(POINTS + 1)];
    for (let moment = 0; moment < HAZE; moment++) {
      const then = Math.max(pluck.at, now - moment / HAZE / TURNS);
      for (let point = 0; point <= POINTS; point++) {
        const d = displacement(pluck, point / POINTS, then);
        if (d < low[point]) low[point] = d;
        if (d > high[point]) high[point] = d;
      }
    }
    c.beginPath();
    for (let point = 0; point <= POINTS; point++) c.lineTo((point / POINTS) * width, y + reach * high[point]);
    for (let point = POINTS; point >= 0; point--) c.lineTo((point / POINTS) * width, y + reach * low[point]);
    c.closePath();
    c.globalAlpha = 0.16;
    c.fill();
    c.globalAlpha = 1;
  }
}

/** How far from rest a string is, -1 .. 1. @param x along it, 0 .. 1 */
function displacement({ at, place, height }: Pluck, x: number, now: number): number {
  const t = now - at;
  let sum = 0;
  for (let mode = 1; mode <= MODES; mode++) {
    const weight = Math.sin(mode * Math.PI * place) / (mode * mode);
    const decay = Math.exp((-t * (1 + 0.25 * (mode * mode - 1))) / FADE);
    sum += weight * decay * Math.sin(mode * Math.PI * x) * Math.cos(2 * Math.PI * TURNS * mode * t);
  }
  return Math.max(-1, Math.min(1, 1.1 * height * sum));
}
