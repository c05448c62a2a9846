"""What `make test` runs: every check, reporting all failures and not only the first.

The suite runs on SQLite; then what touches a database runs again on a throw-away PostgreSQL while the browser journeys,
which mostly wait, run beside it. Branch coverage of the three together must reach the `fail_under` of pyproject.toml.
Under OPENKETAMINE_CI=True neither PostgreSQL nor Chromium may be missing; elsewhere what is missing is said and skipped.
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts import postgres  # noqa: E402

BIN = Path(sys.executable).parent
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
PYTEST = [BIN / "python", "-m", "pytest", "-q", "--slow", "--cov", "--cov-report=", "--cov-fail-under=0"]
SQLITE = [*PYTEST, "-n", "2", "--dist", "loadfile", "--ignore=tests/browser"]
POSTGRES = [*PYTEST, "-n", "2", "--dist", "loadfile", "--only-database", "--ignore=tests/browser"]
BROWSER = [*PYTEST, "tests/browser"]


def main() -> int:
    """Run all checks; 1 when any failed."""
    failed = [name for name, command in STATIC.items() if not passed(name, command)]
    with tempfile.TemporaryDirectory(prefix="openketamine-coverage-") as folder:
        failed += beside_each_other({"SQLite": SQLITE}, Path(folder))
        failed += beside_each_other({"PostgreSQL": POSTGRES, "browser": BROWSER}, Path(folder))
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


def beside_each_other(suites: dict[str, list], measured: Path) -> list[str]:
    """Run suites side by side, each printed whole when it has ended; return the names of those that failed."""
    began, running, failed = time.perf_counter(), {}, []
    with ExitStack() as stack:
        for name, command in suites.items():
            (measured / name).mkdir()
            settings = {**os.environ, "COVERAGE_FILE": str(measured / name / ".coverage")}
            if name == "PostgreSQL":
                if postgres.binaries() is None and not MUST:
                    print("== PostgreSQL: skipped: there is none on this machine", flush=True)
                    continue
                settings["OPENKETAMINE_DB"] = stack.enter_context(postgres.throw_away())
            running[name] = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, text=True)
        for name, process in running.items():
            print(process.communicate()[0], end="")
            say(name, process.returncode, began)
            failed += [name] if process.returncode else []
    return failed


def covered(measured: Path) -> bool:
    """Add up what the suites have run through and hold it against `fail_under`."""
    together = f"--data-file={measured / 'together'}"
    files = sorted(measured.glob("*/.coverage"))
    subprocess.run([BIN / "coverage", "combine", "-q", together, *files], cwd=ROOT, check=False)
    return passed("branch coverage", [BIN / "coverage", "report", together, "--skip-covered", "--sort=cover"])


if __name__ == "__main__":
    sys.exit(main())
