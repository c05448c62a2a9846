"""`incident SESSION --reason WORDS --out PATH --by NAME` freezes a session and writes its signed bundle; `incident --check PATH` checks one."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from openketamine.site.commands.arguments import Arguments
from openketamine.site.commands.django_setup import setup
from openketamine.site.commands.export import write_private
from openketamine.site.commands.io import BadInput

if TYPE_CHECKING:
    from openketamine.clinic.infusion.models import Incident, Infusion

BY_THIS_CLINIC = "with the key of this clinic"
BY_SOMEBODY = "with the key that it names; whose that is cannot be compared here, where no clinic has a key: ask the clinic for its fingerprint"


def run(argv: list[str]) -> int:
    """Write a bundle, or check one: exit 1 when it was changed."""
    parser = Arguments("incident")
    parser.add_argument("session", metavar="SESSION", nargs="?", default="")
    parser.add_argument("--reason", default="", metavar="WORDS")
    parser.add_argument("--out", default="", metavar="PATH")
    parser.add_argument("--by", default="", metavar="NAME")
    parser.add_argument("--check", default="", metavar="PATH")
    parser.add_argument("--home", default="")
    parser.add_argument("--db", default="")
    options = parser.parse_args(argv)
    setup(options.home, options.db)
    if options.check:
        return _checked(Path(options.check))
    for name in ("session", "out", "by"):
        if not getattr(options, name):
            raise BadInput(
                f"{name}: is empty; give SESSION, --out PATH and --by NAME (who asks for it), or --check PATH"
            )
    content = taken(session_of(options.session), options.by, options.reason)
    write_private(Path(options.out), content)
    print(f"openketamine: wrote {options.out} ({len(content)} bytes)", file=sys.stderr)
    return 0


def taken(infusion: "Infusion", by: str, reason: str) -> bytes:
    """Freeze a session unless it is frozen, and return its bundle; an owner or prescriber alone may."""
    from openketamine.clinic.people.models import Staff
    from openketamine.clinic.people.permissions import INCIDENTS
    from openketamine.site import incident

    if not Staff.objects.filter(username=by, is_active=True, role__in=INCIDENTS).exists():
        raise BadInput(f"--by = {by!r}: is no owner or prescriber of this clinic")
    return incident.taken(_frozen(infusion, by, reason), by)


def _frozen(infusion: "Infusion", by: str, reason: str) -> "Incident":
    from openketamine.clinic.infusion import queries
    from openketamine.clinic.recovery import actions
    from openketamine.site import clock

    found = queries.incident_of(infusion)
    if found is not None:
        return found
    if not reason.strip():
        raise BadInput("--reason: is empty; this session is not frozen yet: say what happened")
    return actions.freeze(infusion=infusion, reason=reason, by=by, at=clock.clinic_time())


def session_of(reference: str) -> "Infusion":
    """Return a session by its reference; raises BadInput."""
    from openketamine.clinic.infusion.models import Infusion

    found = Infusion.objects.filter(reference=reference).first()
    if found is None:
        raise BadInput(
            f"SESSION = {reference!r}: no session has this reference; it stands in the address of its chair page"
        )
    return found


def _checked(path: Path) -> int:
    """Say what is wrong with a bundle, and whose key signed it."""
    from openketamine.clinic.recovery import incident
    from openketamine.clinic.recovery.keys import fingerprint, public_key

    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadInput(f"--check = {path}: cannot be read ({error.strerror})") from error
    found, key, own = incident.faults(content), incident.signed_with(content), public_key()
    if key and own and key != own:
        found.append(f"signed with another key than that of this clinic, whose fingerprint is {fingerprint(own)}")
    for line in found:
        print(line)
    if key:
        print(f"fingerprint of the key that signed it: {fingerprint(key)}")
    if not found:
        print(f"whole: every file is the one that was signed, {BY_THIS_CLINIC if own else BY_SOMEBODY}")
    return 1 if found else 0
