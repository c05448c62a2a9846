"""At which times a session can have ended: while the person was still here, before anybody else sat down there."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from openketamine.clinic.infusion.actions import NotNowError, clock_time
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.monitoring.models import Source, StoredReading, Watch
from openketamine.clinic.monitoring.seats import seats_of


def refuse(infusion: Infusion, at: datetime) -> None:
    """Raise NotNowError unless a session that is over can have ended `at`."""
    if infusion.watch.ended_at == infusion.watch.started_at:
        raise NotNowError(_("This session was moved: put right what was recorded in the session of the right person"))
    _refuse_seen_later(infusion, at)
    _refuse_seated_elsewhere(infusion, at)
    _refuse_chair_taken(infusion, at)


def refuse_going_on(infusion: Infusion, now: datetime) -> None:
    """Raise NotNowError unless a session that was closed by mistake can go on: the person is here still, on a chair nobody took."""
    if infusion.watch.ended_at == infusion.watch.started_at:
        raise NotNowError(_("This session was moved: put right what was recorded in the session of the right person"))
    since, again = infusion.watch.ended_at or now, Infusion.objects.filter(patient=infusion.patient_id)
    if again.filter(opened_at__gte=since).exclude(pk=infusion.pk).exists() or _seated_since(infusion, since, now):
        words = {"person": infusion.patient, "chair": infusion.watch.chair}
        raise NotNowError(
            _("Somebody else has sat on %(chair)s since, or %(person)s has a newer session: this one cannot go on. Record what happens in a session that is open") % words
        )  # fmt: skip


def _refuse_seen_later(infusion: Infusion, at: datetime) -> None:
    """Somebody typed what was seen of this person later: then they were still here."""
    rows = StoredReading.objects.filter(watch=infusion.watch_id, source=Source.TYPED, taken_back=None, rebound=None)
    last = rows.filter(observed_at__gte=at).order_by("observed_at").last()
    if last is not None:
        words = {"at": clock_time(at), "seen": clock_time(last.observed_at), "by": last.by}
        raise NotNowError(
            _("%(at)s: a value of this person was typed for %(seen)s by %(by)s, so they were still here. Choose a later time; if that value is wrong, sign the record and say so in an addendum") % words
        )  # fmt: skip


def _refuse_seated_elsewhere(infusion: Infusion, at: datetime) -> None:
    """The same person came again before that time."""
    again = Infusion.objects.filter(patient=infusion.patient_id, opened_at__gt=infusion.opened_at, opened_at__lt=at)
    other = again.order_by("opened_at").first()
    if other is not None:
        words = {"at": clock_time(at), "opened": clock_time(other.opened_at)}
        raise NotNowError(
            _("%(at)s: another session of this person was opened at %(opened)s. Choose an earlier time") % words
        )


def _refuse_chair_taken(infusion: Infusion, at: datetime) -> None:
    """Somebody else sat on that chair before that time: what the devices said from then on is theirs."""
    taken = _seated_since(infusion, infusion.watch.ended_at or at, at)
    if taken:
        words = {"at": clock_time(at), "chair": infusion.watch.chair, "since": clock_time(min(taken))}
        raise NotNowError(
            _("%(at)s: somebody else sat on %(chair)s from %(since)s on. Choose a time before that") % words
        )


def _seated_since(infusion: Infusion, until: datetime, at: datetime) -> list[datetime]:
    """Return since when others have sat on the chair of a session, after it ended and before an instant."""
    watch = infusion.watch
    others = Watch.objects.filter(started_at__lt=at).exclude(pk=watch.pk)
    near = list(others.filter(Q(ended_at=None) | Q(ended_at__gt=until)))
    return [
        seat.since
        for seats in seats_of(near).values()
        for seat in seats
        if seat.chair == watch.chair_id and seat.since < at and seat.touches(until)
    ]
