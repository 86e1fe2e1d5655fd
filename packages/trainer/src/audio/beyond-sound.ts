/**
 * Samples that no sound has: what is not a number, and what is so large that squares and levels of it overflow.
 * read-recording.ts refuses them as files are read, note/checks.ts as notes are looked at.
 */

/** Full scale is 1; float files may go above it, but a million times (120 dB) is a mistake of scale. */
const MOST_PEAK = 1e6;

/** What is wrong, for machines and, in one line without the file's name, for people. */
interface BeyondSound {
  id: "not-finite" | "too-loud";
  sentence: string;
}

/**
 * Look for samples that no sound has.
 * @param samples mono, full scale ±1
 * @returns what was found, or undefined
 * @throws never
 */
export function findBeyondSound(samples: Float32Array): BeyondSound | undefined {
  let peak = 0;
  for (const [i, sample] of samples.entries()) {
    if (!Number.isFinite(sample)) {
      const sentence = `sample ${i} is ${sample}; expected finite numbers; export it again`;
      return { id: "not-finite", sentence };
    }
    peak = Math.max(peak, Math.abs(sample));
  }
  if (peak <= MOST_PEAK) return undefined;
  const got = Number(peak.toPrecision(3));
  const sentence = `has a peak of ${got}; expected at most ${MOST_PEAK} (full scale is 1); scale it down and export it again`;
  return { id: "too-loud", sentence };
}
