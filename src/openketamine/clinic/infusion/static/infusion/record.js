// Recording from a tablet: a form is kept here until the server has it, each with a key of its own so that none counts twice.
const KEPT = "openketamine-unsent";
const NOT_TAKEN = "openketamine-not-taken";
const SAID = "openketamine-told";
const AGAIN_MS = 3000;
const HOLD_MS = 600;
const bar = document.getElementById("unsent");

const kept = () => JSON.parse(localStorage.getItem(KEPT) || "[]");
const keep = (list) => { localStorage.setItem(KEPT, JSON.stringify(list)); show(); };
const notTaken = () => JSON.parse(localStorage.getItem(NOT_TAKEN) || "[]");
const told = () => JSON.parse(sessionStorage.getItem(SAID) || "[]");
const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
const clock = (at) => new Date(at).toLocaleTimeString();
// What somebody else has recorded here is sent once they sign in again: nothing goes under another name.
const mine = (one) => !one.by || one.by === bar.dataset.by;

// Says how much is not with the server yet, and what; a form that was recorded is marked until it is.
function show() {
  if (!bar) return;
  const rows = kept();
  bar.hidden = rows.length === 0;
  bar.querySelector("b").textContent = String(rows.length);
  bar.querySelector("ul").replaceChildren(...rows.map((one) => {
    const line = document.createElement("li");
    line.textContent = `${clock(one.at)} ${one.what}${mine(one) ? "" : ` (${one.by}: ${bar.dataset.others})`}`;
    return line;
  }));
  if (rows.length || document.querySelector("form[data-unsent]")) for (const form of document.forms) {
    if (rows.some((one) => mine(one) && from(form, one))) form.dataset.unsent = bar.dataset.unsent;
    else delete form.dataset.unsent;
  }
}

// Whether what is kept came from a form, also when the page was told anew meanwhile: the same address, the same thing that it is about.
const OWN = ["key", "csrfmiddlewaretoken"];
function from(form, one) {
  const body = new URLSearchParams(one.body);
  const about = Array.from(form.querySelectorAll("input[type=hidden]")).filter((field) => !OWN.includes(field.name));
  return (form.getAttribute("action") || location.pathname) === one.url && about.every((field) => body.get(field.name) === field.value);
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
  if (sending || !kept().some(mine)) return;
  sending = true;
  const said = [];
  let url = "";
  try {
    for (let first = kept().find(mine); first; first = kept().find(mine)) {
      const answer = await send(first);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (answer.ok) {
        said.push(...Array.from(page.querySelectorAll("main > p[role=status]:not([hidden])"), (line) => [line.className, line.textContent]));
        url = answer.url;
      } else refuse(first, page, answer.status);
      keep(kept().filter((one) => one.body !== first.body));
    }
  } catch {
    url = "";
    show();
  } finally {
    sending = false;
    sessionStorage.setItem(SAID, JSON.stringify([...told(), ...said]));
  }
  if (url) location.assign(url); // what the server says takes the page's place
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
    line.querySelector("span").textContent = `${clock(row.at)} ${row.what}: ${row.reason}`;
    line.querySelector("button").addEventListener("click", () => {
      localStorage.setItem(NOT_TAKEN, JSON.stringify(notTaken().filter((_, other) => other !== number)));
      list();
    });
    return line;
  }));
}

// Says what a form holds as people read it: the button that was pressed, what it is about, and what was typed or chosen anew.
function words(form, button) {
  const said = Array.from(form.elements).filter((field) => field.labels && field.labels.length && changed(field)).map((field) => {
    if (field.type !== "radio") return `${text(field.labels[0])} ${field.type === "checkbox" ? "" : field.selectedOptions ? field.selectedOptions[0].textContent : field.value}`.trim();
    const group = field.closest("[role=radiogroup], fieldset");
    const asked = group && (document.getElementById(group.getAttribute("aria-labelledby")) || group.querySelector("legend"));
    return `${asked ? text(asked) : ""} ${text(field.labels[0])}`.trim();
  });
  return [button ? button.getAttribute("aria-label") || text(button) : "", form.dataset.what, ...said].filter(Boolean).join(", ");
}

const text = (node) => node.textContent.trim().replace(/\s+/g, " ");
const changed = (field) => field.type === "radio" || field.type === "checkbox" ? field.checked && !field.defaultChecked : field.value && (field.selectedOptions || field.value !== field.defaultValue);

function take(form, button) {
  const body = new URLSearchParams(new FormData(form));
  if (button && button.name) body.set(button.name, button.value);
  body.set("key", fresh());
  keep([...kept(), { url: form.getAttribute("action") || location.pathname, body: body.toString(), what: words(form, button), at: Date.now(), by: bar.dataset.by }]);
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
// What the server said of the last forms is shown once on the page that follows them.
for (const [kind, words] of told()) {
  const note = document.createElement("p");
  note.className = kind;
  note.setAttribute("role", "status");
  note.textContent = words;
  bar.before(note);
}
sessionStorage.removeItem(SAID);

// The first field of the check sheet is where typing begins.
const sheet = document.querySelector("details.typed-check");
const begin = () => { if (sheet && sheet.open) sheet.querySelector("input:not([type=hidden])").focus(); };
if (sheet) sheet.addEventListener("toggle", begin);
begin(); // it may have been opened before this came
for (const link of document.querySelectorAll("[data-unfolds]")) link.addEventListener("click", () => { sheet.open = true; });

list();
show();
setInterval(flush, AGAIN_MS);
addEventListener("online", flush);
document.addEventListener("htmx:after:swap", () => { if (bar && !bar.hidden) show(); });
flush();
