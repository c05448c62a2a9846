"""A form of the chair page arrives, at once or kept by a tablet while the network was away: when it happened, that it counts once, why not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from openketamine.clinic.infusion import actions
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.infusion.views import page
from openketamine.clinic.people.models import Clinic
from openketamine.clinic.people.permissions import staff
from openketamine.clinic.ui import clock

UNWAITED_S = 3.0
"""A form that has been under way no longer than this was not kept."""
SAID_AT_MOST = 300
BACK = "back "
"""Stands before the key of a form that was taken back on the tablet, so that taking it back counts once too."""


@dataclass(frozen=True, slots=True)
class Tap:
    """Who sent a form, when it was tapped and when it arrived, and when its page had last heard from the server (None: not known); in clinic time."""

    by: str
    at: datetime
    now: datetime
    heard: datetime | None = None

    @property
    def kept(self) -> bool:
        """Whether the tablet had to keep it."""
        return self.at < self.now

    @property
    def blind(self) -> bool:
        """Whether its page had lost the server, so that nobody could see there what was new."""
        silent = self.heard is not None and (self.now - self.heard).total_seconds() > UNWAITED_S * _rate()
        return self.kept or silent


def keepable(take: Callable[..., HttpResponse | None]) -> Callable[..., HttpResponse]:
    """Turn what a form does into a view whose form a tablet may keep (`data-queued`): it is given the session and the tap.

    It is taken once, however often it arrives: a form that is taken returns None. One that is not, or in part, returns the page that
    says why, or raises NotNowError: it may come again. One that somebody else recorded on that tablet is answered with 403 and goes on
    waiting there; one that was taken back on the tablet never counts.
    """

    @wraps(take)
    def view(request: HttpRequest, reference: str, **more: int) -> HttpResponse:
        infusion, key = get_object_or_404(Infusion, reference=reference), request.POST.get("key", "")
        by, now = staff(request).username, clock.now()
        if request.POST.get("by", by) != by:
            raise PermissionDenied
        answer = None
        try:
            with transaction.atomic():
                if "taken_back" in request.POST:
                    _taken_back(request, infusion, by, now)
                elif not actions.arrived_before(key):
                    answer = _taken(take, request, infusion, by, now, more)
        except actions.NotNowError as error:
            return page(request, infusion, error=str(error), status=409)
        except IntegrityError:
            # The same form arrived twice at one instant: what the second did is undone, the first counts.
            if not actions.arrived_before(key):
                raise
            return redirect("infusion:chair", reference=reference)
        return answer or redirect("infusion:chair", reference=reference)

    return view


def _taken(
    take: Callable[..., HttpResponse | None],
    request: HttpRequest,
    infusion: Infusion,
    by: str,
    now: datetime,
    more: Mapping[str, int],
) -> HttpResponse | None:
    """Take a form, and remember it unless it was not taken."""
    answer = take(request, infusion, _tap(request, infusion, by, now), **more)
    if answer is None:
        actions.remember(infusion=infusion, key=request.POST.get("key", ""), by=by, at=now)
    return answer


def _taken_back(request: HttpRequest, infusion: Infusion, by: str, now: datetime) -> None:
    """Use up the key of a form that was taken back before it was sent, and keep what it said in the audit chain.

    Raises NotNowError when the form had arrived all the same.
    """
    key, said = request.POST.get("key", ""), request.POST["taken_back"]
    if actions.arrived_before(BACK + key):
        return
    if actions.arrived_before(key):
        raise actions.NotNowError(
            _("It had reached the server before it was taken back, and stands in the record. Take it out there: correct, entered in error")
        )  # fmt: skip
    for one in (key, BACK + key):
        actions.remember(infusion=infusion, key=one, by=by, at=now)
    actions.audited(infusion, by, now, "taken back on the tablet before it was sent", said=said[:SAID_AT_MOST])


def _tap(request: HttpRequest, infusion: Infusion, by: str, now: datetime) -> Tap:
    """Return when a form was tapped: never before its page last heard from the server, whatever the clock of the tablet says."""
    at = _tapped(request, infusion, now)
    heard = moment(request.POST.get("heard", ""))
    return Tap(by, at, now) if heard is None else Tap(by, min(max(at, heard), now), now, min(heard, now))


def _tapped(request: HttpRequest, infusion: Infusion, now: datetime) -> datetime:
    """Return when a form was tapped; raises NotNowError when that was before the session, or it was another's."""
    waited_s = _waited_s(request)
    if waited_s and infusion.watch.ended_at == infusion.watch.started_at:
        raise actions.NotNowError(
            _("This session was moved while the tablet was without network: record it in the session of the right person, with the time at which it happened")
        )  # fmt: skip
    if waited_s <= (now - infusion.opened_at).total_seconds():
        return now - timedelta(seconds=waited_s)
    raise actions.NotNowError(
        _("By the clock of this tablet it was recorded before this session was opened at %(opened)s, so the time is not known. Record it again, with the time at which it happened") % {"opened": f"{timezone.localtime(infusion.opened_at):%Y-%m-%d %H:%M}"}
    )  # fmt: skip


def moment(text: str) -> datetime | None:
    """Return an instant that a page has sent; None for what is none."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and timezone.is_aware(found) else None


def _waited_s(request: HttpRequest) -> float:
    """Return how long a form has waited on the tablet for the network, in seconds of clinic time."""
    try:
        seconds = float(request.POST.get("waited_s", "0"))
    except ValueError:
        return 0.0
    return seconds * _rate() if seconds > UNWAITED_S else 0.0


def _rate() -> float:
    """Return how many seconds of clinic time pass in one: a demo may run faster."""
    clinic = Clinic.objects.first()
    return clinic.clock_rate if clinic else 1.0
