"""`inbox [--since N]`: the stored device messages, one JSON line each."""

from pathlib import Path

from openketamine.doors.hl7v2.inbox import Inbox
from openketamine.site.commands.arguments import Arguments
from openketamine.site.commands.django_setup import environment
from openketamine.site.commands.io import BadInput, print_json


def run(argv: list[str]) -> int:
    """Print what is stored after number N."""
    parser = Arguments("inbox")
    parser.add_argument("--since", type=int, default=0)
    parser.add_argument("--db", default="")
    parser.add_argument("--home", default="")
    options = parser.parse_args(argv)
    path = inbox_path(options.home, options.db)
    if not path.exists():
        raise BadInput(f"{path}: there is no inbox yet; `openketamine listen` makes it")
    for stored in Inbox(path).since(options.since):
        print_json(
            {
                "seq": stored.seq,
                "received_at": stored.arrived.received_at.isoformat().replace("+00:00", "Z"),
                "control_id": stored.arrived.control_id,
                "device": stored.arrived.device,
                "ack": stored.arrived.ack,
                "state": stored.ack_state.value,
                "size": stored.size,
                "bytes": stored.bytes_say,
            }
        )
    return 0


def inbox_path(home: str, db: str) -> Path:
    """Return the inbox file: beside the clinic's SQLite file, or in its home folder when the clinic is on PostgreSQL."""
    environment(home, db)
    from openketamine.site import settings

    return settings.INBOX_PATH
