// The panels of the chair's chart: rate with level, pressure with rates per minute, saturation; and the strip of the whole visit. One x axis.
import { band, colour, cuffs, curve, edges, measured, nowLine } from "./marks.js";

const GUTTER = 40;
const LABEL = 15;
const SIDE = GUTTER + LABEL;
const FONT = "12px system-ui";
const axis = (scale, label, side, more = {}) => ({ scale, label, side, size: GUTTER, labelSize: LABEL, labelGap: 0, gap: 3, stroke: colour("soft"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false }, font: FONT, labelFont: FONT, ...more });
const bare = () => ({ show: true, size: 4, values: () => [], stroke: "transparent", grid: { stroke: colour("line"), width: 1 }, ticks: { show: false } });
const minutes = () => ({ scale: "x", side: 2, size: 22, gap: 2, stroke: colour("soft"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false }, font: FONT, incrs: [1, 2, 5, 10, 15, 30, 60], values: (u, at) => at.map((minute) => `${minute}`) });
const joined = (columns) => uPlot.join(columns.map((column) => (column.length ? column : [[], []])));
const columns = (rows, wide = 2) => Array.from({ length: wide }, (_, i) => rows.map((row) => row[i]));
const highest = (...rows) => Math.max(...rows.flatMap((row) => row || []), 0);
const dots = (label, name, scale) => ({ label, scale, stroke: colour(name), paths: () => null, points: { show: true, size: 5, width: 0, fill: colour(name) } });
const hidden = (scale) => ({ scale, paths: () => null, points: { show: false } });

export class Panels {
  constructor(places, words, view, onHover, onSelect) {
    Object.assign(this, { places, words, view, onHover, onSelect, d: null });
  }

  build(d) {
    this.d = d;
    this.width = Math.max(280, this.places.drug.clientWidth);
    for (const plot of [...(this.plots || []), this.strip]) if (plot) plot.destroy();
    this.plots = [this.drug(), this.pressure(), this.saturation()];
    this.strip = this.overview();
    this.frame();
  }

  update(d) {
    if (!this.plots || this.places.drug.clientWidth !== this.width) return this.build(d);
    this.d = d;
    this.plots.forEach((plot, i) => plot.setData([this.drugData, this.pressureData, this.saturationData][i].call(this)));
    this.strip.setData(this.stripData());
    this.frame();
    return undefined;
  }

  // Moves every panel to the window in view.
  frame() {
    for (const plot of this.plots) plot.setScale("x", { min: this.view.from, max: this.view.to });
    const left = this.strip.valToPos(this.view.from, "x"), right = this.strip.valToPos(this.view.to, "x");
    this.strip.setSelect({ left, width: Math.max(2, right - left), top: 0, height: this.strip.over.clientHeight }, false);
  }

  common(height, axes, scales, series, hooks, right) {
    return {
      width: this.width, height, axes, series, legend: { show: false }, padding: [7, right ? 0 : SIDE, 0, 0],
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
    return new uPlot(this.common(172, [bare(), axis("rate", this.words.rate, 3), axis("level", this.words.level, 1, { grid: { show: false } })], { rate: { range: rate }, level: { range: level } }, series, { drawAxes: [back], draw: [(u) => measured(u, this.d), (u) => nowLine(u, this.d)] }, true), this.drugData(), this.places.drug);
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
    return new uPlot(this.common(210, [bare(), axis("y", this.words.pressure, 3)], { y: { range } }, series, { drawAxes: [back], draw: [(u) => cuffs(u, this.d), (u) => nowLine(u, this.d)] }, false), this.pressureData(), this.places.pressure);
  }

  saturationData() {
    return joined([columns(this.d.vitals.spo2)]);
  }

  saturation() {
    const range = () => [Math.min(88, ...this.d.vitals.spo2.map((r) => r[1] - 2)), 100.5];
    return new uPlot(this.common(104, [minutes(), axis("spo2", this.words.spo2, 3, { incrs: [2, 5, 10, 20] })], { spo2: { range } }, [{}, dots("spo2", "spo2", "spo2")], { draw: [(u) => nowLine(u, this.d)] }, false), this.saturationData(), this.places.saturation);
  }

  stripData() {
    const { cuff, delivered } = this.d;
    return joined([columns(delivered), [cuff.map((c) => c.at), cuff.map((c) => c.systolic)]]);
  }

  overview() {
    const select = (u) => { if (u.select.width > 4) this.onSelect(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x")); };
    const fixed = (low, high) => ({ range: () => [low, high()] });
    return new uPlot({
      width: this.width, height: 84, legend: { show: false }, padding: [4, SIDE, 0, 0], cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
      scales: { x: { time: false, range: () => [this.d.begin, this.d.end] }, rate: fixed(0, () => Math.max(20, highest(this.d.delivered.map((r) => r[1]))) * 1.4), y: fixed(60, () => Math.max(190, highest(this.d.cuff.map((c) => c.systolic)) + 10)) },
      axes: [minutes(), { show: true, size: SIDE, scale: "y", values: () => [], grid: { show: false }, ticks: { show: false } }],
      series: [{}, { scale: "rate", stroke: colour("accent"), fill: colour("bandfill"), width: 1, paths: uPlot.paths.stepped({ align: 1 }), points: { show: false }, spanGaps: true }, dots("systolic", "bp", "y")],
      hooks: { setSelect: [select], draw: [(u) => nowLine(u, this.d)] },
    }, this.stripData(), this.places.strip);
  }
}
