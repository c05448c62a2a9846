// A form that no tablet keeps (a signature, a second person, a correction) asks first whether the server is there, unless the page has
// just heard from it: going there in vain would lose what was typed. Gone, the form says so in its place, and when it is back.
const AGAIN_MS = 3000;
const JUST_MS = 1000;
const LONGEST_MS = 4000;
const bar = document.getElementById("unsent");
const passed = new WeakSet();
const asking = new WeakSet();
let heard = 0;
document.addEventListener("beat", () => { heard = Date.now(); });

const reached = () => fetch("/offline/", { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(LONGEST_MS) }).then((answer) => answer.ok, () => false);

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!bar?.dataset.by || event.defaultPrevented || !form.matches("[data-not-kept]")) return;
  if (passed.delete(form)) return;
  if (navigator.onLine && Date.now() - heard < JUST_MS) return;
  event.preventDefault();
  if (asking.has(form)) return;
  asking.add(form);
  const there = await reached();
  asking.delete(form);
  if (there) go(form, event.submitter);
  else say(form, bar.dataset.gone, "error");
});

function go(form, button) {
  if (button && !button.isConnected) return say(form, bar.dataset.there, "note"); // told anew meanwhile: which button it was counts
  passed.add(form);
  return form.requestSubmit(button);
}

export function say(form, words, kind) {
  let note = form.querySelector("[data-at-once]");
  if (!note) {
    note = document.createElement("p");
    note.dataset.atOnce = "";
    note.setAttribute("role", "alert");
    form.append(note);
    note.scrollIntoView({ block: "nearest" });
  }
  if (note.className !== kind) note.textContent = words;
  note.className = kind;
}

setInterval(async () => {
  const waiting = document.querySelectorAll("p.error[data-at-once]");
  if (waiting.length && (await reached())) for (const note of waiting) say(note.closest("form"), bar.dataset.there, "note");
}, AGAIN_MS);
