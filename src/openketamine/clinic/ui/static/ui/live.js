// Keeps a page live: one event stream, at most two refreshes a second, and a plain word when the stream or the alarms stop.
const SILENT_MS = 6000;
const APART_MS = 500;
const body = document.body;
let heard = Date.now();
let last = 0;
let waiting = 0;

function changed() {
  const due = Math.max(0, last + APART_MS - Date.now());
  if (waiting) return;
  waiting = setTimeout(() => {
    waiting = 0;
    last = Date.now();
    body.dispatchEvent(new Event("changed"));
  }, due);
}

function say(id, shown) {
  const line = document.getElementById(id);
  if (line && line.hidden === shown) line.hidden = !shown;
}

function beat(event) {
  heard = Date.now();
  const seen = JSON.parse(event.data);
  say("no-alarms", !seen.evaluated);
  body.classList.remove("lost");
  say("no-stream", false);
  for (const clock of document.querySelectorAll("[data-clinic-clock]")) clock.textContent = seen.now.slice(11, 19);
  document.dispatchEvent(new CustomEvent("beat", { detail: seen.now }));
  if (Date.now() - last > 2000) changed();
}

if (body.dataset.stream) {
  const source = new EventSource(body.dataset.stream);
  source.addEventListener("changed", changed);
  source.addEventListener("beat", beat);
  setInterval(() => {
    const lost = Date.now() - heard > SILENT_MS;
    body.classList.toggle("lost", lost);
    say("no-stream", lost);
  }, 1000);
}

// A page whose infusion has moved on to another phase shows the controls of that phase, unless somebody is typing.
const live = document.getElementById("live");
if (live) {
  document.addEventListener("htmx:after:swap", () => {
    const phase = live.querySelector("[data-phase-now]");
    const typing = body.querySelector("input:not([type=hidden]):focus, textarea:focus");
    if (phase && phase.dataset.phaseNow !== live.dataset.phase) {
      if (typing) say("moved-on", true);
      else location.reload();
    }
  });
}

// An emergency counts from when it was recorded, on the clinic's clock; a print button prints.
document.addEventListener("beat", (event) => {
  for (const timer of document.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.parse(event.detail) - Date.parse(timer.dataset.since)) / 1000));
    timer.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
});
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
