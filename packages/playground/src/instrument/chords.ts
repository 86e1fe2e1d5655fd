/**
 * Chords on six strings in any tuning: on each string the lowest fret whose note belongs to the chord; strings below the
 * first root are left out, as a hand would. In standard tuning this finds the usual open shapes.
 */

export interface ChordQuality {
  id: string;
  name: string;
  /** What follows the root's name. */
  suffix: string;
  /** Semitones above the root. */
  intervals: readonly number[];
}

export const QUALITIES: readonly ChordQuality[] = [
  { id: "major", name: "major", suffix: "", intervals: [0, 4, 7] },
  { id: "minor", name: "minor", suffix: "m", intervals: [0, 3, 7] },
  { id: "seventh", name: "seventh", suffix: "7", intervals: [0, 4, 7, 10] },
  { id: "major7", name: "major seventh", suffix: "maj7", intervals: [0, 4, 7, 11] },
  { id: "minor7", name: "minor seventh", suffix: "m7", intervals: [0, 3, 7, 10] },
  { id: "sus4", name: "suspended fourth", suffix: "sus4", intervals: [0, 5, 7] },
  { id: "power", name: "power chord", suffix: "5", intervals: [0, 7] },
];

/** A hand spans so many frets. */
const MOST_FRET = 4;

/** The chord that is no chord: every string open. */
export const OPEN = "open";

/** What a chord's root may be, in the order of the keyboard; "open" is none. */
export const ROOTS: readonly string[] = [
  OPEN,
  "C",
  "C♯",
  "D",
  "E♭",
  "E",
  "F",
  "F♯",
  "G",
  "A♭",
  "A",
  "B♭",
  "B",
];

/**
 * Find the frets of a chord.
 * @param open the strings' notes, the lowest first
 * @param root of `ROOTS` @param quality the id of one of `QUALITIES`
 * @returns a fret for each string; null = not played
 */
export function fretsOf(open: readonly number[], root: string, quality: string): (number | null)[] {
  const rootClass = ROOTS.indexOf(root) - 1;
  if (rootClass < 0) return open.map(() => 0);
  const { intervals } = QUALITIES.find(({ id }) => id === quality) ?? QUALITIES[0];
  const belongs = (note: number) => intervals.includes((((note - rootClass) % 12) + 12) % 12);
  const frets: (number | null)[] = [];
  let hasRoot = false;
  for (const note of open) {
    let fret: number | null = null;
    for (let f = 0; f <= MOST_FRET; f++) {
      const fits = hasRoot ? belongs(note + f) : (note + f - rootClass) % 12 === 0;
      if (!fits) continue;
      fret = f;
      hasRoot = true;
      break;
    }
    frets.push(fret);
  }
  return frets;
}
