/**
 * Thins training examples by how loud the string is at each of them. A decay spends most of its samples at levels that
 * are nearly alike; dropping frames at random would drop the few soft ones too. So examples are put into bands of
 * level, and the fullest bands give first, until what is left is as many as asked for.
 */
import { type Random, shuffle } from "./random.ts";

/** Width of a band (dB). */
export const BAND_DB = 6;

/** The band of a level; silence falls into the lowest. */
export function bandOf(levelDb: number): number {
  return Math.floor(Math.max(-180, levelDb) / BAND_DB);
}

/**
 * Choose which examples stay.
 * @param levelsDb of each example
 * @param most how many may stay
 * @returns their indices, ascending; all of them where there are no more than `most`
 */
export function thinByLevel(levelsDb: ArrayLike<number>, most: number, random: Random): Uint32Array {
  const count = levelsDb.length;
  if (count <= most) return Uint32Array.from({ length: count }, (_, i) => i);
  const bands = new Map<number, number[]>();
  for (let i = 0; i < count; i++) {
    const band = bandOf(levelsDb[i]);
    const members = bands.get(band);
    if (members) members.push(i);
    else bands.set(band, [i]);
  }
  const ordered = [...bands.entries()].toSorted(([a], [b]) => a - b).map(([, members]) => members);
  const quotas = share(
    ordered.map(({ length }) => length),
    most,
  );
  const kept = ordered.flatMap((members, b) => {
    const order = Uint32Array.from(members);
    shuffle(order, random);
    return [...order.subarray(0, quotas[b])];
  });
  return Uint32Array.from(kept).sort();
}

/** Share `most` out among bands of these sizes: none gets more than it has, and the others get equally many, to one. */
function share(sizes: readonly number[], most: number): number[] {
  const quotas = sizes.map(() => 0);
  let left = most;
  // from the smallest: what it cannot use is the others'
  const bySize = sizes.map((_, b) => b).toSorted((a, b) => sizes[a] - sizes[b] || a - b);
  bySize.forEach((b, i) => {
    quotas[b] = Math.min(sizes[b], Math.floor(left / (sizes.length - i)));
    left -= quotas[b];
  });
  return quotas;
}
