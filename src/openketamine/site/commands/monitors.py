"""`monitors`: the demo's virtual monitors, sending HL7 v2 over TCP to a listener."""

import asyncio

from openketamine.site.commands.arguments import Arguments, port
from openketamine.site.commands.django_setup import setup


def run(argv: list[str]) -> int:
    """Send until interrupted."""
    parser = Arguments("monitors")
    parser.add_argument("--port", type=port, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--home", default="")
    parser.add_argument("--seconds", type=float)
    options = parser.parse_args(argv)
    setup(options.home)
    from openketamine.site.monitors.run import run as show

    asyncio.run(show(options.host, options.port, options.seconds))
    return 0
