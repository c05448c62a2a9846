// The rows under the panels, on the same minutes: oxygen as stretches of time, numbered events, drugs with totals, checks due.
const made = (tag, className, text = "") => { const node = document.createElement(tag); node.className = className; node.textContent = text; return node; };

export class Rows {
  constructor(place, words, view) {
    Object.assign(this, { place, words, view });
  }

  // `left` and `width` are the plot area of the panels in CSS pixels.
  draw(d, left, width) {
    this.place.style.setProperty("--gutter", `${left}px`);
    this.place.style.setProperty("--plot", `${width}px`);
    const at = (minute) => (minute - this.view.from) / (this.view.to - this.view.from) * width;
    const seen = (minute) => minute >= this.view.from && minute <= this.view.to;
    const rows = [this.row(this.words.oxygen, d.oxygen.filter((o) => o.to > this.view.from && o.from < this.view.to).map((o) => this.stretch(o, at, width)))];
    rows.push(this.row(this.words.events, d.events.filter((e) => seen(e.at)).map((e) => this.event(e, at))));
    for (const drug of d.drugs) rows.push(this.row(drug.name, drug.doses.filter((dose) => seen(dose.at)).map((dose) => this.mark(dose, at)), drug.total));
    rows.push(this.row(this.words.checks, d.dues.filter((due) => seen(due.at)).map((due) => this.due(due, at))));
    this.place.replaceChildren(...rows);
  }

  row(name, marks, total = "") {
    const row = made("div", "trace"), track = made("div", "track");
    track.append(...marks);
    row.append(made("span", "trace-name", name), track, made("span", "trace-total", total));
    return row;
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

  event(event, at) {
    const node = made("a", `event event-${event.kind}`, String(event.number));
    node.href = `#event-${event.number}`;
    node.title = `${event.says}, ${event.by}`;
    node.setAttribute("aria-label", `${event.number}: ${event.says}`);
    return this.put(node, at(event.at) - 12);
  }

  mark(dose, at) {
    return this.put(made("span", "dose", dose.dose), at(dose.at));
  }

  due(due, at) {
    const [sign, words] = due.done ? ["●", this.words.done] : due.overdue ? ["▲", this.words.overdue] : ["○", this.words.due];
    const node = made("span", `due-mark ${due.done ? "done" : due.overdue ? "overdue" : ""}`, sign);
    node.title = `${words}, ${due.at} min`;
    return this.put(node, at(due.at) - 7);
  }
}
