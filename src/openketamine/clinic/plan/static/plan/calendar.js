// Moving an appointment by drag or by key fills in its own form and sends it: one way into the record, with or without a script.
const DAY_MS = 86400000, HALF_HOUR = 30, MINUTES_PER_DAY = 1440;
let dragged = null;

function send(appointment, change) {
  const form = appointment.querySelector("form");
  for (const [name, value] of Object.entries(change)) form.elements[name].value = value;
  form.submit();
}

function shiftedDay(text, days) {
  return new Date(Date.parse(`${text}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

function shiftedTime(text, minutes) {
  const [hour, minute] = text.split(":").map(Number);
  const moved = (hour * 60 + minute + minutes + MINUTES_PER_DAY) % MINUTES_PER_DAY;
  return `${String(Math.floor(moved / 60)).padStart(2, "0")}:${String(moved % 60).padStart(2, "0")}`;
}

function moved(form, key) {
  if (key === "ArrowLeft") return { on: shiftedDay(form.elements.on.value, -1) };
  if (key === "ArrowRight") return { on: shiftedDay(form.elements.on.value, 1) };
  if (key === "ArrowUp") return { at: shiftedTime(form.elements.at.value, -HALF_HOUR) };
  if (key === "ArrowDown") return { at: shiftedTime(form.elements.at.value, HALF_HOUR) };
  return null;
}

for (const appointment of document.querySelectorAll(".appointment")) {
  appointment.addEventListener("dragstart", () => { dragged = appointment; });
  appointment.addEventListener("keydown", (event) => {
    const change = event.shiftKey && event.target === appointment ? moved(appointment.querySelector("form"), event.key) : null;
    if (!change) return;
    event.preventDefault();
    send(appointment, change);
  });
}

for (const cell of document.querySelectorAll("td[data-day]")) {
  cell.addEventListener("dragover", (event) => event.preventDefault());
  cell.addEventListener("drop", (event) => {
    event.preventDefault();
    if (dragged) send(dragged, { on: cell.dataset.day, chair: cell.dataset.chair });
  });
}
