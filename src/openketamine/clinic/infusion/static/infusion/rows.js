// The rows under the panels, on the same minutes: oxygen as stretches of time, numbered events, drugs with totals, checks due, what was scored.
import { gutter, lines } from "./panels.js";

const made = (tag, className, text = "") => { const node = document.createElement(tag); node.className = className; node.textContent = text; return node; };
const LETTER = 7.5;
const WIDE = { event: 28, due: 16, score: (words) => 3 + LETTER * words.length, dose: (words) => 12 + LETTER * words.length };

export class Rows {
  constructor(place, words, view) {
    Object.assign(this, { place, words, view, drawn: "" });
  }

  // `left` and `width` are the plot area of the panels in CSS pixels. What has not changed is left alone, so that a finger finds it where it was.
  draw(d, left, width) {
    const at = (minute) => (minute - this.view.from) / (this.view.to - this.view.from) * width;
    const step = lines(this.view.to - this.view.from)[1], first = Math.ceil(this.view.from / step) * step;
    const px = { gutter: left, plot: width, now: at(d.now), step: at(first + step) - at(first), shift: at(first) };
    for (const [name, value] of Object.entries(px)) this.place.style.setProperty(`--${name}`, `${Math.round(value * 10) / 10}px`);
    const wanted = JSON.stringify([this.view, left, width, d.oxygen, d.events, d.drugs, d.dues, d.scales]);
    if (wanted === this.drawn) return;
    this.drawn = wanted;
    const held = this.place.contains(document.activeElement) && document.activeElement.getAttribute("href");
    this.place.replaceChildren(...this.rows(d, at, left, width));
    if (held) { const again = this.place.querySelector(`[href="${held}"]`); if (again) again.focus({ preventScroll: true }); }
  }

  rows(d, at, left, width) {
    const seen = (minute) => minute >= this.view.from && minute <= this.view.to;
    const marks = (list, mark, wide, end = Infinity) => this.placed(list.filter((one) => seen(one.at)), at, mark, wide, end);
    const beside = left === gutter(0) ? 0 : left; // what of a total reaches into the plot
    const drugs = d.drugs.map((drug) => this.row(drug.name, marks(drug.doses, (dose) => made("span", "dose", dose.dose), (dose) => WIDE.dose(dose.dose), beside ? width + beside - WIDE.dose(drug.total) : Infinity), drug.total));
    const oxygen = d.oxygen.filter((o) => o.to > this.view.from && o.from < this.view.to).map((o) => this.stretch(o, at, width));
    const scales = d.scales.map((scale) => this.row(scale.name, marks(scale.levels, (one) => this.score(scale.name, one), (one) => WIDE.score(one.says)), "", "trace levels"));
    return [this.row(this.words.oxygen, oxygen), this.row(this.words.events, marks(d.events, (e) => this.event(e), () => WIDE.event), "", "trace happened"), ...drugs, this.row(this.words.checks, marks(d.dues, (due) => this.due(due), () => WIDE.due)), ...scales];
  }

  row(name, marks, total = "", kind = "trace") {
    const row = made("div", kind), track = made("div", "track"), lanes = Math.max(0, ...marks.map((mark) => mark.lane || 0));
    track.append(...marks);
    track.style.setProperty("--lanes", String(lanes + 1));
    row.append(made("span", "trace-name", name), track);
    if (total) row.append(made("span", "trace-total", total));
    return row;
  }

  // Each mark at its minute, on a further line where it would lie on another or run into the total.
  placed(list, at, mark, wide, end) {
    const ends = [];
    return list.map((one) => {
      const node = mark(one), from = at(one.at) - (Number(node.dataset.half) || 0), upto = from + wide(one);
      let lane = ends.findIndex((taken) => taken <= from);
      if (lane < 0) lane = ends.length;
      if (lane === 0 && upto > end) lane = Math.max(1, ends.slice(1).findIndex((taken) => taken <= from) + 1);
      ends[lane] = upto;
      if (lane > 0 && ends[0] === undefined) ends[0] = 0;
      node.lane = lane;
      node.style.setProperty("--lane", String(lane));
      return this.put(node, from);
    });
  }

  put(node, left) {
    node.style.transform = `translateX(${Math.round(left)}px)`;
    return node;
  }

  stretch(o, at, width) {
    const from = Math.max(0, at(o.from)), node = made("span", o.says.startsWith("air") ? "stretch" : "stretch oxygen", o.says);
    node.style.width = `${Math.max(2, Math.min(width, at(o.to)) - from)}px`;
    return this.put(node, from);
  }

  event(event) {
    const node = made("a", `event event-${event.kind}`, String(event.number));
    node.href = `#event-${event.number}`;
    node.dataset.half = "12";
    node.title = `${event.says}, ${event.by}`;
    node.setAttribute("aria-label", `${event.number}: ${event.says}`);
    return node;
  }

  due(due) {
    const [sign, words] = due.done ? ["●", this.words.done] : due.overdue ? ["▲", this.words.overdue] : ["○", this.words.due];
    const node = made("span", `due-mark ${due.done ? "done" : due.overdue ? "overdue" : ""}`, sign);
    node.dataset.half = "7";
    node.title = `${words}, ${due.at} min`;
    return node;
  }

  score(name, one) {
    const node = made("span", "score", one.says);
    node.dataset.half = "5";
    node.title = `${name} ${one.says}, ${Math.round(one.at)} min, ${one.by}`;
    return node;
  }
}
