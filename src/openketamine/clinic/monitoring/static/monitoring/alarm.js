// What a page with alarms does beside showing them: sound, tab title and tab icon.
// Urgent and warning sound differently: three quick high notes every 5 s, two slow low ones every 20 s. Answered alarms are silent.
const URGENT = { every: 5000, notes: [[880, 0], [880, 0.2], [988, 0.4]], length: 0.15 };
const WARNING = { every: 20000, notes: [[440, 0], [370, 0.5]], length: 0.35 };
const MARKS = { urgent: ["▲ ", "#c62828"], warning: ["△ ", "#b26a00"], "": ["", ""] };
const title = document.title;
const icon = document.querySelector("link[rel=icon]");
let context = null;
const last = { urgent: 0, warning: 0 };

function place() {
  return localStorage.getItem("sound-place") || "station";
}

function worst() {
  const loud = document.querySelectorAll("main .alarm:not(.answered), main [data-loud]");
  const found = [...loud].map((one) => one.dataset.loud || (one.classList.contains("urgent") ? "urgent" : one.classList.contains("warning") ? "warning" : ""));
  return found.includes("urgent") ? "urgent" : found.includes("warning") ? "warning" : "";
}

function drawn(color) {
  if (!color) return "data:,";
  const shape = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M8 1 15 15H1z" fill="${color}"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(shape)}`;
}

export function play(kind) {
  const sound = kind === "urgent" ? URGENT : WARNING;
  if (!context || context.state !== "running") return false;
  for (const [hertz, after] of sound.notes) {
    const note = context.createOscillator();
    const volume = context.createGain();
    note.frequency.value = hertz;
    volume.gain.setValueAtTime(0.4, context.currentTime + after);
    volume.gain.linearRampToValueAtTime(0, context.currentTime + after + sound.length);
    note.connect(volume).connect(context.destination);
    note.start(context.currentTime + after);
    note.stop(context.currentTime + after + sound.length);
  }
  document.documentElement.dataset.sounded = kind;
  return true;
}

function look() {
  const kind = worst();
  const [mark, color] = MARKS[kind];
  if (document.title !== mark + title) document.title = mark + title;
  if (icon && icon.getAttribute("href") !== drawn(color)) icon.setAttribute("href", drawn(color));
  const bar = document.getElementById("sound");
  const here = bar && bar.dataset.places.split(" ").includes(place());
  const silent = document.getElementById("no-sound");
  if (silent) silent.hidden = !here || (context !== null && context.state === "running");
  const elsewhere = document.getElementById("sound-elsewhere");
  if (elsewhere) elsewhere.hidden = Boolean(here);
  if (!kind || !here) return;
  const sound = kind === "urgent" ? URGENT : WARNING;
  if (Date.now() - last[kind] >= sound.every && play(kind)) last[kind] = Date.now();
}

async function allow() {
  context ||= new AudioContext();
  await context.resume();
  look();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-allow-sound]")) allow();
  const tone = event.target.closest("[data-test-tone]");
  if (tone) {
    localStorage.setItem("sound-place", tone.dataset.testTone);
    const heard = tone.form.querySelector("[data-heard]");
    allow().then(() => play("urgent") && (heard.disabled = false));
  }
});
document.addEventListener("htmx:after:swap", look);
look();
setInterval(look, 1000);
