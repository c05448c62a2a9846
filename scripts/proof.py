"""The long proofs: `make proof [ARGS="NAME ... [--small] [--list] [--strict] [--out DIR]"]`. How to write one: tests/proofs/registry.py.

Each proof writes `docs/proof/<name>.json`: the claim, the command that repeats it, size, seed, commit, machine, duration and
figures. Pages print figures from those files only. A small size is written nowhere unless --out names a folder.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.proofs.registry import Proof, Unavailable, every  # noqa: E402


def main(argv: list[str]) -> int:
    """Run the named proofs, or all; 0 all hold, 1 one does not, 2 no such proof."""
    parser = argparse.ArgumentParser("proof")
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--small", action="store_true", help="the size that the suite runs")
    parser.add_argument(
        "--strict", action="store_true", help="what cannot be run for want of something counts as a failure"
    )
    parser.add_argument("--list", action="store_true", help="print names and claims")
    parser.add_argument("--out", type=Path, help="write here instead of docs/proof")
    options = parser.parse_args(argv)
    known = every()
    for name in options.names:
        if name not in known:
            print(f"proof: {name}: no such proof; there are: {', '.join(known)}", file=sys.stderr)
            return 2
    chosen = [known[name] for name in options.names or known]
    if options.list:
        print("\n".join(f"{one.name}: {one.claim}" for one in chosen))
        return 0
    out = options.out or (None if options.small else ROOT / "docs" / "proof")
    return max([prove(one, out, small=options.small, strict=options.strict) for one in chosen], default=0)


def prove(one: Proof, out: Path | None, *, small: bool, strict: bool) -> int:
    """Run one proof and write what it found; 1 when its claim does not hold, or it could not be run and that is strict."""
    size, began = one.small if small else one.full, time.perf_counter()
    try:
        figures = one.figures(size)
    except Unavailable as missing:
        print(f"{one.name}: not run: {missing}", file=sys.stderr)
        return int(strict)
    except AssertionError as fault:
        print(f"{one.name}: the claim does not hold: {fault}", file=sys.stderr)
        return 1
    written = record(one, size, small=small, seconds=time.perf_counter() - began, figures=figures)
    text = json.dumps(written, indent=2, ensure_ascii=False) + "\n"
    print(f"{one.name}: holds ({written['duration_s']} s) {json.dumps(figures)}", flush=True)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{one.name}.json").write_text(text, encoding="utf-8")
    return 0


def record(one: Proof, size: dict, *, small: bool, seconds: float, figures: dict) -> dict:
    """Return what is written of one run."""
    return {
        "proof": one.name,
        "claim": one.claim,
        "command": f'make proof ARGS="{one.name}{" --small" if small else ""}"',
        "size": size,
        "seed": one.seed,
        "commit": commit(),
        "machine": machine(),
        "finished_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "duration_s": round(seconds, 1),
        "figures": figures,
    }


def commit() -> str:
    """Return the commit that was run, with `+changes` when the working tree differs from it."""
    asked = [["rev-parse", "HEAD"], ["status", "--porcelain", "--", "src", "tests"]]
    head, changes = (
        subprocess.run(["git", "-C", str(ROOT), *one], capture_output=True, text=True, check=False).stdout.strip()
        for one in asked
    )
    return (head or "unknown") + ("+changes" if changes else "")


def machine() -> dict:
    """Return what ran it; no name of a machine or a person."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": version("numpy"),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
