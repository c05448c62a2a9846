"""What `make test` runs: every check, reporting all failures and not only the first.

The suite runs on SQLite, where branch coverage must reach the `fail-under` of pyproject.toml; then what touches a database runs
again on a throw-away PostgreSQL while the browser journeys, which mostly wait, run beside it.
Under OPENKETAMINE_CI=True neither PostgreSQL nor Chromium may be missing; elsewhere what is missing is said and skipped.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts import postgres  # noqa: E402

BIN = Path(sys.executable).parent
MEASURES = "coverage.json"
MUST = os.environ.get("OPENKETAMINE_CI") == "True"
STATIC = {
    "style": [BIN / "ruff", "check", "."],
    "format": [BIN / "ruff", "format", "--check", "."],
    "types": [BIN / "mypy"],
    "rooms": [BIN / "lint-imports", "--no-cache"],
    "evidence": [BIN / "openketamine", "check-evidence"],
    "documents": [BIN / "python", "scripts/docs.py", "--check"],
    "migrations": [BIN / "python", "-m", "django", "makemigrations", "--check", "--dry-run"],
}
PYTEST = [BIN / "python", "-m", "pytest", "-q", "--slow"]
SLIPCOVER = [BIN / "python", "-W", "ignore:Unable to activate pytest branch", "-m", "slipcover"]
MEASURED = [*SLIPCOVER, "--json", "--out", "{measured}", "--fail-under", "0", *PYTEST[1:]]
SQLITE = [*MEASURED, "-n", "2", "--ignore=tests/browser"]
POSTGRES = [*PYTEST, "-n", "2", "--dist", "loadfile", "--only-database", "--ignore=tests/browser"]
BROWSER = [*PYTEST, "tests/browser"]


def main() -> int:
    """Run all checks; 1 when any failed."""
    failed = [name for name, command in STATIC.items() if not passed(name, command)]
    with tempfile.TemporaryDirectory(prefix="openketamine-coverage-") as folder:
        failed += suites(Path(folder))
        failed += [] if covered(Path(folder)) else ["branch coverage"]
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed", flush=True)
    return min(len(failed), 1)


def passed(name: str, command: list) -> bool:
    """Run one check and say how long it took."""
    began = time.perf_counter()
    settings = {"DJANGO_SETTINGS_MODULE": "openketamine.site.settings", "OPENKETAMINE_HOME": tempfile.gettempdir()}
    code = subprocess.run(command, cwd=ROOT, env={**settings, **os.environ}, check=False).returncode
    say(name, code, began)
    return code == 0


def say(name: str, code: int, began: float) -> None:
    """Print one line for one check."""
    print(
        f"== {name}: {f'FAILED (exit {code})' if code else 'passed'}, {time.perf_counter() - began:.0f} s", flush=True
    )


class Suite:
    """One run of pytest, printed whole when it has ended."""

    def __init__(self, name: str, command: list, measured: Path, **settings: str) -> None:
        self.name, self.began, self.printed = name, time.perf_counter(), measured / f"{name}.txt"
        settings = {**os.environ, "OPENKETAMINE_MEASURED": "", **settings}
        command = [str(part).format(measured=measured / MEASURES) for part in command]
        with self.printed.open("w") as out:
            self.process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=out)

    def failed(self) -> list[str]:
        """Wait for its end, print it, and return its name when it failed."""
        code = self.process.wait()
        print(self.printed.read_text(), end="")
        say(self.name, code, self.began)
        return [self.name] if code else []


def suites(measured: Path) -> list[str]:
    """Run the suite on SQLite, then on PostgreSQL with the browser's journeys, which mostly wait, beside it."""
    failed = Suite("SQLite", SQLITE, measured, OPENKETAMINE_MEASURED=str(measured)).failed()
    browser = Suite("browser", BROWSER, measured)
    if postgres.binaries() is None and not MUST:
        print("== PostgreSQL: skipped: there is none on this machine", flush=True)
    else:
        with postgres.throw_away() as address:
            failed += Suite("PostgreSQL", POSTGRES, measured, OPENKETAMINE_DB=address).failed()
    return failed + browser.failed()


def covered(measured: Path) -> bool:
    """Hold what the suite on SQLite has run through, and the processes that it started, against `fail-under`."""
    merge = ["--merge", *measured.glob("*.json"), "--out", measured / "merged.json", "--skip-covered"]
    return passed("branch coverage", [*SLIPCOVER, *merge])


if __name__ == "__main__":
    sys.exit(main())
