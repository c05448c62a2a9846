"""What a proof is: a function that measures, asserts its claim and returns the figures it found.

A proof stands in a file `tests/proofs/<topic>.py` and is marked `@proof(seed=..., small={...}, full={...})`.
It takes a NumPy Generator and the sizes as keywords, and returns figures: names that end in their unit, and numbers.
The first line of its docstring is the claim. The suite runs the small size; `make proof` the full one. A benchmark is a
proof whose figures are times; whatever else it needs (a peer to compare with) it may miss by raising `Unavailable`.
"""

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

Figures = dict[str, float | int | str | list]
HERE = Path(__file__).parent


class Unavailable(Exception):  # noqa: N818 - read as `except Unavailable`
    """The proof needs something this machine does not have; the message says what."""


@dataclass(frozen=True)
class Proof:
    """One registered proof."""

    name: str
    claim: str
    run: Callable[..., Figures]
    seed: int
    small: dict[str, int]
    full: dict[str, int]
    slow: bool = False

    def figures(self, size: dict[str, int]) -> Figures:
        """Run it; AssertionError when the claim does not hold."""
        return self.run(np.random.default_rng(self.seed), **size)


REGISTRY: dict[str, Proof] = {}


def proof(*, seed: int, small: dict[str, int], full: dict[str, int], slow: bool = False):
    """Register a function as a proof under its own name; a slow one runs in the suite only with --slow, as `make test` does."""

    def register(run):
        assert small.keys() == full.keys(), f"{run.__name__}: small and full name different sizes"
        assert run.__name__ not in REGISTRY, f"{run.__name__}: two proofs of one name"
        claim = re.split(r"\n\s*\n", run.__doc__.strip())[0]
        REGISTRY[run.__name__] = Proof(run.__name__, " ".join(claim.split()), run, seed, small, full, slow)
        return run

    return register


def every() -> dict[str, Proof]:
    """Return all proofs by name: every file beside this one is read."""
    for path in sorted(HERE.glob("*.py")):
        if path.stem != "registry" and not path.stem.startswith("test_"):
            importlib.import_module(f"tests.proofs.{path.stem}")
    return dict(sorted(REGISTRY.items()))
