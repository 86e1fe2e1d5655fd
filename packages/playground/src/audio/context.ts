/**
 * The audio context of a page. Browsers let one sound in a gesture only, and do not agree on what is one: a finger that
 * comes down is none, one that is lifted is; Safari wants `resume` called while the event is handled, before anything is
 * waited for; a phone takes the sound away for a call and does not give it back. So in each gesture a context that does
 * not run asks again, and nothing waits for it.
 */

/** What one browser or another takes for a gesture. */
const GESTURES = ["pointerdown", "pointerup", "touchend", "click", "keydown"];

/** Make a context that runs as soon as the browser lets it. To be called in a gesture, or in the first event of one. */
export function openContext(options?: AudioContextOptions): AudioContext {
  tellPhone("playback");
  const context = new AudioContext(options);
  const isOver = new AbortController();
  const resume = () => {
    if (context.state === "closed") isOver.abort();
    // a refusal is no failure: the next gesture asks again
    else if (context.state !== "running") context.resume().catch(() => undefined);
  };
  for (const type of GESTURES) {
    addEventListener(type, resume, { capture: true, passive: true, signal: isOver.signal });
  }
  resume();
  return context;
}

/**
 * Tell a phone what the page does with sound. An iPhone whose switch is on silent plays what says that it is a player of
 * music, and lets no such player use its microphone. Other browsers have no audio session, and need none.
 */
export function tellPhone(type: "playback" | "play-and-record"): void {
  const { audioSession } = navigator as Navigator & { audioSession?: { type: string } };
  if (audioSession !== undefined) audioSession.type = type;
}
