/** Notes and their pitches, as MIDI counts them: 69 is A4. And the tunings of six strings. */

/** The keys that can be played, E1 to C6: a bass's lowest string to what the shortest loops still carry. */
export const LOWEST_NOTE = 28;
export const HIGHEST_NOTE = 84;

const NAMES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];

/** Hz of a note, equally tempered, A4 = 440. */
export function hzOf(note: number): number {
  return 440 * 2 ** ((note - 69) / 12);
}

/** As musicians write it: "C♯3". */
export function nameOf(note: number): string {
  return `${pitchClassName(note)}${Math.floor(note / 12) - 1}`;
}

/** Without the octave: "C♯". */
function pitchClassName(note: number): string {
  return NAMES[((note % 12) + 12) % 12];
}

/** How six strings are tuned, the lowest first. */
export interface GuitarTuning {
  name: string;
  notes: readonly number[];
}

export const GUITAR_TUNINGS: readonly GuitarTuning[] = [
  { name: "Standard (E A D G B E)", notes: [40, 45, 50, 55, 59, 64] },
  { name: "Drop D", notes: [38, 45, 50, 55, 59, 64] },
  { name: "D A D G A D", notes: [38, 45, 50, 55, 57, 62] },
  { name: "Open G", notes: [38, 43, 50, 55, 59, 62] },
  { name: "Open E", notes: [40, 47, 52, 56, 59, 64] },
  { name: "Half a step down", notes: [39, 44, 49, 54, 58, 63] },
  { name: "Baritone (B E A D F♯ B)", notes: [35, 40, 45, 50, 54, 59] },
  { name: "Bass, six strings", notes: [28, 33, 38, 43, 47, 52] },
  { name: "Fifths", notes: [36, 43, 50, 57, 64, 71] },
];

/**
 * The pitches to be tuned ahead, Hz: every fourth semitone first, which brings all others within the 200 cents that a
 * string bends, then the rest. A model's own pitch, where it plays exactly as it was learned, stands for the nearest key.
 * @param ownF0 Hz
 * @param most Hz, of any
 */
export function pitchesToTune(ownF0: number, most: number): { first: number[]; then: number[] } {
  const own = Math.round(69 + 12 * Math.log2(ownF0 / 440));
  const first: number[] = [];
  const then: number[] = [];
  for (let note = LOWEST_NOTE; note <= HIGHEST_NOTE; note++) {
    const hz = note === own ? ownF0 : hzOf(note);
    if (hz > most) break;
    const isFirst = (note - LOWEST_NOTE) % 4 === 2 || note === own || note === HIGHEST_NOTE;
    (isFirst ? first : then).push(hz);
  }
  return { first, then };
}
