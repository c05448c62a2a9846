"""`demo`: make the demo clinic if there is none, and run it: pages, listener and worker, restarted when one dies."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from openketamine.site.commands.arguments import Arguments, port
from openketamine.site.commands.django_setup import setup
from openketamine.site.commands.io import BadInput
from openketamine.site.commands.serve import listening

SLOWEST, FASTEST = 0.1, 60.0


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
        shutil.rmtree(home, ignore_errors=True)
    setup(str(home))
    from openketamine.site import demo_clinic

    file, address = home / "signins.txt", f"http://127.0.0.1:{options.port}/"
    known = file.read_text(encoding="utf-8").split("\n", 1)[1] if file.exists() else ""
    signins = demo_clinic.prepare(speed=options.speed, passwords=not known) or known
    write_private(file, f"{address}\n{signins}")
    print(f"OpenKetamine demo clinic: {address}\n\n{signins}\nCtrl-C ends it.", flush=True)
    keep_alive(commands(options.port, free_port(), str(home)))
    return 0


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


def keep_alive(commands: dict[str, list[str]]) -> None:
    """Run the processes; one that dies is started again within two seconds, and we say so."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    running = {name: start(command) for name, command in commands.items()}
    try:
        while True:
            time.sleep(1)
            for name in [name for name, process in running.items() if process.poll() is not None]:
                code = running[name].returncode
                print(f"openketamine: {name} ended (code {code}); starting it again", file=sys.stderr, flush=True)
                running[name] = start(commands[name])
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.wait(timeout=10)


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """Start one of our own commands as a process."""
    return subprocess.Popen([sys.executable, "-m", "openketamine", *command], stdout=subprocess.DEVNULL)
