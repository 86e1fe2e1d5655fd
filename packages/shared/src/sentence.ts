/** Sentences that people read: reasons are written without a full stop, since they also stand within others. */

/** With a full stop where it has no end of its own. */
export function withPeriod(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
