// The check before the start is told anew when anybody has done something, part by part. A part that somebody is filling in stays as it is,
// and says what was answered there meanwhile.
const place = document.querySelector(".before[data-anew]");

const touched = (control) => control.hasAttribute("data-typed") || (control.type === "radio" || control.type === "checkbox" ? control.checked !== control.defaultChecked : control.type !== "hidden" && control.value !== control.defaultValue);
const typing = (part) => part.contains(document.activeElement) || [...part.querySelectorAll("input")].some(touched);

function told(part, fresh) {
  let line = part.querySelector("[data-meanwhile-said]");
  if (!line) {
    line = document.createElement("span");
    line.className = "warning";
    line.dataset.meanwhileSaid = "";
    line.setAttribute("role", "status");
    part.append(line);
  }
  line.textContent = `${place.dataset.meanwhile}: ${fresh.dataset.answer} (${fresh.dataset.by})`;
}

async function anew(event) {
  if (event.detail && event.detail.idle) return;
  const answer = await fetch(place.dataset.anew).catch(() => ({ ok: false }));
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of place.querySelectorAll("[data-part]")) {
    const fresh = page.getElementById(part.id);
    if (!fresh) continue;
    if (!typing(part)) part.replaceWith(fresh);
    else if (fresh.dataset.by && (fresh.dataset.answer !== part.dataset.answer || fresh.dataset.by !== part.dataset.by)) told(part, fresh);
  }
}

if (place) document.body.addEventListener("changed", anew);
