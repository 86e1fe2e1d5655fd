/**
 * Finds a key that an object of a JSON text has twice: JSON.parse takes the last of them in silence, other readers the
 * first, so that one file would be two models, or a config two trainings. parse.ts and safetensors.ts refuse such texts;
 * core-wasm, which has no dependencies, has the same of its own, and a test holds the two together.
 */

/**
 * Find the first repeated key, in time proportional to the text.
 * @param text JSON that has been parsed: what is no JSON is not noticed here
 * @returns the key, or undefined where there is none
 * @throws never
 */
export function repeatedKey(text: string): string | undefined {
  // of every object that is open here its keys so far, of every list nothing; no recursion: a file may nest at will
  const open: (Set<string> | null)[] = [];
  for (let i = 0; i < text.length; i++) {
    const sign = text[i];
    if (sign === "{") open.push(new Set());
    else if (sign === "[") open.push(null);
    else if (sign === "}" || sign === "]") open.pop();
    else if (sign === '"') {
      const end = endOfString(text, i);
      if (isBeforeColon(text, end)) {
        const said = text.slice(i, end);
        const key: string = said.includes("\\") ? JSON.parse(said) : said.slice(1, -1);
        const keys = open[open.length - 1];
        if (keys?.has(key)) return key;
        keys?.add(key);
      }
      i = end - 1;
    }
  }
  return undefined;
}

/** Behind the closing quote of the string that begins here. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
  return i + 1;
}

/** What stands before a colon is a key. */
function isBeforeColon(text: string, at: number): boolean {
  let i = at;
  while (text[i] === " " || text[i] === "\n" || text[i] === "\r" || text[i] === "\t") i++;
  return text[i] === ":";
}
