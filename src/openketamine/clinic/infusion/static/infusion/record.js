// Recording from a tablet: a form is kept here until the server has it, each with a key of its own so that none counts twice.
const KEPT = "openketamine-unsent";
const NOT_TAKEN = "openketamine-not-taken";
const SAID = "openketamine-said";
const AGAIN_MS = 3000;
const HOLD_MS = 600;
const bar = document.getElementById("unsent");

const kept = () => JSON.parse(localStorage.getItem(KEPT) || "[]");
const keep = (list) => { localStorage.setItem(KEPT, JSON.stringify(list)); show(list.length); };
const notTaken = () => JSON.parse(localStorage.getItem(NOT_TAKEN) || "[]");
const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

function show(count) {
  if (!bar) return;
  bar.hidden = count === 0;
  bar.querySelector("b").textContent = String(count);
}

// The seconds that a form has waited go with it: the server then knows when it happened.
async function send(one) {
  const body = new URLSearchParams(one.body);
  body.set("waited_s", String(Math.max(0, (Date.now() - one.at) / 1000)));
  body.set("csrfmiddlewaretoken", token());
  const answer = await fetch(one.url, { method: "POST", body });
  const away = answer.status >= 500 || answer.status === 403 || answer.url.includes("/people/sign-in/");
  if (away) throw new Error("nobody has taken it yet");
  return answer;
}

const token = () => { const found = document.querySelector("[name=csrfmiddlewaretoken]"); return found ? found.value : ""; };

let sending = false;
async function flush() {
  if (sending || !kept().length) return;
  sending = true;
  try {
    let taken = null;
    while (kept().length) {
      const first = kept()[0];
      const answer = await send(first);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (answer.ok) taken = { page, url: answer.url };
      else refuse(first, page, answer.status);
      keep(kept().filter((one) => one.body !== first.body));
    }
    if (taken) arrived(taken);
  } catch {
    show(kept().length);
  } finally {
    sending = false;
  }
}

// What the server says takes the page's place.
function arrived({ page, url }) {
  sessionStorage.setItem(SAID, Array.from(page.querySelectorAll("main > .note"), (note) => note.textContent).join(" "));
  location.assign(url);
}

// What the server has refused stays in sight, with its reason and what was typed, until somebody dismisses it.
function refuse(one, page, status) {
  const said = page.querySelector("main [role=alert]:not([hidden]).error:not(#refused)") || page.querySelector(".errorlist");
  const reason = said ? said.textContent.trim() : String(status);
  localStorage.setItem(NOT_TAKEN, JSON.stringify([...notTaken(), { what: one.what, at: one.at, reason }]));
  list();
  document.getElementById("refused").focus();
}

function list() {
  const place = document.getElementById("refused");
  if (!place) return;
  const rows = notTaken();
  place.hidden = rows.length === 0;
  place.querySelector("ul").replaceChildren(...rows.map((row, number) => {
    const line = place.querySelector("template").content.cloneNode(true);
    line.querySelector("span").textContent = `${new Date(row.at).toLocaleTimeString()} ${row.what}: ${row.reason}`;
    line.querySelector("button").addEventListener("click", () => {
      localStorage.setItem(NOT_TAKEN, JSON.stringify(notTaken().filter((_, other) => other !== number)));
      list();
    });
    return line;
  }));
}

// Says what a form holds as people read it: its labels and what was typed, and the button that was pressed.
function words(form, button) {
  const typed = Array.from(form.elements).filter((field) => field.labels && field.labels.length && field.value && (field.type !== "radio" || field.checked));
  const said = typed.map((field) => `${field.labels[0].textContent.trim()} ${field.selectedOptions ? field.selectedOptions[0].textContent : field.value}`);
  return [button ? button.textContent.trim() : "", ...said].filter(Boolean).join(", ");
}

function take(form, button) {
  const body = new URLSearchParams(new FormData(form));
  if (button && button.name) body.set(button.name, button.value);
  body.set("key", fresh());
  keep([...kept(), { url: form.getAttribute("action") || location.pathname, body: body.toString(), what: words(form, button), at: Date.now() }]);
  flush();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-queued]")) return;
  event.preventDefault();
  take(form, event.submitter);
});

// A button that must not be pressed by accident is held for 600 ms while it fills; released earlier, nothing is logged.
function held(button) {
  let timer = 0;
  const begin = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    if (event.repeat) return;
    event.preventDefault();
    button.classList.add("filling");
    timer = setTimeout(() => { end(); if (navigator.vibrate) navigator.vibrate(40); take(button.form, button); }, HOLD_MS);
  };
  const end = () => { clearTimeout(timer); button.classList.remove("filling"); };
  for (const name of ["pointerdown", "keydown"]) button.addEventListener(name, begin);
  for (const name of ["pointerup", "pointerleave", "pointercancel", "keyup", "blur"]) button.addEventListener(name, end);
  button.addEventListener("click", (event) => event.preventDefault());
}

for (const button of document.querySelectorAll("button[data-hold]")) held(button);
// What the server said of the last form is shown once on the page that follows it.
const last = sessionStorage.getItem(SAID);
if (last) {
  sessionStorage.removeItem(SAID);
  const note = document.createElement("p");
  note.className = "note";
  note.setAttribute("role", "status");
  note.textContent = last;
  bar.before(note);
}

// The first field of the check sheet is where typing begins.
const sheet = document.querySelector("details.typed-check");
const begin = () => { if (sheet && sheet.open) sheet.querySelector("input:not([type=hidden])").focus(); };
if (sheet) sheet.addEventListener("toggle", begin);
begin(); // it may have been opened before this came

list();
show(kept().length);
setInterval(flush, AGAIN_MS);
addEventListener("online", flush);
flush();
