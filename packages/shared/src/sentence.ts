/** Sentences that people read: reasons are written without a full stop, since they also stand within others. */

/** So many of something: "1 run", "2 runs". @param many where it takes more than an s */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** With a full stop where it has no end of its own. */
export function withPeriod(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
