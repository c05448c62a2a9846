"""Measures the branch coverage of a process that a test starts: Python runs this where the folder is on PYTHONPATH.

OPENKETAMINE_MEASURED names the folder that receives one file for each process; without it nothing is measured.
What is killed outright says nothing.
"""

import atexit
import json
import os
import signal
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def measure(folder: str) -> None:
    """Measure this process by the settings of pyproject.toml, and write what was passed when it ends."""
    import slipcover

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["slipcover"]
    where = {"source": settings["source"], "omit": settings["omit"]}
    found = slipcover.Slipcover(branch=settings["branch"], exclude_also=settings["exclude-also"], **where)
    matcher = slipcover.FileMatcher(sources=where["source"], omit=where["omit"])
    slipcover.ImportManager(found, matcher).__enter__()

    def write() -> None:
        Path(folder, f"process-{os.getpid()}.json").write_text(json.dumps(found.get_coverage()), encoding="utf-8")

    def ended(*_signal: object) -> None:
        write()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTERM)

    atexit.register(write)
    signal.signal(signal.SIGTERM, ended)


if os.environ.get("OPENKETAMINE_MEASURED"):
    measure(os.environ["OPENKETAMINE_MEASURED"])
