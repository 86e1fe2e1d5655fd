// The site's service worker: everything of one version of the site is kept together, and a page is never served half
// old, half new: a new version waits until no page of the old one is open. What every page needs comes first, and the worker
// is ready with it; the rest follows when a page asks for it. offline.ts fills in the three constants.
const VERSION = "VERSION";
const FILES = ["FILES"];
const LATER = ["LATER"];
const CACHE = `neural-string-${VERSION}`;

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      // from the network, not from what the browser still has of an older version
      .then((cache) => cache.addAll(FILES.map((file) => new Request(file || "./", { cache: "no-cache" })))),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(
          names
            .filter((name) => name.startsWith("neural-string-") && name !== CACHE)
            .map((name) => caches.delete(name)),
        ),
      )
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("message", (event) => {
  if (event.data === "keep all") event.waitUntil(keepLater());
});

/** One file after the other, behind whatever a page wants; goes on at the next visit where it was broken off. */
async function keepLater() {
  const cache = await caches.open(CACHE);
  for (const file of LATER) {
    try {
      if (!(await cache.match(file)))
        await cache.add(new Request(file, { cache: "no-cache", priority: "low" }));
    } catch {
      return;
    }
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(answer(request));
});

/** What is kept, else the network, whose answer is kept. A static host gives the same file whatever is asked after "?". */
async function answer(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreSearch: true });
  if (kept) return kept;
  const response = await fetch(request);
  // whole answers only: a part of a sound is no sound
  if (response.status === 200) await cache.put(request, response.clone());
  return response;
}
