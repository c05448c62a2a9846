"""Processes that run all day: what is there when they begin is not looked through again for what nobody needs any more."""

import gc

YOUNG, MIDDLE, OLD = 20_000, 20, 100  # Python's own figures stop everybody several times a second


def settled() -> None:
    """Say that everything is loaded. From here on the search for objects in circles is rare and short: while it lasts nobody is served."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
