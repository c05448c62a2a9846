// The page for when the server is gone: how much this tablet holds, and back to where one was as soon as the server answers.
import { all } from "./kept.js";

const AGAIN_MS = 3000;

async function look() {
  const answer = await fetch("/offline/", { method: "HEAD", cache: "no-store" }).catch(() => ({ ok: false }));
  if (answer.ok) location.reload();
}

all("unsent").then((rows) => { document.querySelector("#held b").textContent = String(rows.length); });
if (location.pathname !== "/offline/") setInterval(look, AGAIN_MS);
