"""The chunks of a population on a Dask cluster (extra `distributed`), in order, to the same bytes as on one machine."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from openketamine.core.pharmacology.bands import Map
from openketamine.site.commands.io import BadInput

WAIT_S = 10


@contextmanager
def mapping(address: str | None) -> Iterator[Map]:
    """Give what maps a function over chunks: here, or on the cluster whose scheduler listens at `address`."""
    if address is None:
        yield map
        return
    client = _client(address)
    try:
        yield lambda function, chunks: _on(client, function, chunks)
    finally:
        client.close()


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise BadInput("--cluster: needs the extra `distributed`: pip install 'openketamine[distributed]'") from error
    try:
        return Client(address, timeout=WAIT_S, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise BadInput(f"--cluster = {address!r}: no scheduler answers there within {WAIT_S} s") from error


def _on(client: Any, function: Callable[[int], Any], chunks: Iterable[int]) -> Iterator[Any]:
    """Yield results in the order of the chunks, letting go of each one."""
    futures = client.map(function, list(chunks), pure=False)
    while futures:
        first = futures.pop(0)
        yield first.result()
        first.release()
