// The patient's own page at the chair: a press is sent until it is heard, answered by sound and touch, and the page keeps awake.
const AGAIN_MS = 1500;
const BEAT_MS = 5000;
const root = document.getElementById("help");
const words = root ? root.dataset : {};
const said = root && root.querySelector("[role=status]");
const waiting = [];
let sound = null;

const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

// Two rising tones: heard. One low tone: no connection, use the bell.
function tones(...pitches) {
  sound = sound || new AudioContext();
  pitches.forEach((pitch, i) => {
    const voice = sound.createOscillator(), volume = sound.createGain();
    voice.frequency.value = pitch;
    volume.gain.value = 0.25;
    voice.connect(volume).connect(sound.destination);
    voice.start(sound.currentTime + i * 0.22);
    voice.stop(sound.currentTime + i * 0.22 + 0.2);
  });
}

function tell(text, good) {
  said.textContent = text;
  said.classList.toggle("lost-link", !good);
}

async function post(address, fields) {
  const body = new URLSearchParams({ ...fields, csrfmiddlewaretoken: root.querySelector("[name=csrfmiddlewaretoken]").value });
  const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function flush() {
  while (waiting.length) {
    try {
      const answer = await post(location.pathname, waiting[0]);
      waiting.shift();
      if (navigator.vibrate) navigator.vibrate([200, 100, 200]);
      tones(520, 780);
      tell(answer.says, true);
    } catch {
      tones(180);
      tell(words.lost, false);
      setTimeout(flush, AGAIN_MS);
      return;
    }
  }
}

async function beat() {
  try {
    const answer = await post(words.beat, {});
    if (answer.over) location.reload();
    else if (answer.says) tell(answer.says, true);
    else if (said.classList.contains("lost-link")) tell("", true);
  } catch {
    tell(words.lost, false);
  }
}

async function awake() {
  if (navigator.wakeLock && document.visibilityState === "visible") await navigator.wakeLock.request("screen").catch(() => null);
}

if (root) {
  root.addEventListener("submit", (event) => {
    event.preventDefault();
    waiting.push({ asks: event.submitter.value, key: fresh() });
    tell(words.sending, true);
    flush();
  });
  document.addEventListener("visibilitychange", awake);
  awake();
  beat();
  setInterval(beat, BEAT_MS);
}
