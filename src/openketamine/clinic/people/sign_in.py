"""Passwords: signing in, and signing as a second person, with a limit on how often a name or an address may fail.

Failures stand in the database, so that several processes and a restart count as one. Names and addresses are kept as keyed hashes:
the table says nothing about who tried.
"""

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth import authenticate
from django.utils.translation import gettext as _

from openketamine.clinic.people.models import SignInFailure, Staff

WINDOW = timedelta(minutes=15)
MOST_OF_A_NAME = 5
MOST_OF_AN_ADDRESS = 50
"""A ward may share one address: it may fail more often than a name."""


class TooManyError(ValueError):
    """Too many sign-ins failed; the message says how long to wait."""


def checked(*, username: str, password: str, wall: datetime, address: str = "") -> Staff | None:
    """Return whose name and password these are, None when they are nobody's; raises TooManyError without looking at the password."""
    name, place = _hash(f"name:{username.casefold()}"), _hash(f"address:{address}") if address else ""
    _refuse_too_many(name, place, wall)
    user = authenticate(username=username, password=password)
    if isinstance(user, Staff):
        SignInFailure.objects.filter(name_hash=name).delete()
        return user
    SignInFailure.objects.filter(at__lte=wall - WINDOW).delete()
    SignInFailure.objects.create(name_hash=name, address_hash=place, at=wall)
    return None


def _refuse_too_many(name: str, place: str, wall: datetime) -> None:
    recent = SignInFailure.objects.filter(at__gt=wall - WINDOW).order_by("-at")
    limits = [(recent.filter(name_hash=name), MOST_OF_A_NAME)]
    limits += [(recent.filter(address_hash=place), MOST_OF_AN_ADDRESS)] if place else []
    for found, most in limits:
        times = list(found.values_list("at", flat=True)[:most])
        if len(times) == most:
            minutes = -(-(times[-1] + WINDOW - wall) // timedelta(minutes=1))
            said = _("Too many sign-ins failed. Try again in %(minutes)s minutes, or ask the owner for a new password.")
            raise TooManyError(said % {"minutes": minutes})


def _hash(text: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
