"""Items of the check before the start that a dated result answers: the newest one, its age, and the clinic's own interval."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from openketamine.clinic.candidacy import results
from openketamine.clinic.candidacy.models import Examined, FactRow
from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.core.infusion.gate import NO, NOT_ASKED, YES, GateItem, InDate, in_date

ANSWERS = {InDate.NOT_APPLICABLE: YES, InDate.IN_DATE: YES, InDate.NO_INTERVAL: NOT_ASKED}
"""What the record answers; whatever else it says is a no."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What the record says of one item: how it stands, in words, and who wrote it down."""

    stands: InDate
    words: str
    by: str

    @property
    def answer(self) -> str:
        """The answer that this is."""
        return ANSWERS.get(self.stands, NO)

    @property
    def asks(self) -> bool:
        """Whether somebody has to be asked all the same: the clinic has set no interval."""
        return self.stands is InDate.NO_INTERVAL


def looked_up(infusion: Infusion, item: GateItem) -> Looked:
    """Return what the record says of an item; of an infusion that was started, what was known then."""
    kind, until = Examined(item.result), _until(infusion)
    days = results.interval_days(kind, until=until)
    last = results.newest(infusion.patient, kind, until=until)
    needless = results.needless(infusion.patient, kind, until=until)
    on = timezone.localdate(infusion.opened_at)
    stands = in_date(
        age_days=_age(last, on), clear=last is not None and last.value in item.clears,
        needless_days=_age(needless, on), interval_days=days,
    )  # fmt: skip
    if stands is InDate.NOT_APPLICABLE and needless is not None:
        return Looked(stands, _not_applicable(needless), needless.by)
    return Looked(stands, "; ".join(filter(None, [_last(last, on), _interval(stands, last, days)])), last.by if last else "")  # fmt: skip


def _until(infusion: Infusion) -> datetime | None:
    started = queries.course_of(infusion).started_at or infusion.closed_at
    return min(filter(None, [started, infusion.seen_until]), default=None)


def _age(row: FactRow | None, on: date) -> int | None:
    """A result of the day after a session was opened is not older than the day itself."""
    return None if row is None else max((on - results.day(row)).days, 0)


def _last(row: FactRow | None, on: date) -> str:
    days = _age(row, on)
    if row is None or days is None or row.value is None:
        return _("none recorded")
    ago = _("today") if days == 0 else ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": days}
    return f"{results.words(row.value)}, {results.day(row).isoformat()}, {ago}"


def _interval(stands: InDate, last: FactRow | None, days: int | None) -> str:
    if days is None:
        return "" if stands is InDate.IN_DATE else _("no interval set by your clinic")
    if stands is InDate.NOT_CLEAR or last is None:
        return ""
    until = {"until": (results.day(last) + timedelta(days=days)).isoformat()}
    return (_("in date until %(until)s") if stands is InDate.IN_DATE else _("due: was valid until %(until)s")) % until


def _not_applicable(row: FactRow) -> str:
    words = {"on": results.day(row).isoformat(), "source": row.get_source_display()}
    return _("not applicable: recorded on %(on)s as not possible (%(source)s)") % words
