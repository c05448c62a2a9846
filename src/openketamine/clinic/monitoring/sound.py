"""Where alarms sound, and the daily proof that somebody hears them there."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.monitoring.models import Place, SoundPlaces, ToneHeard
from openketamine.clinic.people.clinic_time import day


class NoSuchPlaceError(ValueError):
    """A place was named where no sound can play."""


def places() -> list[str]:
    """Return where alarms sound; a clinic that has not chosen has them at the station."""
    chosen = SoundPlaces.objects.order_by("pk").last()
    return list(chosen.places) if chosen else [Place.STATION.value]


@transaction.atomic
def choose(chosen: Sequence[str], *, by: str, at: datetime) -> SoundPlaces:
    """Set where alarms sound; raises NoSuchPlaceError for an unknown place, and when alarms would sound nowhere."""
    if not chosen:
        raise NoSuchPlaceError(_("place = empty: alarms have to sound somewhere, choose at least one"))
    for one in chosen:
        _known(one)
    row = SoundPlaces(places=list(chosen), by=by, at=at)
    row.save()
    audit.record(by=by, at=at, action="alarm sounds placed", places=list(chosen))
    return row


@transaction.atomic
def heard(place: str, *, by: str, at: datetime) -> ToneHeard:
    """Record that somebody has heard the test tone at a place; raises NoSuchPlaceError."""
    row = ToneHeard(place=_known(place), by=by, at=at)
    row.save()
    audit.record(by=by, at=at, action="test tone heard", about=place)
    return row


def last_heard(place: str) -> ToneHeard | None:
    """Return who heard the test tone at a place last."""
    found = ToneHeard.objects.filter(place=place).order_by("pk").last()
    return found if isinstance(found, ToneHeard) else None


def not_heard_today(*, at: datetime) -> list[str]:
    """Return the places where alarms sound and nobody has heard the test tone on this day of the clinic."""
    rows = {place: last_heard(place) for place in places()}
    return [place for place, row in rows.items() if row is None or day(row.at) != day(at)]


def _known(place: str) -> str:
    if place not in Place.values:
        raise NoSuchPlaceError(
            _("place = %(place)s: choose one of %(all)s") % {"place": place, "all": ", ".join(Place.values)}
        )
    return place
