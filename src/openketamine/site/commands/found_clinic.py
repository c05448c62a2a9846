"""`found-clinic --name NAME --owner USERNAME`: a real clinic with its owner; every switch is off and nobody else has access."""

import re

from openketamine.site.commands.arguments import Arguments
from openketamine.site.commands.django_setup import setup
from openketamine.site.commands.io import BadInput

USERNAME = re.compile(r"[a-z][a-z0-9_.-]{1,39}")


def run(argv: list[str]) -> int:
    """Create the clinic and print the owner's password once; it is kept nowhere."""
    parser = Arguments("found-clinic")
    parser.add_argument("--name", required=True)
    parser.add_argument("--owner", required=True, metavar="USERNAME")
    parser.add_argument("--time-zone", default="UTC")
    parser.add_argument("--home", default="")
    parser.add_argument("--db", default="")
    options = parser.parse_args(argv)
    if not USERNAME.fullmatch(options.owner):
        raise BadInput(f"--owner = {options.owner!r}: must be a name to sign in by: small letters, digits, dot, dash")
    _check_zone(options.time_zone)
    setup(options.home, options.db)
    from django.core.management import call_command

    from openketamine.clinic.people import team
    from openketamine.clinic.people.models import Clinic
    from openketamine.site import clock

    call_command("migrate", verbosity=0, interactive=False)
    if Clinic.objects.exists():
        raise BadInput("--home: this database holds a clinic already; name another folder or database")
    clinic, password = team.found_clinic(
        name=options.name, time_zone=options.time_zone, owner=options.owner, at=clock.wall()
    )
    print(f"{clinic}: sign in as {options.owner} with {password}\nIt is shown once. Choose your own after signing in.")
    return 0


def _check_zone(name: str) -> None:
    """Refuse a time zone that does not exist."""
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise BadInput(f"--time-zone = {name!r}: must be a zone such as Europe/Vienna") from error
