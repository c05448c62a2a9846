"""What was recorded in a session after it was frozen: care that went on, waste, a signature. It stands apart from what was frozen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from openketamine.clinic.infusion import names, queries
from openketamine.clinic.infusion.models import GateAnswer, Incident, Infusion, InfusionEvent
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.ledger.models import Row
from openketamine.clinic.monitoring.models import AlarmAnswer, AlarmEvent, Source, StoredReading, StreamReading
from openketamine.clinic.pharmacology.models import MeasuredLevel
from openketamine.clinic.recovery.models import CriterionTick
from openketamine.clinic.recovery.record import iso
from openketamine.core.infusion.balance import shown


@dataclass(frozen=True, slots=True)
class Later:
    """One thing that was recorded after the freeze: when it was written down, what, and by whom; devices and rules have no name."""

    at: datetime
    says: str
    by: str = ""

    def plain(self) -> dict[str, str]:
        """Return it as plain values, with the time in UTC."""
        return {"at": iso(self.at), "says": self.says, "by": self.by}


def since_frozen(infusion: Infusion) -> list[Later]:
    """Return what was recorded after a session was frozen, in the order in which it was written; nothing where it is not frozen.

    Addenda stand by themselves, and are not repeated here.
    """
    frozen = queries.incident_of(infusion)
    if frozen is None:
        return []
    found = [*_by_people(infusion, frozen), *_by_machines(infusion, frozen)]
    return sorted(found, key=lambda one: one.at)


def _by_people(infusion: Infusion, frozen: Incident) -> Iterator[Later]:
    watch = infusion.watch_id
    typed = StoredReading.objects.filter(watch=watch, source=Source.TYPED, rebound=None)
    scores = queries.regimen_in_force(infusion).recovery.scores
    tables: tuple[tuple[Any, str, Callable[[Any], str]], ...] = (
        (InfusionEvent.objects.filter(infusion=infusion), "recorded_at", _event),
        (typed, "received_at", _value),
        (Row.objects.filter(session=infusion.reference), "at", _milligrams),
        (MeasuredLevel.objects.filter(session=infusion.reference), "at", _level),
        (infusion.wishes.all(), "at", lambda _row: _("wishes noted")),
        *(
            (rows.annotate(written=Coalesce("recorded_at", "at")), "written", says)
            for rows, says in (
                (GateAnswer.objects.filter(infusion=infusion), _gate),
                (CriterionTick.objects.filter(infusion=infusion), _tick),
                (AlarmAnswer.objects.filter(event__watch=watch), _answer),
                (Answers.objects.filter(patient=infusion.patient_id, instrument__in=scores, at__gte=infusion.opened_at), _score),
            )
        ),
    )  # fmt: skip
    for rows, written, says in tables:
        for row in rows.filter(**{f"{written}__gt": frozen.at}).order_by(written, "pk"):
            yield Later(getattr(row, written), says(row), row.by)


def _by_machines(infusion: Infusion, frozen: Incident) -> Iterator[Later]:
    """Yield how much devices and alarm rules said, in one line each."""
    here = Q(watch=infusion.watch_id, rebound=None, received_at__gt=frozen.at)
    heard = [StreamReading.objects.filter(here), StoredReading.objects.filter(here, source=Source.DEVICE)]
    told = AlarmEvent.objects.filter(watch=infusion.watch_id, at__gt=frozen.at)
    last = max((at for rows in heard if (at := rows.aggregate(at=Max("received_at"))["at"])), default=None)
    if last is not None:
        yield Later(last, _("readings of devices: %(count)d") % {"count": sum(rows.count() for rows in heard)})
    if told:
        yield Later(told.latest("at").at, _("alarm events: %(count)d") % {"count": told.count()})


def _event(row: InfusionEvent) -> str:
    amount = "" if row.rate_ml_per_h is None else f"{row.rate_ml_per_h:g} mL/h"
    words = {"number": row.number, "kind": row.kind_said, "at": _clock(row.at)}
    told = _("event %(number)s, %(kind)s, for %(at)s") % words
    return " ".join(filter(None, [f"{told}:" if amount or row.dose or row.says else told, amount, row.dose, row.says]))


def _value(row: StoredReading) -> str:
    value = f"{row.value:g}" if row.value is not None else row.text or row.reason
    return _("%(signal)s %(value)s, for %(at)s") % {
        "signal": names.name(row.signal), "value": value, "at": _clock(row.observed_at),
    }  # fmt: skip


def _milligrams(row: Row) -> str:
    told = _("drug book: %(kind)s %(mg)s mg") % {"kind": row.get_kind_display(), "mg": shown(row.mg)}
    second = _("second person %(second)s") % {"second": row.second} if row.second else ""
    return ", ".join(filter(None, [told, second, row.told]))


def _level(row: MeasuredLevel) -> str:
    return _("measured level %(value)g ng/mL, for %(at)s") % {"value": row.value_ng_per_ml, "at": _clock(row.taken_at)}


def _gate(row: GateAnswer) -> str:
    return " ".join(filter(None, [_("check before the start, %(item)s: %(answer)s") % {"item": row.item.replace("_", " "), "answer": row.answer}, row.said, row.note]))  # fmt: skip


def _tick(row: CriterionTick) -> str:
    said = row.answer or (_("met") if row.met else _("not met"))
    return " ".join(filter(None, [_("criterion %(criterion)s: %(said)s") % {"criterion": row.criterion.replace("_", " "), "said": said.replace("_", " ")}, row.note]))  # fmt: skip


def _answer(row: AlarmAnswer) -> str:
    return _("alarm %(rule)s %(kind)s") % {"rule": row.event.rule.replace("_", " "), "kind": row.kind}


def _score(row: Answers) -> str:
    score = "—" if row.score is None else f"{row.score:g}"
    return _("score %(instrument)s %(score)s") % {"instrument": row.instrument, "score": score}


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"
