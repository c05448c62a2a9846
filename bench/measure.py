"""Timing on a machine that others use too: candidates take turns, each keeps its best turn, by the wall and by the processor."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Best:
    """The best turn in seconds. `processor_s` counts this process's own work on all cores, whoever else is running."""

    wall_s: float
    processor_s: float


def take_turns(candidates: Mapping[str, Callable[[], object]], turns: int = 5) -> dict[str, Best]:
    """Run each candidate once a turn, in turn, and keep each one's best."""
    best = {name: Best(float("inf"), float("inf")) for name in candidates}
    for _turn in range(turns):
        for name, run in candidates.items():
            wall, processor = time.perf_counter(), time.process_time()
            run()
            wall, processor = time.perf_counter() - wall, time.process_time() - processor
            best[name] = Best(min(best[name].wall_s, wall), min(best[name].processor_s, processor))
    return best


def busy() -> float:
    """How many processes were waiting for a core over the last minute, ours among them."""
    return round(os.getloadavg()[0], 1)


def one_thread_of_blas() -> bool:
    """Say whether the linear algebra library keeps to one thread, as the figures for one core need."""
    return all(os.environ.get(name) == "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"))
