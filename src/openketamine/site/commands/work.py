"""`work`: messages to readings, alarms ticked, due rows swept. A killed worker loses nothing; several behave as one."""

import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from openketamine.site.commands.arguments import Arguments
from openketamine.site.commands.django_setup import setup
from openketamine.site.logs import places

EVERY_S = 0.03


def run(argv: list[str]) -> int:
    """Work until interrupted."""
    parser = Arguments("work")
    parser.add_argument("--home", default="")
    parser.add_argument("--db", default="")
    parser.add_argument("--once", action="store_true", help="one round, then end")
    options = parser.parse_args(argv)
    setup(options.home, options.db)
    from openketamine.site.unhurried import settled
    from openketamine.site.worker import Worker

    unsynced()
    worker, ended = Worker(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    if options.once:
        worker.round()
        return 0
    settled()
    print("working", flush=True)
    while not ended.wait(EVERY_S):
        guarded(worker.round)
    return 0


def unsynced() -> None:
    """On SQLite, let the system write the worker's commits to the disk when it likes.

    Whatever a worker writes follows from the inbox, which is on the disk before a device is answered: after a power cut the cursor is
    behind by as much as the rows are, and the same rows come again. A commit of any other process writes all before it as well.
    """
    from django.db import connection
    from django.db.backends.signals import connection_created

    connection.close()
    connection_created.connect(_unsynced, weak=False)


def _unsynced(connection: Any, **_signal: Any) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=NORMAL")


def guarded(work: Callable[[], None]) -> None:
    """Run one round; a fault is said without its words, which may name people, and the next round tries again."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 - the worker goes on; every round is idempotent
        from django.db import close_old_connections

        close_old_connections()
        print(
            f"openketamine: work: {places(error)}",
            file=sys.stderr,
            flush=True,
        )
