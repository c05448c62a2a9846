// The panels of the chair's chart: rate with level, pressure with rates per minute, saturation; and the strip of the whole visit. One x axis.
import { band, colour, cuffs, curve, edges, measured, named, nowLine } from "./marks.js";

const FONT = "13px system-ui";
const ROOMY = "(min-width: 64.01rem) and (min-height: 50rem)";
const SCORED = 18; // pixels of a row of scores
const SHARES = [0.354, 0.432, 0.214];
// The last reading of each minute, as on paper: more cannot be told apart in the strip.
const minutely = (rows) => rows.filter((row, i) => i + 1 === rows.length || Math.floor(rows[i + 1][0]) !== Math.floor(row[0]));
const limited = (value, least, most) => Math.max(least, Math.min(most, value));

// Where the window has room the strip takes three tenths of what is drawn, and everything fits between header and lower edge; elsewhere it gives way.
export function heights(scales) {
  const roomy = matchMedia(ROOMY).matches, all = roomy ? limited(innerHeight - 380 - SCORED * scales, 450, 780) : 572, strip = Math.round(all * (roomy ? 0.3 : 0.15));
  return { panels: SHARES.map((share) => Math.round((all - strip) * share)), strip };
}

// Names of rows stand in the left gutter where there is room for them, else above their row.
export const gutter = (width) => (width < 560 ? 36 : 92);
// Light lines and heavy lines of time, as on the paper grid: five minutes and fifteen.
export const lines = (span) => (span <= 45 ? [1, 5] : span <= 240 ? [5, 15] : [15, 60]);
const every = (u, which) => { const { min, max } = u.scales.x, step = lines(max - min)[which], from = Math.ceil(min / step) * step; return Array.from({ length: Math.max(0, Math.floor((max - from) / step) + 1) }, (_, i) => from + i * step); };
const time = (which, name, more) => ({ scale: "x", side: 2, size: 4, splits: (u) => every(u, which), values: (u, at) => at.map(() => null), stroke: colour("soft"), grid: { stroke: colour(name), width: 1 }, ticks: { show: false }, font: FONT, ...more });
const light = () => time(0, "line", { side: 0, size: 1 });
const heavy = () => time(1, "heavy");
const minutes = () => time(1, "heavy", { size: 22, gap: 3, values: (u, at) => at.map((minute) => `${minute}`) });
const axis = (scale, side, size, more = {}) => ({ scale, side, size, gap: 5, stroke: colour("soft"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false }, font: FONT, ...more });
const joined = (columns) => uPlot.join(columns.map((column) => (column.length ? column : [[], []])));
const columns = (rows, wide = 2) => Array.from({ length: wide }, (_, i) => rows.map((row) => row[i]));
const highest = (...rows) => Math.max(...rows.flatMap((row) => row || []), 0);
const dots = (label, name, scale) => ({ label, scale, stroke: colour(name), paths: () => null, points: { show: true, size: 5, width: 0, fill: colour(name) } });
const hidden = (scale) => ({ scale, paths: () => null, points: { show: false } });

export class Panels {
  constructor(places, words, view, onHover) {
    Object.assign(this, { places, words, view, onHover, d: null });
  }

  build(d) {
    this.d = d;
    this.width = Math.max(280, this.places.drug.clientWidth);
    this.gutter = gutter(this.width);
    this.high = heights(d.scales.length);
    for (const plot of [...(this.plots || []), this.strip]) if (plot) plot.destroy();
    this.plots = [this.drug(), this.pressure(), this.saturation()];
    this.strip = this.overview();
    this.frame();
  }

  update(d) {
    if (!this.plots || this.places.drug.clientWidth !== this.width || heights(d.scales.length).strip !== this.high.strip) return this.build(d);
    this.d = d;
    this.plots.forEach((plot, i) => plot.setData([this.drugData, this.pressureData, this.saturationData][i].call(this)));
    this.strip.setData(this.stripData());
    this.frame();
    return undefined;
  }

  // Moves every panel to the window in view; dots shrink as it grows.
  frame() {
    const size = limited(this.plots[0].over.clientWidth / (this.view.to - this.view.from) * 0.6, 3, 7);
    for (const plot of this.plots) {
      for (const one of plot.series) if (one.points && one.points.size) one.points.size = size;
      plot.setScale("x", { min: this.view.from, max: this.view.to });
    }
    const [left, right] = [this.view.from, this.view.to].map((minute) => limited(this.strip.valToPos(minute, "x"), 0, this.strip.over.clientWidth));
    this.strip.setSelect({ left, width: Math.max(2, right - left), top: 0, height: this.strip.over.clientHeight }, false);
  }

  common(height, axes, scales, series, hooks, right) {
    return {
      width: this.width, height, axes, series, legend: { show: false }, padding: [7, right ? 0 : this.gutter, 0, 0],
      cursor: { drag: { x: false, y: false }, sync: { key: "chair", setSeries: false, scales: ["x", null] }, points: { show: false }, y: false },
      scales: { x: { time: false, range: () => [this.view.from, this.view.to] }, ...scales },
      hooks: { ...hooks, setCursor: [(u) => this.onHover(u.cursor.left >= 0 ? u.posToVal(u.cursor.left, "x") : null)] },
    };
  }

  drugData() {
    const p = this.d.prediction;
    return joined([columns(this.d.planned), columns(this.d.delivered), p ? [p.times, p.person.p50] : []]);
  }

  drug() {
    const stepped = uPlot.paths.stepped({ align: 1 });
    const level = () => { const d = this.d, p = d.prediction; return [0, Math.max(50, highest(p && p.person.p95, p && p.population.p95, d.levels.map((one) => one.value), d.what_if && d.what_if.person.p50)) * 1.08]; };
    const rate = () => [0, Math.max(20, highest(this.d.planned.map((r) => r[1]), this.d.delivered.map((r) => r[1]))) * 1.15];
    const series = [{}, { scale: "rate", stroke: colour("soft"), width: 1.5, dash: [2, 4], paths: stepped, points: { show: false }, spanGaps: true }, { scale: "rate", stroke: colour("accent"), width: 2.5, paths: stepped, points: { show: false }, spanGaps: true }, hidden("level")];
    const back = (u) => {
      const { prediction: p, stopped, what_if: asked, now } = this.d;
      if (!p) return;
      edges(u, "level", p.times, p.population.p05, p.population.p95);
      band(u, "level", p.times, p.person.p05, p.person.p95, "bandfill", now);
      curve(u, "level", p.times, p.person.p50, "predict", now);
      if (stopped) curve(u, "level", stopped.times, stopped.person.p50, "soft", now, now);
      if (asked) curve(u, "level", asked.times, asked.person.p50, "warn", now, now);
    };
    return new uPlot(this.common(this.high.panels[0], [light(), heavy(), axis("rate", 3, this.gutter), axis("level", 1, this.gutter, { grid: { show: false }, stroke: colour("predict") })], { rate: { range: rate }, level: { range: level } }, series, { drawAxes: [back], draw: [(u) => measured(u, this.d), (u) => nowLine(u, this.d, this.words.now)] }, true), this.drugData(), this.places.drug);
  }

  pressureData() {
    const { cuff, vitals } = this.d;
    return joined([[cuff.map((c) => c.at), cuff.map((c) => c.systolic), cuff.map((c) => c.diastolic)], columns(vitals.heart_rate), columns(vitals.respiratory_rate)]);
  }

  pressure() {
    const range = () => {
      const d = this.d, p = d.prediction, high = highest(d.cuff.map((c) => c.systolic), d.vitals.heart_rate.map((r) => r[1]), p && p.systolic && p.systolic.p95, [150]);
      return [0, Math.ceil(high / 10) * 10 + 10];
    };
    const back = (u) => {
      const { prediction: p, what_if: asked, now } = this.d;
      if (!p || !p.systolic) return;
      edges(u, "y", p.times, p.systolic_population.p05, p.systolic_population.p95);
      band(u, "y", p.times, p.systolic.p05, p.systolic.p95, "bandfill", now);
      curve(u, "y", p.times, p.systolic.p50, "predict", now);
      if (asked && asked.systolic) curve(u, "y", asked.times, asked.systolic.p50, "warn", now, now);
    };
    const series = [{}, hidden("y"), hidden("y"), dots("hr", "hr", "y"), dots("rr", "rr", "y")];
    return new uPlot(this.common(this.high.panels[1], [light(), heavy(), axis("y", 3, this.gutter)], { y: { range } }, series, { drawAxes: [back], draw: [(u) => cuffs(u, this.d), (u) => nowLine(u, this.d), (u) => ["hr", "rr"].forEach((one) => named(u, this.d.vitals[one === "hr" ? "heart_rate" : "respiratory_rate"], this.words[one], one))] }, false), this.pressureData(), this.places.pressure);
  }

  saturationData() {
    return joined([columns(this.d.vitals.spo2)]);
  }

  saturation() {
    const range = () => [Math.min(88, ...this.d.vitals.spo2.map((r) => r[1] - 2)), 100.5];
    return new uPlot(this.common(this.high.panels[2], [light(), minutes(), axis("spo2", 3, this.gutter, { incrs: [2, 5, 10, 20] })], { spo2: { range } }, [{}, dots("spo2", "spo2", "spo2")], { draw: [(u) => nowLine(u, this.d)] }, false), this.saturationData(), this.places.saturation);
  }

  stripData() {
    const { cuff, delivered, vitals } = this.d;
    return joined([columns(delivered), [cuff.map((c) => c.at), cuff.map((c) => c.systolic)], columns(minutely(vitals.heart_rate))]);
  }

  // The whole visit in one look: the rate as an area, the model's level, cuff pressures and heart rate.
  overview() {
    const fixed = (low, high) => ({ range: () => [low, high()] });
    const level = (u) => { const { prediction: p, now } = this.d; if (p) curve(u, "level", p.times, p.person.p50, "predict", now); };
    const top = () => { const p = this.d.prediction; return Math.max(50, highest(p && p.person.p50)) * 1.1; };
    return new uPlot({
      width: this.width, height: this.high.strip, legend: { show: false }, padding: [4, this.gutter, 0, 0], cursor: { show: false },
      scales: { x: { time: false, range: () => [this.d.begin, this.d.end] }, rate: fixed(0, () => Math.max(20, highest(this.d.delivered.map((r) => r[1]))) * 1.4), y: fixed(40, () => Math.max(190, highest(this.d.cuff.map((c) => c.systolic)) + 10)), level: fixed(0, top) },
      axes: [light(), minutes(), axis("y", 3, this.gutter, { grid: { show: false }, splits: () => [50, 100, 150] })],
      series: [{}, { scale: "rate", stroke: colour("accent"), fill: colour("popfill"), width: 1, paths: uPlot.paths.stepped({ align: 1 }), points: { show: false }, spanGaps: true }, hidden("y"), { ...dots("hr", "hr", "y"), points: { show: true, size: 3, width: 0, fill: colour("hr") } }],
      hooks: { drawAxes: [level], draw: [(u) => cuffs(u, this.d, 3), (u) => nowLine(u, this.d)] },
    }, this.stripData(), this.places.strip);
  }
}
