"""The demo clinic's people: obviously synthetic, over the stages of care."""

import secrets
from datetime import date, timedelta

from django.core.management import call_command
from django.db import transaction

from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Clinic, Role, Staff
from openketamine.site import clock, demo_calendar, demo_show, demo_stages
from openketamine.site.commands.io import BadInput

CHAIRS = 6
REFERRED_AGO = timedelta(days=40)
STAFF = (
    ("ada", "Ada Example", Role.PRESCRIBER),
    ("nils", "Nils Example", Role.NURSE),
    ("nora", "Nora Example", Role.NURSE),
    ("dora", "Dora Example", Role.FRONT_DESK),
    ("pia", "Pia Example", Role.PHARMACIST),
    ("otto", "Otto Example", Role.OWNER),
)
PATIENTS = (
    ("Alba", "Demo-Aspen", date(1984, 5, 2), "female", "treatment-resistant depression"),
    ("Bruno", "Demo-Birch", date(1959, 8, 14), "male", "treatment-resistant depression"),
    ("Carl", "Demo-Cedar", date(1991, 1, 30), "male", "post-traumatic stress disorder"),
    ("Dina", "Demo-Dogwood", date(1976, 11, 9), "female", "treatment-resistant depression"),
    ("Elio", "Demo-Elm", date(1988, 3, 21), "male", "treatment-resistant depression"),
    ("Fern", "Demo-Fir", date(1969, 7, 17), "female", "complex regional pain syndrome"),
    ("Gil", "Demo-Ginkgo", date(1995, 12, 1), "male", "generalised anxiety"),
    ("Hedda", "Demo-Hazel", date(1981, 2, 26), "female", "bipolar depression"),
    ("Ivo", "Demo-Ironwood", date(1973, 9, 5), "male", "treatment-resistant depression"),
    ("June", "Demo-Juniper", date(1999, 6, 12), "female", "post-traumatic stress disorder"),
    ("Karl", "Demo-Katsura", date(1964, 4, 8), "male", "obsessive-compulsive disorder"),
    ("Lena", "Demo-Larch", date(1986, 10, 19), "female", "treatment-resistant depression"),
)


def prepare(*, speed: float, known: str) -> str:
    """Create the clinic unless it is there, set its clock going, begin the show; return the sign-ins, new ones unless `known`.

    Raises BadInput when the database holds a real clinic.
    """
    call_command("migrate", verbosity=0, interactive=False)
    found = Clinic.objects.first()
    clinic = found or create()
    if not clinic.is_demo:
        raise BadInput("--home: this folder holds a real clinic; the demo needs a folder of its own")
    now = clock.wall()
    clinic.clock_origin, clinic.clock_wall = clock.clinic_time(), now
    clinic.clock_rate = clinic.demo_rate = speed
    clinic.save()
    demo_show.begin(why="demo restarted")
    return known if found and known else _new_signins()


@transaction.atomic
def create() -> Clinic:
    """Create the demo clinic with its staff, chairs and people over every stage of care."""
    now = clock.wall()
    clinic = Clinic.objects.create(
        name="Demo clinic", is_demo=True, phone="555-0100", device_stream=True, session_alarms=True, individual_prediction=True
    )  # fmt: skip
    for username, name, role in STAFF:
        Staff.objects.create_user(username=username, display_name=name, role=role)
    for number in range(1, CHAIRS + 1):
        Chair.objects.create(name=f"Chair {number}", position=number)
    for given, family, born, sex, reason in PATIENTS:
        fields = {"given_name": given, "family_name": family, "born_on": born, "sex": sex, "referred_for": reason}
        people.refer(by="demo", at=now - REFERRED_AGO, source="demo", **fields)
    demo_stages.live(now)
    demo_calendar.live(now)
    return clinic


def _new_signins() -> str:
    """Give every demo member of staff a new password; there are no default ones."""
    lines = []
    for person in Staff.objects.order_by("pk"):
        password = secrets.token_urlsafe(12)
        person.set_password(password)
        person.save()
        lines.append(f"{person.get_role_display():<12} {person.username:<6} {password}\n")
    return "".join(lines)
