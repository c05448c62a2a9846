"""Build .venv from a hashed lock. Standard library only: this runs before anything is installed.

A pinned uv, itself from a hashed lock, installs quickly; where uv has no wheel or cannot reach an index, plain pip does
the same from the same lock. Re-running is harmless.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BOOT = ROOT / ".uv"
BIN = "Scripts" if os.name == "nt" else "bin"


def main(lock: str) -> None:
    """Install `lock` and the project itself into .venv."""
    if sys.version_info < (3, 11):
        raise SystemExit("OpenKetamine needs Python 3.11 or newer; try: make demo PYTHON=python3.12")
    make_venv(BOOT, with_pip=True)
    run([BOOT / BIN / "python", "-m", "pip", "install", "-q", "--require-hashes", "-r", ROOT / "requirements-uv.lock"])
    make_venv(VENV, with_pip=True)
    if not with_uv(lock):
        print("uv could not install; using pip with the same lock ...", flush=True)
        run([VENV / BIN / "python", "-m", "pip", "install", "-q", "--require-hashes", "-r", ROOT / lock])
    link_project()


def make_venv(folder: Path, *, with_pip: bool) -> None:
    """Create a virtual environment unless it is there."""
    if not (folder / BIN / "python").exists():
        venv.create(folder, with_pip=with_pip, symlinks=os.name != "nt")


def with_uv(lock: str) -> bool:
    """Install the lock by uv; False when uv could not."""
    uv = BOOT / BIN / "uv"
    environment = {**os.environ, "UV_SYSTEM_CERTS": "1", "VIRTUAL_ENV": str(VENV), "UV_NO_PROGRESS": "1"}
    command = [uv, "pip", "install", "-q", "--require-hashes", "-r", ROOT / lock]
    return subprocess.run([str(part) for part in command], env=environment, check=False).returncode == 0


def link_project() -> None:
    """Install the project in place, with the build tools already at hand and no index."""
    site = next((VENV / "lib").glob("python*/site-packages"), VENV / "Lib" / "site-packages")
    (site / "openketamine.pth").write_text(f"{ROOT / 'src'}\n", encoding="utf-8")
    script = VENV / BIN / "openketamine"
    script.write_text(
        f"#!{VENV / BIN / 'python'}\nfrom openketamine.site.cli import main\n\nmain()\n", encoding="utf-8"
    )
    script.chmod(0o755)


def run(command: list[str | Path]) -> None:
    """Run a command or stop with its exit code."""
    done = subprocess.run([str(part) for part in command], check=False)
    if done.returncode:
        raise SystemExit(done.returncode)


if __name__ == "__main__":
    main(sys.argv[1])
