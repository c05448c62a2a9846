// Recording from a tablet: a form is kept here until the server has it, each with a key of its own so that none counts twice.
const KEPT = "openketamine-unsent";
const SAID = "openketamine-said";
const AGAIN_MS = 3000;
const HOLD_MS = 600;
const bar = document.getElementById("unsent");

const kept = () => JSON.parse(localStorage.getItem(KEPT) || "[]");
const keep = (list) => { localStorage.setItem(KEPT, JSON.stringify(list)); show(list.length); };
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
    while (kept().length) {
      const first = kept()[0];
      const answer = await send(first);
      keep(kept().filter((one) => one.body !== first.body));
      if (!kept().length || !answer.ok) return await arrived(answer);
    }
  } catch {
    show(kept().length);
  } finally {
    sending = false;
  }
  return undefined;
}

// What the server says takes the page's place; a refusal is shown with its reason and nothing is lost.
async function arrived(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (answer.ok) {
    sessionStorage.setItem(SAID, Array.from(page.querySelectorAll("main > .note"), (note) => note.textContent).join(" "));
    return location.assign(answer.url);
  }
  const said = page.querySelector("[role=alert]:not([hidden]).error") || page.querySelector(".errorlist");
  const line = document.getElementById("refused");
  line.hidden = false;
  line.textContent = said ? said.textContent.trim() : String(answer.status);
  return line.focus();
}

function take(form, button) {
  const body = new URLSearchParams(new FormData(form));
  if (button && button.name) body.set(button.name, button.value);
  body.set("key", fresh());
  keep([...kept(), { url: form.getAttribute("action") || location.pathname, body: body.toString(), at: Date.now() }]);
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

show(kept().length);
setInterval(flush, AGAIN_MS);
addEventListener("online", flush);
flush();
