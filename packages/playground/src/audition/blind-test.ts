/**
 * A blind test: X is the recording or the render, drawn by chance, and the listener says which. After some rounds it is
 * known how likely such a score is for somebody who hears no difference. Nothing here plays or draws.
 */

export type Side = "a" | "b";

/** Where a test stands. */
export interface Score {
  rounds: number;
  correct: number;
  /** Chance of a score at least as good by guessing, 0 .. 1. */
  byGuessing: number;
}

/** A test that goes on for as long as the listener likes. */
export class BlindTest {
  readonly #random: () => number;
  #x: Side;
  #rounds = 0;
  #correct = 0;

  /** @param random 0 <= r < 1 */
  constructor(random: () => number = Math.random) {
    this.#random = random;
    this.#x = this.#draw();
  }

  /** What X is in this round: for the player, not for the page. */
  get x(): Side {
    return this.#x;
  }

  get score(): Score {
    return {
      rounds: this.#rounds,
      correct: this.#correct,
      byGuessing: atLeast(this.#correct, this.#rounds),
    };
  }

  /** Answer this round; the next begins. @returns what X was */
  answer(guess: Side): Side {
    const was = this.#x;
    this.#rounds++;
    if (guess === was) this.#correct++;
    this.#x = this.#draw();
    return was;
  }

  #draw(): Side {
    return this.#random() < 0.5 ? "a" : "b";
  }
}

/** Chance of k or more heads in n throws of a coin. */
function atLeast(k: number, n: number): number {
  let sum = 0;
  let ways = 1; // n over i
  for (let i = 0; i <= n; i++) {
    if (i >= k) sum += ways;
    ways = (ways * (n - i)) / (i + 1);
  }
  return sum / 2 ** n;
}

/** Put a score into words. */
export function describeScore({ rounds, correct, byGuessing }: Score): string {
  if (rounds === 0) return "Say what X is: the next round begins at once.";
  const score = `${correct} of ${rounds} right.`;
  if (rounds < 8) return `${score} ${8 - rounds} more rounds until this says anything.`;
  const percent = byGuessing < 0.01 ? "less than 1 %" : `${Math.round(100 * byGuessing)} %`;
  const chance = `Somebody who only guesses does as well in ${percent} of such tests`;
  return byGuessing < 0.05
    ? `${score} ${chance}: you hear the difference.`
    : `${score} ${chance}: no difference is shown.`;
}
