"""What `make test` runs: every check, reporting all failures and not only the first."""

import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
CHECKS = (
    ("style", [BIN / "ruff", "check", "."]),
    ("format", [BIN / "ruff", "format", "--check", "."]),
    ("types", [BIN / "mypy"]),
    ("rooms", [BIN / "lint-imports", "--no-cache"]),
    ("evidence", [BIN / "openketamine", "check-evidence"]),
    ("suite", [BIN / "python", "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile"]),
)


def main() -> int:
    """Run all checks; return how many failed, as an exit code."""
    failed = []
    for name, command in CHECKS:
        print(f"== {name}", flush=True)
        if subprocess.run([str(part) for part in command], check=False).returncode:
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed", flush=True)
    return min(len(failed), 1)


if __name__ == "__main__":
    sys.exit(main())
