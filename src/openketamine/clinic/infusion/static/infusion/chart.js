// The chair's chart: everything drawn comes from the server; nothing is smoothed or invented. Follows now until it is dragged.
import { Panels } from "./panels.js";
import { Rows } from "./rows.js";

const TABLE_MS = 5000;
const STEP_MIN = 15;
const WINDOW_MIN = 105;
const LONGEST_MIN = 180;
const root = document.getElementById("chart");
const APART_MS = Number((root && root.dataset.apart) || 2000);
const view = { from: 0, to: WINDOW_MIN, review: false };
const IDLE_MS = 9000; // a dot stands for ten seconds
let latest = null;
let asked = null;
let drawn = 0;
let told = 0;
let busy = false;
let later = 0;

if (root) begin();

function begin() {
  const place = (name) => root.querySelector(`[data-place=${name}]`);
  const words = root.dataset;
  const panels = new Panels({ drug: place("drug"), pressure: place("pressure"), saturation: place("saturation"), strip: place("strip") }, { now: words.now, hr: words.hr, rr: words.rr }, view, hover);
  const rows = new Rows(place("rows"), { oxygen: words.oxygen, events: words.events, checks: words.checks, done: words.done, overdue: words.overdue, due: words.due }, view);
  const readouts = root.querySelectorAll("[data-place^=readout]"), names = place("names"), banner = place("review"), span = place("span");

  function follow(d) {
    if (view.review) return;
    const wide = d.ended ? Math.min(LONGEST_MIN, Math.max(WINDOW_MIN, d.end - d.begin)) : WINDOW_MIN;
    const from = Math.max(d.begin, Math.min(d.now - wide * 0.65, d.end - wide));
    Object.assign(view, { from, to: from + wide });
  }

  function draw(d) {
    latest = d;
    follow(d);
    panels.update(d);
    place2();
    const learned = document.getElementById("learned");
    if (learned) learned.textContent = d.learned;
    name(d);
    say(d.said);
    if (Date.now() - told > TABLE_MS) tables();
  }

  // A sentence is written again only when it says something else: a screen reader reads aloud what is written.
  function say(said) {
    for (const line of root.querySelectorAll("[data-said]")) { const words2 = said[line.dataset.said]; if (line.textContent !== words2) line.textContent = words2; }
  }

  // A table that lies open is told anew every few seconds.
  function tables() {
    told = Date.now();
    for (const table of root.querySelectorAll("details.as-table[open] [hx-get]")) table.dispatchEvent(new Event("told"));
  }

  // A panel takes its place only after the code that built it has returned.
  function place2() {
    requestAnimationFrame(() => { const over = panels.plots[0].over; rows.draw(latest, over.offsetLeft, over.clientWidth); });
  }

  function name(d) {
    const known = [["k-level", d.prediction], ["k-stopped", d.stopped], ["k-asked", d.what_if], ["k-measured", d.levels.length && { name: words.measured }]];
    const wanted = known.filter(([, curve]) => curve), says = wanted.map(([kind, curve]) => kind + curve.name).join();
    if (names.dataset.says === says) return;
    names.dataset.says = says;
    names.replaceChildren(...wanted.map(([kind, curve]) => { const node = document.createElement("span"); node.className = kind; node.textContent = curve.name; return node; }));
  }

  function review(from, to) {
    const wide = Math.max(2, to - from), first = latest ? Math.max(latest.begin - wide / 2, Math.min(from, latest.end - wide / 2)) : from;
    Object.assign(view, { from: first, to: first + wide, review: true });
    shown();
  }

  function shown() {
    root.classList.toggle("in-review", view.review);
    banner.hidden = !view.review;
    hover(null);
    if (!latest) return;
    follow(latest);
    span.textContent = `${Math.round(view.from)} – ${Math.round(view.to)}`;
    panels.frame();
    place2();
  }

  // Value, time, device, who: what was measured nearest to the minute under the pointer, never in between.
  function hover(minute) {
    const said = minute === null || !latest ? [] : read(minute);
    for (const readout of readouts) readout.replaceChildren(...said.map((words2) => { const node = document.createElement("span"); node.textContent = words2; return node; }));
  }

  function read(minute) {
    const near = (list, at, within) => list.reduce((best, one) => (Math.abs(at(one) - minute) <= within && (!best || Math.abs(at(one) - minute) < Math.abs(at(best) - minute)) ? one : best), null);
    const when = (at) => new Date(Date.parse(`${latest.origin.slice(0, 19)}Z`) + at * 60000).toISOString().slice(11, 19); // the clinic's own clock
    const said = [`${words.minute} ${minute.toFixed(1)} (${when(minute)})`];
    const held = (list) => list.reduce((rate, one) => (one[0] <= minute ? one[1] : rate), null);
    const rate = minute <= latest.now ? held(latest.delivered) : null, plan = held(latest.planned);
    if (rate !== null || plan !== null) said.push(`${words.rate} ${rate ?? "—"} (${words.planned} ${plan ?? "—"}) mL/h`);
    const cuff = near(latest.cuff, (c) => c.at, 4);
    if (cuff) said.push(`${cuff.systolic}/${cuff.diastolic ?? "—"} mmHg ${when(cuff.at)} ${cuff.source}`);
    for (const [signal, label] of [["heart_rate", words.hr], ["spo2", "SpO2"], ["respiratory_rate", words.rr]]) {
      const dot = near(latest.vitals[signal], (one) => one[0], 0.75);
      if (dot) said.push(`${label} ${dot[1]} ${when(dot[0])} ${dot[2]}`);
    }
    const level = near(latest.levels, (one) => one.at, 4);
    if (level) said.push(`${words.measured} ${level.value} ng/mL ${level.site} ${when(level.at)}`);
    const p = latest.prediction;
    if (p && minute >= p.times[0]) {
      const i = p.times.reduce((best, at, k) => (Math.abs(at - minute) < Math.abs(p.times[best] - minute) ? k : best), 0);
      said.push(`${words.model}, ${p.site}${minute > latest.now ? `, ${p.name},` : ""} ${Math.round(p.person.p50[i])} (${Math.round(p.person.p05[i])}-${Math.round(p.person.p95[i])}) ng/mL`);
    }
    const oxygen = latest.oxygen.find((one) => one.from <= minute && minute < one.to), happened = near(latest.events, (one) => one.at, 0.75);
    if (oxygen) said.push(`${words.oxygen} ${oxygen.says}`);
    if (happened) said.push(`${happened.number} ${happened.says} ${happened.by}`);
    for (const scale of latest.scales) {
      const score = near(scale.levels, (one) => one.at, 4);
      if (score) said.push(`${scale.name} ${score.says} ${when(score.at)} ${score.by}`);
    }
    return said;
  }

  async function refresh() {
    busy = true;
    drawn = Date.now();
    const address = new URL(root.dataset.chart, location.href);
    if (asked !== null) address.searchParams.set("rate", asked);
    if (latest) address.searchParams.set("after", latest.upto);
    const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => ({ ok: false }));
    busy = false;
    if (!answer.ok) return;
    const d = await answer.json();
    if (latest && d.after && (d.origin !== latest.origin || d.bound !== latest.bound)) { latest = null; refresh(); return; }
    performance.mark("chart-update");
    if (latest && d.after) for (const signal of Object.keys(d.vitals)) d.vitals[signal] = merged(latest.vitals[signal], d.vitals[signal]);
    draw(d);
    performance.measure("chart-update", "chart-update");
  }

  // What changes too soon after a drawing is drawn as soon as it may be.
  function soon() {
    clearTimeout(later);
    const due = drawn + APART_MS - Date.now();
    if (busy || due > 0) later = setTimeout(soon, Math.max(due, 100));
    else refresh();
  }

  function ask(rate) {
    asked = rate;
    for (const out of document.querySelectorAll("output.predicted")) out.textContent = rate === null ? "" : `${rate === "plan" ? words.plan : `${rate} mL/h`}: ${words.nothing}`;
    refresh();
  }

  drag(root, panels, review);
  // On a phone what is read stands at the other end of the screen than the finger.
  root.addEventListener("pointermove", (event) => root.classList.toggle("read-above", event.clientY > innerHeight / 2));
  root.addEventListener("pointerdown", (event) => root.classList.toggle("read-above", event.clientY > innerHeight / 2));
  for (const button of root.querySelectorAll("[data-by]")) button.addEventListener("click", () => { const by = STEP_MIN * Number(button.dataset.by); review(view.from + by, view.to + by); });
  root.querySelector("[data-follow]").addEventListener("click", () => { view.review = false; shown(); });
  document.body.addEventListener("changed", (event) => { if (!(event.detail && event.detail.idle && Date.now() - drawn < IDLE_MS)) soon(); });
  addEventListener("resize", () => { if (latest) draw(latest); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (latest) { panels.build(latest); place2(); } });
  const form = document.getElementById("what-if");
  if (form) whatIf(form, ask);
  previews(form ? ask : () => {});
  hover(null);
  refresh();
}

// What was told before, with what is new of a stream: the last reading of each ten seconds, as the server thins them.
function merged(known, fresh) {
  const bucket = (dot) => Math.floor((dot[0] * 60) / 10), all = known.slice();
  for (const dot of fresh) {
    let place = all.length;
    while (place && bucket(all[place - 1]) > bucket(dot)) place -= 1;
    const same = place && bucket(all[place - 1]) === bucket(dot);
    if (!same) all.splice(place, 0, dot);
    else if (all[place - 1][0] <= dot[0]) all[place - 1] = dot;
  }
  return all;
}

// Dragging sideways on the panels moves the window, and so does dragging the window over the strip; dragging elsewhere on the strip
// chooses another one. The page is then in review and says so.
function drag(place, panels, review) {
  let from = null;
  const minute = (event) => { const over = panels.strip.over.getBoundingClientRect(), { begin, end } = latest; return begin + (event.clientX - over.left) / over.width * (end - begin); };
  for (const panel of place.querySelectorAll(".plot")) {
    const strip = panel.dataset.place === "strip";
    panel.addEventListener("pointerdown", (event) => {
      if (!latest) return;
      const at = minute(event), within = at > view.from && at < view.to && view.to - view.from < 0.95 * (latest.end - latest.begin);
      from = { x: event.clientX, at, strip, choose: strip && !within, view: { ...view } };
    });
  }
  addEventListener("pointerup", () => { from = null; });
  addEventListener("pointercancel", () => { from = null; });
  addEventListener("pointermove", (event) => {
    if (!from || event.buttons === 0 || Math.abs(event.clientX - from.x) < 6) return;
    const at = minute(event), share = (from.x - event.clientX) / panels.plots[0].over.clientWidth;
    if (from.choose) { review(Math.max(latest.begin, Math.min(from.at, at)), Math.min(latest.end, Math.max(from.at, at))); return; }
    const moved = from.strip ? at - from.at : share * (from.view.to - from.view.from);
    review(from.view.from + moved, from.view.to + moved);
  });
}

// Asking writes nothing.
function whatIf(form, ask) {
  form.addEventListener("submit", (event) => { event.preventDefault(); ask(form.rate.value.trim() || null); });
  form.addEventListener("reset", () => ask(null));
  for (const button of form.querySelectorAll("[data-rate]")) button.addEventListener("click", () => ask(button.dataset.rate));
}

// Typing a rate into a form that records one shows its curve, and its button says what it would record, at which time of the clinic's clock.
function previews(ask) {
  for (const recorder of document.querySelectorAll("form[data-preview]")) {
    const field = recorder.elements.rate_ml_per_h, happened = recorder.elements.happened, button = recorder.querySelector("button"), says = button.textContent;
    let waiting = 0, time = recorder.dataset.now;
    const preview = () => {
      const rate = field.value.trim(), words = rate ? recorder.dataset.preview.replace("{rate}", rate).replace("{time}", happened.value || time) : says;
      if (button.textContent !== words) button.textContent = words;
    };
    document.addEventListener("beat", (event) => { time = event.detail.slice(11, 16); preview(); });
    happened.addEventListener("input", preview);
    field.addEventListener("input", () => {
      preview();
      clearTimeout(waiting);
      waiting = setTimeout(() => ask(field.value.trim() || null), 400);
    });
  }
}
