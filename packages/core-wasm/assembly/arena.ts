// Where everything in linear memory comes from: one bump allocator above the module's static data. Strings are
// made when a note is prepared and live as long as their core, so nothing is freed singly; a caller that makes
// temporary things marks the top before and releases to the mark after (last in, first out).
//
//   | the module's static data | a string | its lines | another string ...     top | room, grown by 64 KiB pages
//                                                                            mark, temporary things, release
//
// Memory: all there is. Cost: an addition, and zeros over what is handed out. Nothing on the audio thread.

const ALIGNMENT: usize = 16;
const PAGE: usize = 65536;

let top: usize = (__heap_base + ALIGNMENT - 1) & ~(ALIGNMENT - 1);

/**
 * Reserve bytes of zeroed memory, 16-byte aligned; grows the memory when needed, and traps when there is none.
 * Never called on the audio thread while it renders. Growing detaches the host's views.
 */
export function allocate(bytes: usize): usize {
  const start = top;
  const end = (start + bytes + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
  if (end < start || end - start < bytes) unreachable(); // the address space has wrapped around
  const have = (<usize>memory.size()) * PAGE;
  if (end > have && memory.grow(<i32>((end - have + PAGE - 1) / PAGE)) < 0) unreachable();
  memory.fill(start, 0, end - start);
  top = end;
  return start;
}

/** The top of the arena, to be given back to arenaRelease. */
export function arenaMark(): usize {
  return top;
}

/** Forget everything allocated since the mark. */
export function arenaRelease(mark: usize): void {
  top = mark;
}
