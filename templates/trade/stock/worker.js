{# page: the bare form's address · form: the address at which it stands in. A changed part changes this text, so that phones fetch it anew. #}
// Keeps one bare page that is the same for everybody, and what it is made of. Nobody's own page ever lies here.
const PAGE = {{ page|tojson }};
const FORM = {{ form|tojson }};
const PARTS = {{ [static_url('css/site.css'), static_url('js/site.js'), static_url('js/draft.js'), static_url('img/icons.svg'), static_url('img/seal.svg')]|tojson }};
const SHELF = "listing-{{ version }}";

async function keep(shelf, address) {
  const answer = await fetch(address, { credentials: "omit", cache: "reload" });
  if (!answer.ok || answer.redirected) throw new Error(`${address}: ${answer.status}`);
  await shelf.put(address, answer);
}

async function stock() {
  const shelf = await caches.open(SHELF);
  await Promise.all([PAGE, ...PARTS].map((address) => keep(shelf, address)));
  await self.skipWaiting();
}

async function tidy() {
  for (const name of await caches.keys()) if (name.startsWith("listing-") && name !== SHELF) await caches.delete(name);
  await self.clients.claim();
}

self.addEventListener("install", (event) => event.waitUntil(stock()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname, search } = new URL(url);
  if (method !== "GET" || origin !== self.location.origin) return;
  if (mode === "navigate" && pathname === FORM) event.respondWith(fetch(event.request).catch(() => caches.match(PAGE)));
  else if (PARTS.includes(pathname + search)) event.respondWith(caches.match(pathname + search).then((kept) => kept ?? fetch(event.request)));
});
