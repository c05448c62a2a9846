"""Bands over many virtual people in little memory, chunk by chunk, on any number of machines, to the same last bit.

People come in chunks of 4,096 from streams of their own, so a chunk means the same people anywhere. Up to `EXACT_PEOPLE` the
values themselves are kept and quantiles are exact. Beyond, whole numbers of people are counted in bins: a bin holds the numbers
that share sign, exponent and first ten bits of the fraction, so it is at most 1/1024 of its value wide, and its middle is within
`COUNTED_ERROR` of anything in it. Counts add up in any order; chunks are merged in theirs all the same.

`run` maps a function over chunks and yields results in order: the built-in `map`, an executor's, or a cluster's.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openketamine.core.pharmacology import compiled
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.model import Floats
from openketamine.core.pharmacology.population import CHUNK, QUANTILES, chance_of, draw_chunk
from openketamine.core.pharmacology.subject import Subject

Map = Callable[[Callable[[int], Any], Iterable[int]], Iterator[Any]]
Integers = NDArray[np.int64]
EXACT_PEOPLE = 65_536
COUNTED_ERROR = 2.0**-11
VALUES_AT_ONCE = 8_000_000
CELLS_AT_ONCE = 400
SORTED_PEOPLE = 1024
"""So few are sorted faster than divided at six places."""
MERGED_AT_ONCE = 8
FORGOTTEN_BITS = 42
"""Bits of a float64 that a bin forgets: 52 of the fraction less ten."""
BIN_BITS = 64 - FORGOTTEN_BITS
SIGN = np.int64(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which outputs of how many virtual people of a person, after which doses, at which times."""

    subject: Subject
    doses: tuple[Dose, ...]
    times_h: Floats
    names: tuple[str, ...]
    people: int
    seed: int

    def chunks(self) -> range:
        """Return the numbers of the chunks."""
        return range(-(-self.people // CHUNK))

    def values(self, chunk: int) -> Floats:
        """Return what the people of one chunk show: (people, outputs, times)."""
        return np.stack(self.shown(chunk), axis=1)

    def shown(self, chunk: int) -> list[Floats]:
        """Return the same output by output, (people, times) each: where they are many, putting them together costs time."""
        people = min(CHUNK, self.people - chunk * CHUNK)
        draws = draw_chunk(self.subject, people, chance_of(self.seed, chunk))
        found = self.subject.outputs(draws, self.doses, self.times_h)
        return [found[name] for name in self.names]


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people fall in which bin of which cell (an output at a time): ascending keys of cell and bin, and counts."""

    keys: Integers
    counts: Integers


def bands(asked: Asked, run: Map = map) -> dict[str, dict[str, Floats]]:
    """Return 5, 50 and 95 % quantiles by output name; raises ValueError for a model whose variability is unknown."""
    if asked.subject.model.variability is None:
        raise ValueError(f"{asked.subject.model.id} has no variability: a band cannot be drawn")
    counting = asked.people > EXACT_PEOPLE
    of_part = counted_quantiles if counting else exact_quantiles
    cells = CELLS_AT_ONCE if counting else VALUES_AT_ONCE // max(1, asked.people)
    step = max(1, cells // max(1, len(asked.names)))
    parts = [replace(asked, times_h=asked.times_h[i : i + step]) for i in range(0, asked.times_h.size, step)]
    found = [of_part(part, run) for part in parts] or [np.zeros((len(QUANTILES), len(asked.names), 0))]
    whole = np.concatenate(found, axis=2)
    return {name: dict(zip(QUANTILES, whole[:, i], strict=True)) for i, name in enumerate(asked.names)}


def exact_quantiles(asked: Asked, run: Map = map) -> Floats:
    """Return quantiles (quantile, output, time) of the values themselves, interpolated between neighbours."""
    parts = list(run(asked.shown, asked.chunks()))
    people = (each[0] if len(each) == 1 else np.concatenate(each) for each in zip(*parts, strict=True))
    return np.stack([quantiles_of_people(each) for each in people], axis=1)


def quantiles_of_people(values: Floats, *, use_compiled: bool | None = None) -> Floats:
    """Return 5, 50 and 95 % quantiles (quantile, ...) over the first axis, interpolated between neighbours.

    `use_compiled` None takes the compiled kernel when it is ready: order statistics are the same to the last bit either way.
    """
    people = values.shape[0]
    ranks = np.array(list(QUANTILES.values())) * (people - 1)
    low = ranks.astype(np.int64)
    places = np.unique(np.r_[low, np.minimum(low + 1, people - 1)])
    cells = values.reshape(people, -1)
    if compiled.ready() if use_compiled is None else use_compiled:
        ranked = compiled.values_at_ranks(np.ascontiguousarray(cells), places)
    else:
        columns = np.ascontiguousarray(cells.T)
        if people <= SORTED_PEOPLE:
            columns.sort(axis=1)
        else:
            columns.partition(places, axis=1)
        ranked = columns[:, places].T
    below, above = (ranked[np.searchsorted(places, np.minimum(low + i, people - 1))] for i in (0, 1))
    return np.asarray(below + (above - below) * (ranks - low)[:, None]).reshape(-1, *values.shape[1:])


def counted_quantiles(asked: Asked, run: Map = map) -> Floats:
    """Return quantiles (quantile, output, time) read from counts: within `COUNTED_ERROR` of the exact ones."""
    total, waiting = None, list[Counts]()
    for counts in run(partial(counts_of, asked), asked.chunks()):
        waiting.append(counts)
        if len(waiting) == MERGED_AT_ONCE:
            total, waiting = merged([*([total] if total else []), *waiting]), []
    total = merged([*([total] if total else []), *waiting])
    cells = len(asked.names) * asked.times_h.size
    return _read(total, cells, asked.people).reshape(len(QUANTILES), len(asked.names), asked.times_h.size)


def counts_of(asked: Asked, chunk: int) -> Counts:
    """Count the people of one chunk."""
    values = asked.values(chunk)
    cells = np.arange(values[0].size, dtype=np.int64).reshape(values[0].shape) << BIN_BITS
    keys = np.sort((bins_of(values) + (1 << (BIN_BITS - 1)) + cells).ravel())
    first = np.flatnonzero(np.r_[True, np.diff(keys) != 0])
    return Counts(keys[first], np.diff(np.r_[first, keys.size]))


def merged(parts: Sequence[Counts]) -> Counts:
    """Add counts up."""
    keys, counts = np.concatenate([part.keys for part in parts]), np.concatenate([part.counts for part in parts])
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    first = np.flatnonzero(np.r_[True, np.diff(keys) != 0])
    return Counts(keys[first], np.add.reduceat(counts, first))


def bins_of(values: Floats) -> Integers:
    """Return the bin of each value: whole numbers in the order of the values."""
    bits = np.ascontiguousarray(values + 0.0).view(np.int64)  # + 0.0 makes one of the two zeros
    return np.asarray((bits ^ ((bits >> 63) & SIGN)) >> FORGOTTEN_BITS)


def middles_of(bins: Integers) -> Floats:
    """Return the middle of each bin; that of the bin of nothing is nothing."""
    bits = (bins << FORGOTTEN_BITS) | (1 << (FORGOTTEN_BITS - 1))
    found = (bits ^ ((bits >> 63) & SIGN)).view(np.float64)
    return np.where(bins == 0, 0.0, found)


def _read(total: Counts, cells: int, people: int) -> Floats:
    found = np.empty((len(QUANTILES), cells))
    edges = np.searchsorted(total.keys, np.arange(cells + 1, dtype=np.int64) << BIN_BITS)
    bins = (total.keys & ((1 << BIN_BITS) - 1)) - (1 << (BIN_BITS - 1))
    for cell in range(cells):
        here = slice(edges[cell], edges[cell + 1])
        heights, middles = np.cumsum(total.counts[here]), middles_of(bins[here])
        for i, q in enumerate(QUANTILES.values()):
            rank = q * (people - 1)
            low, high = (
                middles[np.searchsorted(heights, place, side="right")] for place in (int(rank), int(np.ceil(rank)))
            )
            found[i, cell] = low + (high - low) * (rank - int(rank))
    return found
