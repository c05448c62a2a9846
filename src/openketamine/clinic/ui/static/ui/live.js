// Keeps a page live: one event stream, a few refreshes a second at most, and a plain word when the stream or the alarms stop.
// `streamed`: the stream of a monitor has gone on; the event holds what goes where `data-streamed` stands.
// `changed`: anything else has, and every few seconds time itself (`idle`). `told`: only the former, for what time does not move.
import { typed } from "./typed.js";

const SILENT_MS = 6000;
const APART_MS = 300;
const IDLE_MS = 5000 + 1000 * Math.random(); // pages that were opened together do not ask together
const body = document.body;
let last = 0;
let waiting = 0;
let heard = Date.now();

function tell(idle = false) {
  if (waiting) return;
  waiting = setTimeout(() => {
    waiting = 0;
    last = Date.now();
    body.dispatchEvent(new CustomEvent("changed", { detail: { idle } }));
    if (!idle) body.dispatchEvent(new CustomEvent("told"));
  }, Math.max(0, last + APART_MS - Date.now()));
}

function streamed(event) {
  const place = document.querySelector("[data-streamed]");
  if (place) htmx.swap({ text: event.data, target: place, sourceElement: place, swap: "innerMorph" });
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
  if (Date.now() - last > IDLE_MS) tell(true);
}

if (body.dataset.stream) {
  const source = new EventSource(body.dataset.stream);
  source.addEventListener("changed", () => tell());
  source.addEventListener("streamed", streamed);
  source.addEventListener("beat", beat);
  setInterval(() => {
    const lost = Date.now() - heard > SILENT_MS;
    body.classList.toggle("lost", lost);
    say("no-stream", lost);
  }, 1000);
}

// A page whose infusion has moved on to another phase shows the controls of that phase, unless something is typed there, or a form of
// this page is on its way: its answer is the next page, and to load this one anew would lose what the answer says.
let sent = false;
document.addEventListener("submit", (event) => setTimeout(() => { sent = sent || !event.defaultPrevented; }));
const live = document.getElementById("live");
if (live) {
  document.addEventListener("htmx:after:swap", () => {
    const phase = live.querySelector("[data-phase-now]");
    const typing = typed() || body.querySelector("input:not([type=hidden]):focus, textarea:focus");
    if (phase && phase.dataset.phaseNow !== live.dataset.phase) {
      if (typing || sent) say("moved-on", true);
      else location.reload();
    }
  });
}

// What somebody has unfolded or folded stays so when its part of the page is told anew.
window.htmx.config.morphIgnore.push("open");

// An emergency counts from when it was recorded, a second reading down to when it is due, on the clinic's clock; a print button prints.
document.addEventListener("beat", (event) => {
  const clock = (from, to) => { const seconds = Math.max(0, Math.floor((to - from) / 1000)); return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`; };
  const now = Date.parse(event.detail);
  for (const timer of document.querySelectorAll("[data-since]")) timer.textContent = clock(Date.parse(timer.dataset.since), now);
  for (const timer of document.querySelectorAll("[data-until]")) { const due = Date.parse(timer.dataset.until); timer.textContent = clock(Math.min(now, due), Math.max(now, due)); }
});
for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
