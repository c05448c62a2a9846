{% load static %}// Keeps one page for when the server is gone; everything else goes to the network, and nothing about a person is kept.
const KEPT = "openketamine-offline";
const PAGES = ["{% url 'offline' %}", "{% static 'ui/openketamine.css' %}", "{% static 'ui/offline_page.js' %}", "{% static 'ui/kept.js' %}"];

self.addEventListener("install", (event) => event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(PAGES)).then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const kept = PAGES.includes(new URL(event.request.url).pathname);
  if (event.request.mode === "navigate") event.respondWith(fetch(event.request).catch(() => caches.match(PAGES[0])));
  else if (kept && event.request.method === "GET") event.respondWith(fetch(event.request).catch(() => caches.match(event.request)));
});
