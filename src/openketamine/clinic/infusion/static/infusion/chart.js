// Draws the chair's two plots over one time axis. Everything drawn comes from the server; nothing is smoothed or invented.
const drug = document.getElementById("drug-plot");
const vitals = document.getElementById("vitals-plot");
const form = document.getElementById("what-if");
const colour = (name) => {
  const probe = document.createElement("span");
  probe.className = `c-${name}`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
};
let plots = [];
let asked = null;

function merged(columns) {
  return uPlot.join(columns.map(([x, ...ys]) => [x, ...ys]));
}

function steps(rows) {
  return [rows.map((row) => row[0]), rows.map((row) => row[1])];
}

function drugData(d) {
  const p = d.prediction;
  const none = [[], [], [], [], [], []];
  const level = p ? [p.times, p.person.p05, p.person.p50, p.person.p95, p.population.p05, p.population.p95] : none;
  const what = d.what_if ? [d.what_if.times, d.what_if.person.p50] : [[], []];
  return merged([steps(d.planned), steps(d.delivered), level, what]);
}

function vitalsData(d) {
  const cuff = [d.cuff.map((c) => c.at), d.cuff.map((c) => c.systolic), d.cuff.map((c) => c.diastolic)];
  const p = d.prediction;
  const band = p && p.systolic ? [p.times, p.systolic.p05, p.systolic.p50, p.systolic.p95, p.systolic_population.p05, p.systolic_population.p95] : [[], [], [], [], [], []];
  const what = d.what_if && d.what_if.systolic ? [d.what_if.times, d.what_if.systolic.p50] : [[], []];
  return merged([cuff, steps(d.vitals.heart_rate), steps(d.vitals.spo2), band, what]);
}

const spanned = { spanGaps: true };
const dots = (name, label, scale) => ({ label, scale, stroke: colour(name), paths: () => null, points: { show: true, size: 5, fill: colour(name) } });

function marks(u, d) {
  const { ctx, bbox } = u;
  const px = (minute) => u.valToPos(minute, "x", true);
  ctx.save();
  ctx.setLineDash([]);
  ctx.strokeStyle = colour("ink");
  ctx.fillStyle = colour("ink");
  ctx.font = `${11 * devicePixelRatio}px system-ui`;
  ctx.globalAlpha = 0.5;
  ctx.beginPath();
  ctx.moveTo(px(d.now), bbox.top);
  ctx.lineTo(px(d.now), bbox.top + bbox.height);
  ctx.stroke();
  ctx.globalAlpha = 1;
  for (const event of d.events) ctx.fillText(String(event.number), px(event.at) + 2, bbox.top + 12 * devicePixelRatio);
  ctx.restore();
}

function checks(u, d) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.font = `${12 * devicePixelRatio}px system-ui`;
  for (const due of d.dues) {
    ctx.fillStyle = colour(due.overdue ? "urgent" : due.done ? "calm" : "soft");
    ctx.fillText(due.done ? "●" : due.overdue ? "▲" : "○", u.valToPos(due.at, "x", true) - 4, bbox.top + bbox.height - 4);
  }
  ctx.restore();
}

function cuffs(u, d) {
  const { ctx } = u;
  ctx.save();
  ctx.setLineDash([]);
  ctx.strokeStyle = colour("bp");
  ctx.lineWidth = 2 * devicePixelRatio;
  for (const c of d.cuff) {
    const x = u.valToPos(c.at, "x", true);
    const w = 4 * devicePixelRatio;
    const top = u.valToPos(c.systolic, "y", true);
    ctx.beginPath();
    ctx.moveTo(x - w, top - w); ctx.lineTo(x, top); ctx.lineTo(x + w, top - w);
    if (c.diastolic !== null && c.diastolic !== undefined) {
      const low = u.valToPos(c.diastolic, "y", true);
      ctx.moveTo(x - w, low + w); ctx.lineTo(x, low); ctx.lineTo(x + w, low + w);
      ctx.moveTo(x, top); ctx.lineTo(x, low);
    }
    ctx.stroke();
  }
  ctx.restore();
}

const axis = (scale, label, side) => ({ scale, label, side, size: 48, labelSize: 16, stroke: colour("ink"), grid: { stroke: colour("line"), width: 0.5 }, ticks: { stroke: colour("line") }, font: "12px system-ui", labelFont: "12px system-ui" });
const width = () => Math.max(280, drug.clientWidth);

function draw(d) {
  for (const plot of plots) plot.destroy();
  const x = { time: false, range: [0, d.end] };
  const common = { width: width(), legend: { show: false }, cursor: { drag: { x: false, y: false } } };
  const bands = d.prediction ? [{ series: [7, 6], fill: colour("popfill") }, { series: [5, 3], fill: colour("bandfill") }] : [];
  const step = uPlot.paths.stepped({ align: 1 });
  const level = (label, name, more) => ({ label, scale: "level", stroke: colour(name), width: 1, points: { show: false }, ...spanned, ...more });
  plots = [
    new uPlot({
      ...common, height: 220, bands, scales: { x, rate: { range: (u, lo, hi) => [0, Math.max(hi || 0, 10) * 1.1] }, level: { range: (u, lo, hi) => [0, Math.max(hi || 0, 10) * 1.1] } },
      axes: [axis("x", "", 2), axis("rate", drug.dataset.rateLabel, 3), axis("level", drug.dataset.levelLabel, 1)],
      series: [{}, { label: "planned", scale: "rate", stroke: colour("soft"), dash: [3, 4], paths: step, points: { show: false }, ...spanned }, { label: "delivered", scale: "rate", stroke: colour("accent"), width: 2, paths: step, points: { show: false }, ...spanned },
        level("5 %", "predict"), level("50 %", "predict", { dash: [6, 3], width: 2 }), level("95 %", "predict"), level("population 5 %", "soft"), level("population 95 %", "soft"), level("what if", "warn", { dash: [2, 3], width: 2 })],
      hooks: { draw: [(u) => marks(u, d)] },
    }, drugData(d), drug),
    new uPlot({
      ...common, height: 260, scales: { x, y: { range: (u, lo, hi) => [40, Math.max(hi || 0, 160) + 10] }, spo2: { range: [70, 100] } },
      axes: [axis("x", "min", 2), axis("y", "mmHg, /min", 3), axis("spo2", "SpO2 %", 1)],
      series: [{}, { label: "systolic", scale: "y", paths: () => null, points: { show: false } }, { label: "diastolic", scale: "y", paths: () => null, points: { show: false } }, dots("hr", "HR", "y"), dots("spo2", "SpO2", "spo2"), ...["predict", "predict", "predict", "soft", "soft"].map((name, i) => ({ label: `systolic ${i}`, scale: "y", stroke: colour(name), width: i === 1 ? 2 : 0.7, dash: i === 1 ? [6, 3] : i > 2 ? [2, 3] : [], points: { show: false }, ...spanned })), { label: "systolic, what if", scale: "y", stroke: colour("warn"), width: 2, dash: [2, 3], points: { show: false }, ...spanned }],
      bands: d.prediction && d.prediction.systolic ? [{ series: [9, 8], fill: colour("popfill") }, { series: [7, 5], fill: colour("bandfill") }] : [],
      hooks: { draw: [(u) => cuffs(u, d), (u) => checks(u, d)] },
    }, vitalsData(d), vitals),
  ];
}

const APART_MS = 2000;
let drawn = 0;
let busy = false;

// The stream may change twice a second; the picture follows at most every two seconds, one request at a time.
function follow() {
  if (!busy && Date.now() - drawn >= APART_MS) refresh();
}

async function refresh() {
  busy = true;
  drawn = Date.now();
  const query = asked === null ? "" : `?rate=${encodeURIComponent(asked)}`;
  const answer = await fetch(drug.dataset.chart + query, { headers: { Accept: "application/json" } }).catch(() => ({ ok: false }));
  busy = false;
  if (answer.ok) draw(await answer.json());
}

if (drug) {
  document.body.addEventListener("changed", follow);
  addEventListener("resize", refresh);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", refresh);
  refresh();
}
if (form) {
  const out = form.querySelector("output");
  const ask = (rate) => {
    asked = rate;
    out.textContent = rate === null ? "" : `${rate} mL/h: nothing is recorded`;
    refresh();
  };
  form.addEventListener("submit", (event) => { event.preventDefault(); ask(form.rate.value.trim() || null); });
  form.addEventListener("reset", () => ask(null));
  form.querySelector("[data-rate]").addEventListener("click", () => ask("0"));
}
