// Recording from a tablet: a form is kept here until the server has it, each with a key of its own so that none counts twice.
import { say } from "../ui/at_once.js";
import { altered } from "../ui/typed.js";
import { keep, show } from "../ui/unsent.js";

const HOLD_MS = 600;
const bar = document.getElementById("unsent");
const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
// When this page last heard from the server, by the clinic's clock: nobody can have seen here what is newer.
let heard = "";
document.addEventListener("beat", (event) => { heard = event.detail; });

// Says what a form holds as people read it: the button that was pressed, what it is about, and what was typed or chosen anew.
function words(form, button) {
  const said = Array.from(form.elements).filter((field) => field.labels && field.labels.length && chosen(field)).map((field) => {
    if (field.type !== "radio") return `${text(field.labels[0])} ${field.type === "checkbox" ? "" : field.selectedOptions ? field.selectedOptions[0].textContent : field.value}`.trim();
    const group = field.closest("[role=radiogroup], fieldset");
    const asked = group && (document.getElementById(group.getAttribute("aria-labelledby")) || group.querySelector("legend"));
    return `${asked ? text(asked) : ""} ${text(field.labels[0])}`.trim();
  });
  return [button ? button.getAttribute("aria-label") || text(button) : "", form.dataset.what, ...said].filter(Boolean).join(", ");
}

const chosen = (field) => (field.type === "radio" || field.type === "checkbox" ? field.checked : field.value) && (field.selectedOptions || altered(field));
const text = (node) => node.textContent.trim().replace(/\s+/g, " ");

async function take(form, button) {
  const body = new URLSearchParams(new FormData(form));
  if (button && button.name) body.set(button.name, button.value);
  body.set("key", fresh());
  body.set("heard", heard);
  const one = { url: form.getAttribute("action") || location.pathname, body: body.toString(), what: words(form, button), at: Date.now() };
  await keep(one).catch(() => say(form, bar.dataset.full, "error"));
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

// The first field of the check sheet is where typing begins.
const sheet = document.querySelector("details.typed-check");
const begin = () => { if (sheet && sheet.open) sheet.querySelector("input:not([type=hidden])").focus(); };
if (sheet) sheet.addEventListener("toggle", begin);
begin(); // it may have been opened before this came
for (const link of document.querySelectorAll("[data-unfolds]")) link.addEventListener("click", () => { sheet.open = true; });

show();
