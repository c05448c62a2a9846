// Sends what this tablet holds as soon as the server answers, from any page, each row once and only for whoever recorded it; says what
// waits, what was refused, and what the server said. What waits can be taken back: the server is told that it never counts.
import { all, drop, put, settle } from "./kept.js";
import { altered, typed } from "./typed.js";

const AGAIN_MS = 3000;
const LONGEST_MS = 20000;
const SAID = "openketamine-told";
const bar = document.getElementById("unsent");
const refusals = document.getElementById("refused");
const by = bar.dataset.by;

const told = () => JSON.parse(sessionStorage.getItem(SAID) || "[]");
const clock = (at) => new Date(at).toLocaleTimeString();
// What somebody else has recorded here is sent once they sign in again: nothing goes under another name.
const mine = (one) => one.by === by;
const elsewhere = (one) => (one.from === location.pathname || !one.where ? "" : `${one.where}: `);

// Says how much is not with the server yet, and what; a form that was recorded is marked until it is. Who is not signed in sees whose.
let shown = "";
export async function show() {
  const rows = await all("unsent");
  bar.hidden = rows.length === 0;
  const now = JSON.stringify(rows.map((one) => [one.number, one.back]));
  if (now !== shown) {
    bar.querySelector("b").textContent = String(rows.length);
    const lines = by ? rows.map(line) : [...new Set(rows.map((one) => one.by))].map((who) => entry(`${who}: ${bar.dataset.others}`));
    bar.querySelector("ul").replaceChildren(...lines);
    shown = now;
  }
  for (const form of document.forms) {
    if (rows.some((one) => mine(one) && !one.back && came(form, one))) form.dataset.unsent = bar.dataset.unsent;
    else if (form.dataset.unsent) delete form.dataset.unsent;
  }
}

function entry(words) {
  const made = bar.querySelector("template").content.cloneNode(true);
  made.querySelector("span").textContent = words;
  made.querySelector("button").remove();
  return made;
}

function line(one) {
  const made = bar.querySelector("template").content.cloneNode(true);
  const words = made.querySelector("span");
  words.textContent = `${clock(one.at)} ${elsewhere(one)}${one.what}`;
  if (one.back) words.classList.add("taken-back");
  if (one.back) words.after(` ${bar.dataset.back} ${clock(one.back)}`);
  if (!mine(one)) words.append(` (${one.by}: ${bar.dataset.others})`);
  const button = made.querySelector("button");
  if (mine(one) && !one.back) button.addEventListener("click", () => takeBack(one));
  else button.remove();
  return made;
}

// Whether what is kept came from a form, also when the page was told anew meanwhile: the same address, the same thing that it is about.
const OWN = ["key", "csrfmiddlewaretoken", "shown"];
function came(form, one) {
  const body = new URLSearchParams(one.body);
  const about = Array.from(form.querySelectorAll("input[type=hidden]")).filter((field) => !OWN.includes(field.name));
  return (form.getAttribute("action") || location.pathname) === one.url && about.every((field) => body.get(field.name) === field.value);
}

// Whether a form still holds just what was sent, so that it can be emptied and nothing newer is lost.
function holds(form, one) {
  const body = new URLSearchParams(one.body);
  const other = (field) => (field.type === "radio" || field.type === "checkbox" ? field.checked && !body.getAll(field.name).includes(field.value) : body.get(field.name) !== field.value);
  return came(form, one) && !Array.from(form.elements).filter(altered).some(other);
}

export async function keep(one) {
  await put("unsent", { ...one, by, from: location.pathname, where: heading() });
  await show();
  flush();
}

const heading = () => { const found = document.querySelector("main h1"); return found ? found.textContent.trim().replace(/\s+/g, " ") : ""; };

// It may have reached the server and only the answer was lost: the server is told in its place, and says so where it stands already.
async function takeBack(one) {
  const body = new URLSearchParams(one.body);
  body.set("taken_back", `${clock(one.at)} ${one.what}`);
  await put("unsent", { ...one, body: body.toString(), back: Date.now() });
  await show();
  flush();
}

const token = () => { const found = document.querySelector("[name=csrfmiddlewaretoken]"); return found ? found.value : ""; };

// The seconds that a form has waited go with it, so that the server knows when it happened, and who recorded it.
async function send(one) {
  const body = new URLSearchParams(one.body);
  body.set("waited_s", String(Math.max(0, (Date.now() - one.at) / 1000)));
  body.set("by", one.by);
  body.set("csrfmiddlewaretoken", token());
  const answer = await fetch(one.url, { method: "POST", body, signal: AbortSignal.timeout(LONGEST_MS) });
  const stranger = answer.status === 403 || answer.url.includes("/people/sign-in/");
  bar.querySelector("[data-stranger]").hidden = !stranger;
  if (answer.status >= 500 || stranger) throw new Error("nobody has taken it yet");
  return answer;
}

// Of several tabs one sends at a time where the browser knows how; elsewhere the key of each row makes a second arrival do nothing.
const alone = (act) => (navigator.locks ? navigator.locks.request("openketamine-unsent", { ifAvailable: true }, (lock) => lock && act()) : act());

let sending = false;
export async function flush() {
  if (sending || !by) return;
  sending = true;
  await alone(sendAll).catch(() => null);
  sending = false;
  await show();
}

async function sendAll() {
  const next = async () => (await all("unsent")).find(mine);
  let [url, sent] = ["", 0];
  for (let one = await next(); one; one = await next()) {
    const answer = await send(one);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.ok) {
      say(Array.from(page.querySelectorAll("main > p[role=status]:not([hidden])"), (note) => [note.className, elsewhere(one) + note.textContent]));
      for (const form of document.forms) if (holds(form, one)) form.reset();
      if (one.from === location.pathname) url = answer.url;
    }
    sent += 1;
    await settle(one, answer.ok ? "" : reason(page, answer.status));
    if (!answer.ok) await list(true);
  }
  if (url && !typed()) location.assign(url); // what the server says takes the page's place
  else if (sent) anew();
}

function say(notes) {
  if (notes.length) sessionStorage.setItem(SAID, JSON.stringify([...told(), ...notes]));
}

// Where something is being typed the page stays; its live parts are told anew.
function anew() {
  tell();
  for (const name of ["changed", "told"]) document.body.dispatchEvent(new CustomEvent(name, { detail: {} }));
}

// Shows once what the server said of the last forms.
function tell() {
  for (const [kind, words] of told()) {
    const note = document.createElement("p");
    note.className = kind;
    note.setAttribute("role", "status");
    note.textContent = words;
    bar.before(note);
  }
  sessionStorage.removeItem(SAID);
}

function reason(page, status) {
  const said = page.querySelector("main [role=alert]:not([hidden]).error:not(#refused)") || page.querySelector("main .errorlist") || page.querySelector("main h1");
  return said ? said.textContent.trim() : String(status);
}

// What the server has refused stays in sight, with its reason and what was typed, until somebody dismisses it.
async function list(anew) {
  const rows = by ? await all("refused") : [];
  refusals.hidden = rows.length === 0;
  refusals.querySelector("ul").replaceChildren(...rows.map((row) => {
    const made = refusals.querySelector("template").content.cloneNode(true);
    made.querySelector("span").textContent = `${clock(row.at)} ${row.where ? `${row.where}: ` : ""}${row.what}: ${row.reason}`;
    made.querySelector("button").addEventListener("click", () => drop("refused", row.number).then(() => list(false)));
    return made;
  }));
  if (anew) refusals.focus();
}

tell();
list(false);
flush().then(show);
setInterval(flush, AGAIN_MS);
addEventListener("online", flush);
document.addEventListener("htmx:after:swap", () => { if (!bar.hidden) show(); });
if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
