"""`serve`: the pages of one clinic, over ASGI."""

import errno
import os
import socket
import ssl
import sys
from pathlib import Path

from openketamine.site.commands.arguments import Arguments, port
from openketamine.site.commands.django_setup import setup
from openketamine.site.commands.io import BadInput

BEHIND = 5  # where the processor is short, messages and alarms go before pages
HANDED_ON_S = (
    0.0005  # pages ask the database dozens of short questions: after each a thread waits so long for its next turn
)


def run(argv: list[str]) -> int:
    """Serve until interrupted; open streams are given three seconds to end."""
    parser = Arguments("serve")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=port, default=8000)
    parser.add_argument("--home", default="")
    parser.add_argument("--db", default="")
    parser.add_argument("--tls-cert")
    parser.add_argument("--tls-key")
    options = parser.parse_args(argv)
    if bool(options.tls_cert) != bool(options.tls_key):
        raise BadInput("serve: --tls-cert and --tls-key belong together")
    setup(options.home, options.db, named(options.tls_cert, options.tls_key) if options.tls_cert else ())
    import uvicorn

    from openketamine.site.unhurried import settled

    settled()
    sys.setswitchinterval(HANDED_ON_S)
    if hasattr(os, "nice"):
        os.nice(BEHIND)
    with listening(options.host, options.port) as bound:
        scheme = "https" if options.tls_cert else "http"
        print(f"serving on {scheme}://{options.host}:{bound.getsockname()[1]}", flush=True)
        config = uvicorn.Config(
            "openketamine.site.asgi:application",
            log_level="warning",
            timeout_graceful_shutdown=3,
            ssl_certfile=options.tls_cert,
            ssl_keyfile=options.tls_key,
        )
        uvicorn.Server(config).run(sockets=[bound])
    return 0


def named(certificate: str, key: str) -> list[str]:
    """Return the names that a certificate is for; raises BadInput when certificate and key cannot be used together."""
    from openketamine.site import certificates

    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)
        return certificates.names_of(Path(certificate))
    except certificates.CertificateError as error:
        raise BadInput(f"--tls-cert: {error}") from error
    except OSError as error:
        why = error.strerror or "not a certificate with its own key"
        raise BadInput(f"--tls-cert = {certificate}, --tls-key = {key}: cannot be used ({why})") from error


def listening(host: str, number: int) -> socket.socket:
    """Return a bound socket; raises BadInput naming a port that is busy or not ours to use."""
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, number))
    except OSError as error:
        bound.close()
        why = (
            "is in use by another program; try --port with another number"
            if error.errno == errno.EADDRINUSE
            else error.strerror
        )
        raise BadInput(f"--port = {number}: {why}") from error
    return bound
