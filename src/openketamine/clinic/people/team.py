"""Who works here: taking somebody on, a new password, ending and renewing access, the three switches. One audit row each."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.people.models import Clinic, Role, Staff, Switch, SwitchSigned

PASSWORD_BYTES = 15
"""Twenty characters; a person may choose a longer one of their own."""


class TeamError(ValueError):
    """This would leave the clinic without an owner, or is no change at all; the message says so."""


def found_clinic(*, name: str, time_zone: str, owner: str, at: datetime) -> tuple[Clinic, str]:
    """Create a real clinic with its owner and nobody else; return it with the owner's password. All switches are off."""
    with transaction.atomic():
        clinic = Clinic.objects.create(name=name, is_demo=False, time_zone=time_zone)
        audit.record(by="command line", at=at, action="clinic founded")
        _person, password = take_on(username=owner, display_name=owner, role=Role.OWNER, by="command line", at=at)
        return clinic, password


@transaction.atomic
def take_on(*, username: str, display_name: str, role: Role, by: str, at: datetime) -> tuple[Staff, str]:
    """Give somebody access; return them with a password made by chance, which is shown once and kept nowhere."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    person = Staff.objects.create_user(username=username, display_name=display_name, role=role, password=password)
    audit.record(by=by, at=at, action="staff taken on", about=f"staff {username}", role=role.value)
    return person, password


@transaction.atomic
def new_password(person: Staff, *, by: str, at: datetime) -> str:
    """Give somebody a new password and end their sessions; return it, to be shown once."""
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    _set(person, password)
    audit.record(by=by, at=at, action="password renewed", about=f"staff {person.username}")
    return password


@transaction.atomic
def choose_password(person: Staff, password: str, *, at: datetime) -> None:
    """Set the password that somebody chose for themselves."""
    _set(person, password)
    audit.record(by=person.username, at=at, action="password chosen", about=f"staff {person.username}")


@transaction.atomic
def set_active(person: Staff, *, active: bool, by: str, at: datetime) -> None:
    """End or renew somebody's access; raises TeamError for the last owner. What they signed stays theirs."""
    owners = Staff.objects.select_for_update().filter(role=Role.OWNER, is_active=True)
    if not active and list(owners) == [person]:
        raise TeamError(_("%(name)s is the only owner: make another owner first") % {"name": person})
    person.is_active = active
    person.save()
    audit.record(by=by, at=at, action="access renewed" if active else "access ended", about=f"staff {person.username}")


@transaction.atomic
def turn(*, switch: Switch, on: bool, reason: str, signed_by: str, by: str, at: datetime) -> SwitchSigned:
    """Turn one of the three switches, signed by the medical director; raises TeamError when it stands so already."""
    clinic = Clinic.objects.select_for_update().get()
    if getattr(clinic, switch.value) == on:
        raise TeamError(
            (_("%(switch)s: is on already") if on else _("%(switch)s: is off already")) % {"switch": switch.label}
        )
    row = SwitchSigned(switch=switch, on=on, reason=reason, signed_by=signed_by, by=by, at=at)
    row.save()
    setattr(clinic, switch.value, on)
    clinic.save()
    audit.record(by=by, at=at, action="switch turned", about=switch.value, on=on, signed_by=signed_by, reason=reason)
    return row


@transaction.atomic
def set_phone(phone: str, *, by: str, at: datetime) -> None:
    """Keep the number that ambulance and patients are told to call; empty: there is none."""
    clinic = Clinic.objects.select_for_update().get()
    before, clinic.phone = clinic.phone, phone.strip()
    clinic.save()
    audit.record(by=by, at=at, action="contact number set", about="clinic", phone=clinic.phone, before=before)


@transaction.atomic
def keep_raw_messages(days: int | None, *, by: str, at: datetime) -> None:
    """Set for how many days the bytes of charted device messages are kept; None: for ever."""
    clinic = Clinic.objects.select_for_update().get()
    before, clinic.raw_message_days = clinic.raw_message_days, days
    clinic.save()
    audit.record(by=by, at=at, action="days of raw messages set", about="clinic", days=days, before=before)


def _set(person: Staff, password: str) -> None:
    """Set a password; the hash of a session follows the password, so every session of theirs ends."""
    person.set_password(password)
    person.save()
