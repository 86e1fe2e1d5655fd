/**
 * A blind test: X is the recording or the render, drawn by chance, and the listener says which. Nothing here plays or draws.
 *
 * Whoever sees the score after each round may stop when it looks good, and the chance of a coin to do as well "in so many
 * rounds" is then no answer: with a limit of 5 %, one guesser in four is told within 200 rounds to hear a difference. So
 * the score is a bet against guessing that is fair to it: the mean, over all shares of right answers
 * above one half, of how much better such a share explains the k right ones of n,
 *
 *   E = 2 integral from 1/2 to 1 of (2q)^k (2 (1 - q))^(n-k) dq,
 *
 * is 1 on average for a guesser, at any time, and ever reaches 1/p with a probability of p at most (Ville's inequality).
 */

export type Side = "a" | "b";

/** Where a test stands. */
export interface Score {
  rounds: number;
  correct: number;
  /** At most so likely does somebody who guesses ever get this far, whenever they stop; 0 .. 1. */
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
      byGuessing: byGuessing(this.#correct, this.#rounds),
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

/**
 * The chance that somebody who guesses ever has a score as good as k of n, at most.
 * @returns 1 / E, or 1 where that is less
 */
export function byGuessing(k: number, n: number): number {
  // the integral is that of a beta distribution: 1 / ((n + 1) C(n, k)), times what of it lies above one half
  const ln = Math.LN2 + n * Math.LN2 - Math.log(n + 1) - lnChoose(n, k) + Math.log(atMost(k, n + 1));
  return Math.min(1, Math.exp(-ln));
}

/** Chance of k or fewer heads in n throws of a coin. */
function atMost(k: number, n: number): number {
  let sum = 0;
  // ln of n over i, over 2^n: neither fits into a number by itself
  let ln = -n * Math.LN2;
  for (let i = 0; i <= k; i++) {
    sum += Math.exp(ln);
    ln += Math.log((n - i) / (i + 1));
  }
  return sum;
}

/** ln of n over k. */
function lnChoose(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i++) sum += Math.log((n - k + i) / i);
  return sum;
}

/** Put a score into words. */
export function describeScore({ rounds, correct, byGuessing }: Score): string {
  if (rounds === 0) return "Say what X is: the next round begins at once.";
  const percent = byGuessing < 0.01 ? "less than 1 %" : `${Math.round(100 * byGuessing)} %`;
  const score = `${correct} of ${rounds} right.`;
  if (byGuessing < 0.05) {
    return `${score} You hear the difference: somebody who only guesses ever gets that far in ${percent} of such tests at most.`;
  }
  const fair =
    byGuessing < 1 ? `guessing gets that far in up to ${percent} of such tests` : "guessing does as well";
  return `${score} No difference is shown: ${fair}.`;
}
