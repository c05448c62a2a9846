// What is drawn by hand on a plot: bands and curves of the model, cuff pressures, now, oxygen. Measured is filled; predicted is hollow and fades.
const FADE_MIN = 60;
const known = new Map();

// Colours come from the style sheet, looked up once for each scheme.
export function colour(name) {
  const key = `${name}${matchMedia("(prefers-color-scheme: dark)").matches}`;
  if (!known.has(key)) {
    const probe = document.createElement("span");
    probe.className = `c-${name}`;
    document.body.append(probe);
    known.set(key, getComputedStyle(probe).color);
    probe.remove();
  }
  return known.get(key);
}

const ratio = () => devicePixelRatio || 1;

export function inside(u, draw) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.setLineDash([]);
  draw(ctx, (minute) => u.valToPos(minute, "x", true));
  ctx.restore();
}

function pale(fill, alpha) {
  return fill.replace(/rgba?\(([^)]+)\)/, (_, inner) => {
    const parts = inner.split(/[ ,/]+/).filter(Boolean);
    const base = parts.length > 3 ? parseFloat(parts[3]) / (parts[3].endsWith("%") ? 100 : 1) : 1;
    return `rgba(${parts.slice(0, 3).join(",")},${base * alpha})`;
  });
}

// A band is full up to now and fades over the hour ahead.
export function band(u, scale, times, low, high, name, now) {
  if (!low) return;
  inside(u, (ctx, x) => {
    const fade = ctx.createLinearGradient(x(now), 0, x(now + FADE_MIN), 0);
    fade.addColorStop(0, colour(name));
    fade.addColorStop(1, pale(colour(name), 0.35));
    ctx.fillStyle = fade;
    ctx.beginPath();
    times.forEach((minute, i) => ctx.lineTo(x(minute), u.valToPos(high[i], scale, true)));
    for (let i = times.length - 1; i >= 0; i--) ctx.lineTo(x(times[i]), u.valToPos(low[i], scale, true));
    ctx.fill();
  });
}

export function edges(u, scale, times, low, high) {
  if (!low) return;
  inside(u, (ctx, x) => {
    ctx.strokeStyle = colour("soft");
    ctx.lineWidth = 0.7 * ratio();
    ctx.setLineDash([2 * ratio(), 4 * ratio()]);
    for (const row of [low, high]) {
      ctx.beginPath();
      times.forEach((minute, i) => ctx.lineTo(x(minute), u.valToPos(row[i], scale, true)));
      ctx.stroke();
    }
  });
}

// What has been computed from recorded rates is a dashed line; what lies ahead is hollow rings that fade.
export function curve(u, scale, times, row, name, now, from = -Infinity) {
  if (!row) return;
  inside(u, (ctx, x) => {
    ctx.strokeStyle = colour(name);
    ctx.lineWidth = 1.6 * ratio();
    ctx.setLineDash([6 * ratio(), 3 * ratio()]);
    ctx.beginPath();
    times.forEach((minute, i) => { if (minute >= from && minute <= now) ctx.lineTo(x(minute), u.valToPos(row[i], scale, true)); });
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.lineWidth = 1.3 * ratio();
    times.forEach((minute, i) => {
      if (minute <= now || minute < from) return;
      ctx.globalAlpha = Math.max(0.12, 0.85 - (minute - now) / FADE_MIN * 0.75);
      ctx.beginPath();
      ctx.arc(x(minute), u.valToPos(row[i], scale, true), 3 * ratio(), 0, 7);
      ctx.stroke();
    });
  });
}

export function nowLine(u, d, word = "") {
  inside(u, (ctx, x) => {
    ctx.strokeStyle = colour("ink");
    ctx.globalAlpha = 0.55;
    ctx.lineWidth = 1.5 * ratio();
    ctx.beginPath();
    ctx.moveTo(x(d.now), u.bbox.top);
    ctx.lineTo(x(d.now), u.bbox.top + u.bbox.height);
    ctx.stroke();
    write(ctx, word, x(d.now) + 4 * ratio(), u.bbox.top + 12 * ratio(), "ink");
    if (typeof d.doubtful === "number") {
      ctx.globalAlpha = 0.25;
      ctx.fillStyle = colour("soft");
      ctx.fillRect(x(d.doubtful), u.bbox.top, x(d.end) - x(d.doubtful), u.bbox.height);
    }
  });
}

export function cuffs(u, d, wing = 4.5) {
  inside(u, (ctx, x) => {
    ctx.strokeStyle = colour("bp");
    ctx.lineWidth = 2 * ratio();
    const w = wing * ratio();
    for (const cuff of d.cuff) {
      const at = x(cuff.at), high = u.valToPos(cuff.systolic, "y", true);
      ctx.beginPath();
      ctx.moveTo(at - w, high - w); ctx.lineTo(at, high); ctx.lineTo(at + w, high - w);
      if (typeof cuff.diastolic === "number") {
        const low = u.valToPos(cuff.diastolic, "y", true);
        ctx.moveTo(at - w, low + w); ctx.lineTo(at, low); ctx.lineTo(at + w, low + w);
      }
      ctx.stroke();
    }
  });
}

function write(ctx, words, left, base, name) {
  ctx.fillStyle = colour(name);
  Object.assign(ctx, { font: `${12 * ratio()}px system-ui`, textAlign: "left", textBaseline: "alphabetic" });
  ctx.fillText(words, left, base);
}

// What a row of dots is, in words after its last one: colour alone says it to few.
export function named(u, dots, words, name) {
  const last = dots[dots.length - 1];
  if (last) inside(u, (ctx, x) => write(ctx, words, Math.min(x(last[0]) + 8 * ratio(), u.bbox.left + u.bbox.width - 70 * ratio()), u.valToPos(last[1], "y", true) + 4 * ratio(), name));
}

// A level that a laboratory measured is a filled square with its site beside it: the curve is arterial, and a venous level lies below it.
export function measured(u, d) {
  inside(u, (ctx, x) => {
    const w = 4 * ratio();
    for (const one of d.levels) {
      const at = x(one.at), high = u.valToPos(one.value, "level", true);
      ctx.fillStyle = colour("ink");
      ctx.fillRect(at - w, high - w, 2 * w, 2 * w);
      write(ctx, one.site, at + 2 * w, high + w, "ink");
    }
  });
}
