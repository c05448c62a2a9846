"""A form of the chair page arrives, at once or kept by a tablet while the network was away: when it happened, that it counts once, why not."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from openketamine.clinic.infusion import actions
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.infusion.views import page
from openketamine.clinic.people.models import Clinic
from openketamine.clinic.people.permissions import staff
from openketamine.clinic.ui import clock

UNWAITED_S = 3.0
"""A form that has been under way no longer than this was not kept."""


@dataclass(frozen=True, slots=True)
class Tap:
    """Who sent a form, when it was tapped, and when it arrived; both in clinic time."""

    by: str
    at: datetime
    now: datetime

    @property
    def kept(self) -> bool:
        """Whether the tablet had to keep it."""
        return self.at < self.now


def keepable(take: Callable[..., HttpResponse | None]) -> Callable[..., HttpResponse]:
    """Turn what a form does into a view whose form a tablet may keep (`data-queued`): it is given the session and the tap.

    It is taken once, however often it arrives: a form that is taken returns None. One that is not, or in part, returns the page that
    says why, or raises NotNowError: it may come again.
    """

    @wraps(take)
    def view(request: HttpRequest, reference: str, **more: int) -> HttpResponse:
        infusion, key = get_object_or_404(Infusion, reference=reference), request.POST.get("key", "")
        by, now = staff(request).username, clock.now()
        try:
            with transaction.atomic():
                if actions.arrived_before(key):
                    return redirect("infusion:chair", reference=reference)
                answer = take(request, infusion, Tap(by, _tapped(request, infusion, now), now), **more)
                if answer is None:
                    actions.remember(infusion=infusion, key=key, by=by, at=now)
        except actions.NotNowError as error:
            return page(request, infusion, error=str(error), status=409)
        except IntegrityError:
            # The same form arrived twice at one instant: what the second did is undone, the first counts.
            if not actions.arrived_before(key):
                raise
            return redirect("infusion:chair", reference=reference)
        return answer or redirect("infusion:chair", reference=reference)

    return view


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


def _waited_s(request: HttpRequest) -> float:
    """Return how long a form has waited on the tablet for the network, in seconds of clinic time."""
    try:
        seconds = float(request.POST.get("waited_s", "0"))
    except ValueError:
        return 0.0
    clinic = Clinic.objects.first()
    return seconds * (clinic.clock_rate if clinic else 1.0) if seconds > UNWAITED_S else 0.0
