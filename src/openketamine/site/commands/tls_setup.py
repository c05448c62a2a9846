"""`tls-setup --name NAME`: a local certificate authority and a server certificate, so that tablets speak https without a proxy."""

import socket
from pathlib import Path

from openketamine.site import clock
from openketamine.site.commands.arguments import Arguments
from openketamine.site.commands.io import BadInput

ALWAYS = ("localhost", "127.0.0.1", "::1")


def run(argv: list[str]) -> int:
    """Make what is missing: an authority is made once and kept, a server certificate is made anew each time."""
    parser = Arguments("tls-setup")
    parser.add_argument(
        "--name", action="append", default=[], metavar="NAME|ADDRESS", help="as tablets will write it; may be repeated"
    )
    parser.add_argument("--dir", default="var/tls")
    options = parser.parse_args(argv)
    names, folder = tuple(dict.fromkeys([*options.name, *ALWAYS, socket.gethostname().lower()])), Path(options.dir)
    from openketamine.site import certificates

    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = certificates.make(folder, names, clock.wall())
    except certificates.CertificateError as error:
        raise BadInput(f"tls-setup: {error}") from error
    except OSError as error:
        raise BadInput(f"--dir = {folder}: cannot be used ({error.strerror}: {error.filename})") from error
    print("\n".join(said(folder, names, days=certificates.SERVER_DAYS, made=made)))
    return 0


def said(folder: Path, names: tuple[str, ...], *, days: int, made: bool) -> list[str]:
    """Return what was made and what to install where."""
    return [
        f"authority: {folder / 'authority.crt'} ({'made now' if made else 'kept: devices that trust it need nothing new'})",
        f"server:    {folder / 'server.crt'}, key {folder / 'server.key'}, {days} days, for {', '.join(names)}",
        "",
        f"1. Start: openketamine serve --host 0.0.0.0 --port 8443 --tls-cert {folder / 'server.crt'} --tls-key {folder / 'server.key'}",
        f"2. Install {folder / 'authority.crt'} (never a .key) as a trusted authority on every tablet and computer:",
        "   iPad: open the file, install the profile, then Settings > General > About > Certificate Trust Settings: on",
        "   Android: Settings > Security > Encryption and credentials > Install a certificate > CA certificate",
        "   Windows: open the file > Install certificate > Local machine > Trusted Root Certification Authorities",
        "   macOS: open the file in the keychain System, then Trust: Always",
        f"3. Open https://{names[0]}:8443/ and look for the lock.",
        f"4. Keep {folder / 'authority.key'} offline: whoever holds it can pretend to be any server to those devices.",
        f"   Run this again within {days} days: the authority stays, the server certificate is made anew.",
    ]
