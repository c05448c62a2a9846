// What a browser does only on a page that comes over https or from this machine: say what is off, keep the screen awake, have a page for when the server is gone.
let lock = null;

async function awake() {
  if (lock || document.visibilityState !== "visible" || !document.querySelector("#live, #board")) return;
  try {
    lock = await navigator.wakeLock.request("screen");
    lock.addEventListener("release", () => { lock = null; });
  } catch {
    lock = null; // the device saves power or refuses: the bedside monitor stays the primary alarm
  }
}

if (!window.isSecureContext) {
  const off = document.getElementById("insecure");
  if (off) off.hidden = false;
} else {
  if ("wakeLock" in navigator) {
    document.addEventListener("visibilitychange", awake);
    awake();
  }
  if ("serviceWorker" in navigator && document.body.dataset.stream) navigator.serviceWorker.register("/offline-worker.js").catch(() => null);
}
