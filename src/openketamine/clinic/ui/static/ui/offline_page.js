// The page for when the server is gone: how much this tablet holds, and back to where one was as soon as the server answers.
const KEPT = "openketamine-unsent";
const AGAIN_MS = 3000;

function held() {
  const count = JSON.parse(localStorage.getItem(KEPT) || "[]").length;
  document.querySelector("#held b").textContent = String(count);
}

async function look() {
  const answer = await fetch("/offline/", { method: "HEAD", cache: "no-store" }).catch(() => ({ ok: false }));
  if (answer.ok) location.reload();
}

held();
if (location.pathname !== "/offline/") setInterval(look, AGAIN_MS);
