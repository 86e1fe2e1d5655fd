/** Random draws of a space, each of which sets something new: what a search draws with. */
import type { Random } from "../core/random.ts";
import { type Assignments, assignmentsAt, type Dimension, drawPoint, type Point } from "./space.ts";

/** Draws in vain after which a space is taken to be used up. */
const MOST_DRAWS = 200;

/** Draws that are all different. */
export class Draws {
  readonly all: Assignments[] = [];
  readonly #dimensions: readonly Dimension[];
  readonly #seen = new Set<string>();

  constructor(dimensions: readonly Dimension[]) {
    this.#dimensions = dimensions;
  }

  /** Draw one that is new. @returns undefined where there seems to be none left */
  add(random: Random): Point | undefined {
    for (let i = 0; i < MOST_DRAWS; i++) {
      const point = drawPoint(this.#dimensions, random);
      if (this.take(point)) return point;
    }
    return undefined;
  }

  /** Take a place. @returns whether what it sets is new */
  take(point: Point): boolean {
    const set = assignmentsAt(this.#dimensions, point);
    const key = JSON.stringify(set);
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    this.all.push(set);
    return true;
  }
}
