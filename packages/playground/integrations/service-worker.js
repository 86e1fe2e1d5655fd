// The site's service worker: everything of one version of the site is kept together, and a page is never served half
// old, half new: a new version waits until no page of the old one is open. offline.ts fills in the two constants.
const VERSION = "VERSION";
const FILES = ["FILES"];
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

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(answer(request));
});

/** What is kept, else the network, whose answer is kept. A page is looked for without its query. */
async function answer(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request, { ignoreSearch: request.mode === "navigate" });
  if (kept) return kept;
  const response = await fetch(request);
  // whole answers only: a part of a sound is no sound
  if (response.status === 200) await cache.put(request, response.clone());
  return response;
}
