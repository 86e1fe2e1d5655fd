/**
 * The files a player needs, where the bundler put them: the core's builds. Fetched when the first sound is asked
 * for, and once.
 */
import { type Build, bestBuild } from "@neural-string/core-wasm";
import relaxed from "@neural-string/core-wasm/relaxed.wasm?url";
import scalar from "@neural-string/core-wasm/scalar.wasm?url";
import simd from "@neural-string/core-wasm/simd.wasm?url";

const BUILDS: Record<Build, string> = { relaxed, simd, scalar };

const fetched = new Map<string, Promise<ArrayBuffer>>();

/**
 * Fetch a file of the site, once.
 * @throws Error with one sentence where it cannot be had
 */
export function fetchBytes(url: string): Promise<ArrayBuffer> {
  const known = fetched.get(url);
  if (known) return known;
  const asked = fetch(url).then(async (response) => {
    if (!response.ok) throw new Error(`${url}: the server answered ${response.status}; reload the page`);
    return response.arrayBuffer();
  });
  fetched.set(url, asked);
  // asked again after a failure
  asked.catch(() => fetched.delete(url));
  return asked;
}

/** The bytes of a build of the core; default: the fastest that this browser accepts. */
export function coreBytes(build: Build = bestBuild()): Promise<ArrayBuffer> {
  return fetchBytes(BUILDS[build]);
}
