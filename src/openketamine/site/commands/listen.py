"""`listen`: receive device messages over MLLP; each is on disk before it is answered."""

import asyncio
import ipaddress
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from openketamine.doors.hl7v2.inbox import Inbox, Policy
from openketamine.doors.hl7v2.listener import LOOPBACK, Limits, Listener, Network
from openketamine.site import clock
from openketamine.site.commands.arguments import Arguments, port
from openketamine.site.commands.django_setup import only_reading, setup
from openketamine.site.commands.inbox import inbox_path
from openketamine.site.commands.io import BadInput
from openketamine.site.commands.serve import listening
from openketamine.site.logs import places
from openketamine.site.unhurried import settled

T = TypeVar("T")
ANSWERS_NOTED_EVERY_S = 2.0
LET_GO_EVERY_S, BETWEEN_BATCHES_S = 60.0, 0.2


def run(argv: list[str]) -> int:
    """Listen until interrupted."""
    parser = Arguments("listen")
    parser.add_argument("--port", type=port, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--db", default="")
    parser.add_argument("--home", default="")
    parser.add_argument("--allow", action="append", default=[], metavar="NETWORK")
    parser.add_argument("--idle", type=float, default=Limits().idle_s, metavar="SECONDS")
    parser.add_argument("--longest", type=int, default=Limits().longest, metavar="BYTES")
    options = parser.parse_args(argv)
    limits = Limits(allowed(options.host, options.allow), options.longest, options.idle)
    path = inbox_path(options.home, options.db)
    setup(options.home, options.db)  # before the port is bound: nobody waits for it
    only_reading()
    settled()
    with listening(options.host, options.port) as bound:
        asyncio.run(receive(bound, path, limits))
    return 0


def allowed(host: str, networks: list[str]) -> tuple[Network, ...]:
    """Return who may send; raises BadInput when the listener would be open to everybody."""
    try:
        named = tuple(ipaddress.ip_network(text, strict=False) for text in networks)
    except ValueError as error:
        raise BadInput(f"--allow: {error}") from error
    if not named and host not in {"127.0.0.1", "::1", "localhost"}:
        raise BadInput(
            f"--host = {host}: devices beyond this machine need --allow NETWORK, as in --allow 192.168.7.0/24"
        )
    return named or LOOPBACK


async def receive(bound: socket.socket, path: Path, limits: Limits) -> None:
    """Serve one socket until the process is told to end."""
    inbox = Inbox(path)
    listener, ended = Listener(inbox, limits, clock.wall), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    work = (listener.write_down(), note_answers(listener), let_go(listener))
    tasks = [asyncio.create_task(one) for one in work]
    async with await asyncio.start_server(listener.serve, sock=bound, limit=limits.longest):
        host, number = bound.getsockname()[:2]
        print(f"listening on {host}:{number}", flush=True)
        await ended.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await listener.note_answers()
    inbox.close()


async def let_go(listener: Listener) -> None:
    """Let go now and then of bytes that the clinic keeps no longer. While it cannot be asked everything is kept, which is said once."""
    said = ""
    while True:
        more = False
        try:
            more = await listener.let_go(policy, held)
        except Exception as error:  # noqa: BLE001 - messages are received all the same, and the next round tries again
            if said != (said := places(error)):
                sys.stderr.write(f"openketamine: listen: every raw message is kept: {said}\n")
        await asyncio.sleep(BETWEEN_BATCHES_S if more else LET_GO_EVERY_S)


def policy() -> Policy | None:
    """Ask the clinic how long bytes are kept."""
    from openketamine.doors.hl7v2 import keeping

    return _asked(keeping.policy)


def held(numbers: Sequence[int]) -> set[int]:
    """Ask the clinic which messages keep their bytes."""
    from openketamine.doors.hl7v2 import keeping

    return _asked(lambda: keeping.held(numbers))


def _asked(question: Callable[[], T]) -> T:
    """Ask in a connection of its own: minutes later nobody knows whether it still stands."""
    from django.db import connection

    try:
        return question()
    finally:
        connection.close()


async def note_answers(listener: Listener) -> None:
    """Write down now and then which answers have left."""
    while True:
        await asyncio.sleep(ANSWERS_NOTED_EVERY_S)
        await listener.note_answers()
