"""`demo`: make the demo clinic if there is none, and run it: pages, listener and worker, restarted when one dies."""

import os
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

from openketamine.site.commands.arguments import Arguments, port
from openketamine.site.commands.django_setup import setup
from openketamine.site.commands.io import BadInput
from openketamine.site.commands.serve import listening
from openketamine.site.supervisor import Supervisor

SLOWEST, FASTEST = 0.1, 60.0
OURS = ("clinic.sqlite3*", "inbox.sqlite3*", "signins.txt", "secret.key", "signing.key", "static")


def run(argv: list[str]) -> int:
    """Start the demo clinic and keep its processes alive until interrupted."""
    parser = Arguments("demo")
    parser.add_argument("--port", type=port, default=8000)
    parser.add_argument("--speed", type=float, default=10.0)
    parser.add_argument("--fresh", action="store_true")
    parser.add_argument("--home", default="var/demo")
    options = parser.parse_args(argv)
    if not SLOWEST <= options.speed <= FASTEST:
        raise BadInput(f"--speed = {options.speed:g}: must be from {SLOWEST:g} to {FASTEST:g}")
    listening("127.0.0.1", options.port).close()
    home = Path(options.home).resolve()
    if options.fresh:
        forget(home)
    setup(str(home))
    signins = prepare(home, options.port, options.speed)
    keep_alive(home, options.port, signins)
    return 0


def forget(home: Path) -> None:
    """Delete an earlier demo; raises BadInput when the folder holds a real clinic, which is never deleted."""
    if not is_demo(home / "clinic.sqlite3"):
        raise BadInput(f"--fresh: {home} holds a real clinic; nothing was deleted. Name another folder with --home")
    for path in [path for pattern in OURS for path in home.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def is_demo(database: Path) -> bool:
    """Say whether a clinic's file is a demo's, or holds no clinic yet."""
    if not database.exists():
        return True
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as opened:
            return all(kind for (kind,) in opened.execute("SELECT is_demo FROM people_clinic"))
    except sqlite3.OperationalError:
        return True


def prepare(home: Path, pages: int, speed: float) -> str:
    """Bring the clinic to its two minutes; write the sign-ins for the owner of the folder alone and return them."""
    from openketamine.site import demo_clinic

    file, address = home / "signins.txt", f"http://127.0.0.1:{pages}/"
    known = file.read_text(encoding="utf-8").split("\n", 1)[1] if file.exists() else ""
    signins = demo_clinic.prepare(speed=speed, known=known)
    write_private(file, f"{address}\n{signins}")
    return signins


def keep_alive(home: Path, pages: int, signins: str) -> None:
    """Run the four processes until interrupted; the pages come first, and are announced when they answer."""
    supervisor = Supervisor(commands(pages, free_port(), str(home)))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        for name in supervisor.commands:
            supervisor.start(name)
            if name == "serve":
                supervisor.wait_for(name, pages)
                print(f"OpenKetamine demo clinic: http://127.0.0.1:{pages}/\n\n{signins}\nCtrl-C ends it.", flush=True)
        supervisor.keep_alive()
    finally:
        supervisor.end()


def commands(pages: int, devices: int, home: str) -> dict[str, list[str]]:
    """Return the four processes of a demo: pages, listener, worker, virtual monitors."""
    return {
        "serve": ["serve", "--port", str(pages), "--home", home],
        "listen": ["listen", "--port", str(devices), "--home", home],
        "work": ["work", "--home", home],
        "monitors": ["monitors", "--port", str(devices), "--home", home],
    }


def free_port() -> int:
    """Return a port of this machine that nobody uses now."""
    with listening("127.0.0.1", 0) as bound:
        return int(bound.getsockname()[1])


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
