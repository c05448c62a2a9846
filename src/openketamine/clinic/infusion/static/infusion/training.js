// Plays a recorded session: moves the moment on and asks the server what stood then. Nothing is drawn that the server has not stored.
const TICK_MS = 500;
const SETTLE_MS = 3000;
const CHART_APART_MS = 1000;
const form = document.getElementById("player");
const chart = document.getElementById("chart");
const act = (name) => form.querySelector(`[data-act=${name}]`);
const seek = form.elements.s, play = act("play"), speed = act("speed"), moment = form.querySelector("[data-place=moment]");
let at = Number(seek.value);
let playing = false;
let ticked = Date.now();
let moved = Date.now();

const clocked = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

function say() {
  const when = new Date(Date.parse(`${form.dataset.opened.slice(0, 19)}Z`) + at * 1000).toISOString().slice(11, 19);
  moment.textContent = `${when} · ${clocked(at)} / ${clocked(Number(seek.max))}`;
  seek.setAttribute("aria-valuetext", `${clocked(at)} ${form.dataset.since}`);
  chart.dataset.chart = `${form.dataset.chart}?s=${Math.floor(at)}`;
}

function run(on) {
  playing = on;
  ticked = moved = Date.now();
  play.textContent = on ? form.dataset.pause : form.dataset.play;
}

// While it plays, and for a moment after it was moved, every part is asked for anew.
function tick() {
  const now = Date.now();
  if (playing) {
    at = Math.min(Number(seek.max), at + (now - ticked) / 1000 * Number(speed.value));
    seek.value = String(Math.floor(at));
    if (at >= Number(seek.max)) run(false);
    moved = now;
  }
  ticked = now;
  if (now - moved > SETTLE_MS) return;
  say();
  document.body.dispatchEvent(new Event("changed"));
}

function step(seconds) {
  at = Math.min(Number(seek.max), Math.max(0, at + seconds));
  seek.value = String(Math.floor(at));
  moved = Date.now();
  say();
}

chart.dataset.apart = String(CHART_APART_MS);
act("show").hidden = true;
for (const button of form.querySelectorAll("button[hidden]:not([data-act=show])")) button.hidden = false;
for (const button of form.querySelectorAll("[data-step]")) button.addEventListener("click", () => step(Number(button.dataset.step)));
play.addEventListener("click", () => { if (!playing && at >= Number(seek.max)) at = 0; run(!playing); });
seek.addEventListener("input", () => step(Number(seek.value) - at));
form.addEventListener("submit", (event) => event.preventDefault());
say();
setInterval(tick, TICK_MS);
