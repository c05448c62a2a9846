"""The check before the start of one infusion: every item with its answer, what still stands before the start, the last time here."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from openketamine.clinic.candidacy import results as dated
from openketamine.clinic.candidacy.models import Examined
from openketamine.clinic.infusion import queries, readiness, results
from openketamine.clinic.infusion.models import GateAnswer, Infusion
from openketamine.clinic.infusion.names import UNITS, names
from openketamine.clinic.infusion.results import Looked
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.monitoring.models import Reading
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.clinic_time import day
from openketamine.clinic.plan import actions as plan
from openketamine.core.infusion.balance import shown
from openketamine.core.infusion.events import Kind
from openketamine.core.infusion.gate import (
    HOLDS,
    MEASURED,
    NO,
    NOT_ASKED,
    YES,
    Asks,
    GateItem,
    InDate,
    Severity,
    Stand,
    Weighed,
    same_name,
    stand,
    weighed,
)

TO_THE_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Gate:
    """One item of the check before the start with its last answer: what was said or measured, a reason, who answered (and when it was entered, if late)."""

    item: GateItem
    severity: Severity
    stand: Stand
    answer: str
    said: str
    reason: str
    by: str
    weighs: str = ""
    looked: Looked | None = None

    @property
    def id(self) -> str:
        """The item's id."""
        return self.item.id

    @property
    def question(self) -> str:
        """What is asked."""
        return self.item.question

    @property
    def measured(self) -> bool:
        """Whether readings or a dated result answer it, and nobody's word."""
        return self.item.asks in MEASURED or (self.looked is not None and not self.looked.asks)

    @property
    def looked_for(self) -> str:
        """Which result is looked up, in words; empty where none is."""
        return str(Examined(self.item.result).label) if self.looked else ""

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The results of today that can be recorded right here; none where no result is needed."""
        if self.looked is None or self.looked.stands is InDate.NOT_APPLICABLE:
            return []
        return dated.choices(Examined(self.item.result))

    @property
    def prescriber(self) -> bool:
        """Whether only a prescriber's reason counts."""
        return self.item.prescriber or self.severity is Severity.BLOCKS

    @property
    def takes_reason(self) -> bool:
        """Whether a reason could open it."""
        return not self.item.final and self.severity is not Severity.INFORMS and self.item.asks is not Asks.VITALS

    @property
    def stands(self) -> tuple[str, str, str]:
        """What stands now: the answer, what was said, the reason; a form carries it along, to tell what was changed on it."""
        return self.answer, self.said, self.reason

    @property
    def base(self) -> str:
        """What stands now, as a form carries it along."""
        return json.dumps(self.stands)

    @property
    def holds(self) -> bool:
        """Whether it keeps the infusion from being started."""
        return self.stand in HOLDS

    @property
    def note(self) -> str:
        """What the record says beside the answer."""
        reason = _("reason: %(reason)s") % {"reason": self.reason} if self.reason else ""
        return "; ".join(filter(None, [self.said, reason, self.by]))


def gate(infusion: Infusion, until: datetime | None = None) -> list[Gate]:
    """Return every item of the check before the start with its last answer; one nobody asked is `not asked`.

    Readings count that were made until an instant; by default all that were made before the start.
    """
    return _gates(infusion, queries.regimen_in_force(infusion).gate, until)


def _gates(infusion: Infusion, items: Iterable[GateItem], until: datetime | None = None) -> list[Gate]:
    last = {row.item: row for row in GateAnswer.objects.filter(infusion=infusion).order_by("pk")}
    return [_gate(infusion, item, last.get(item.id), until) for item in items]


def _gate(infusion: Infusion, item: GateItem, row: GateAnswer | None, until: datetime | None) -> Gate:
    if item.asks in MEASURED:
        return _measured(infusion, item, row, until)
    if item.asks is Asks.RESULT:
        return _looked_up(infusion, item, row)
    answer, said, reason, by = (row.answer, row.said, row.note, row.who) if row else (NOT_ASKED, "", "", "")
    return Gate(item, item.severity, stand(item.severity, answer, reason, final=item.final), answer, said, reason, by)


def _looked_up(infusion: Infusion, item: GateItem, row: GateAnswer | None) -> Gate:
    """An item that a dated result answers; where the clinic has set no interval somebody is asked, beside what is recorded."""
    looked = results.looked_up(infusion, item)
    asked = row if row and looked.asks else None
    given = row if row and (asked or row.said == looked.words) and looked.answer != YES else None
    answer, reason, by = (
        asked.answer if asked else looked.answer,
        given.note if given else "",
        given.who if given else looked.by,
    )
    where = stand(item.severity, answer, reason, final=item.final)
    return Gate(item, item.severity, where, answer, looked.words, reason, by, looked=looked)


def _measured(infusion: Infusion, item: GateItem, row: GateAnswer | None, until: datetime | None) -> Gate:
    """An item that readings answer; a reason counts only for the value that it was given for."""
    answer, said, severity, weighs = MEASURES[item.asks](infusion, item, until)
    reason, by = (row.note, row.who) if row and row.said == said and answer != YES else ("", "")
    where = stand(severity, answer, reason, final=item.final)
    return Gate(item, severity, where, answer, said, reason, by, weighs)


def _pressure(infusion: Infusion, item: GateItem, until: datetime | None) -> tuple[str, str, Severity, str]:
    again = timedelta(minutes=queries.regimen_in_force(infusion).measured_again_min or 0)
    found = weighed(queries.cuffs_before(infusion, until), item.tiers, again)
    if found is None:
        return NOT_ASKED, "", item.severity, ""
    said = f"{found.cuff.systolic:g}/{found.cuff.diastolic:g} mmHg, {_clock(found.cuff.at)}"
    if found.tier is None:
        return YES, said, item.severity, ""
    return NO, said, found.tier.severity, "; ".join(filter(None, [_(found.tier.says), _once_more(found)]))


def _once_more(found: Weighed) -> str:
    """Say from when a measurement counts as made again; nothing once it was."""
    if found.again_from is None:
        return ""
    return _("not measured again yet, which counts from %(at)s on") % {"at": _clock(found.again_from)}


def _clock(at: datetime) -> str:
    return f"{timezone.localtime(at):%H:%M}"


def _vitals(infusion: Infusion, item: GateItem, until: datetime | None) -> tuple[str, str, Severity, str]:
    found = queries.before_start(infusion, item.signals, until)
    missing = [signal for signal, row in found.items() if row is None]
    said = ", ".join(f"{row.value:g} {UNITS.get(signal, '')}".strip() for signal, row in found.items() if row)
    if not missing:
        return YES, said, item.severity, ""
    absent = _("missing: %(signals)s") % {"signals": names(missing)}
    return NOT_ASKED, "; ".join(filter(None, [said, absent])), item.severity, ""


def _weight(infusion: Infusion, item: GateItem, _until: datetime | None) -> tuple[str, str, Severity, str]:
    weighed, oldest_h = infusion.order.weighed_at, queries.regimen_in_force(infusion).rules.oldest_weight_h
    said = f"{infusion.order.weight_kg} kg" + (f", {timezone.localtime(weighed):%Y-%m-%d %H:%M}" if weighed else "")
    old = weighed is None or infusion.opened_at - weighed > timedelta(hours=oldest_h)
    return (NO if old else YES), said, item.severity, ""


def _vein(infusion: Infusion, item: GateItem, _until: datetime | None) -> tuple[str, str, Severity, str]:
    """The last vein that was recorded: where, how wide, how it flushes."""
    found = [row.says for row in queries.standing_events(infusion) if row.kind == Kind.SITE.value]
    return (YES, found[-1], item.severity, "") if found else (NOT_ASKED, "", item.severity, "")


MEASURES: dict[Asks, Any] = {
    Asks.PRESSURE: _pressure,
    Asks.VITALS: _vitals,
    Asks.WEIGHT: _weight,
    Asks.VEIN: _vein,
}


def identified(infusion: Infusion, name: str, born_on: str) -> bool:
    """Say whether both identifiers, as the person says them, are those of the record."""
    known = infusion.patient
    return same_name(name, f"{known.given_name} {known.family_name}") and born_on == known.born_on.isoformat()


def unanswered(infusion: Infusion) -> list[str]:
    """Return what the questions of the check still ask, in words that say what to do next."""
    asked = [item for item in queries.regimen_in_force(infusion).gate if item.asks not in MEASURED]
    return [_in_words(one) for one in _gates(infusion, asked) if one.holds]


def _in_words(one: Gate) -> str:
    words = {"question": _(one.question), "answer": _(one.answer), "said": one.said, "weighs": _(one.weighs)}
    if one.item.asks is Asks.IDENTIFIERS and one.stand is Stand.BLOCKS:
        return _("%(question)s: “%(said)s” is not what the record says. Nobody can override this: ask again, or open the right person") % words  # fmt: skip
    if one.looked and one.measured:
        return (_("%(question)s %(said)s: a prescriber's reason is needed, or a result of today") if one.prescriber else _("%(question)s %(said)s: a reason is needed, or a result of today")) % words  # fmt: skip
    if one.stand is Stand.NOT_ASKED:
        return _("%(question)s Nobody has asked yet") % words
    if one.stand is Stand.BLOCKS:
        return _("%(question)s The answer is %(answer)s and blocks the start: a prescriber's reason is needed") % words
    if one.prescriber:
        return _("%(question)s The answer is %(answer)s: a reason by a prescriber is needed") % words
    return _("%(question)s The answer is %(answer)s: a reason is needed") % words


def _measures_open(infusion: Infusion, items: list[Gate], at: datetime, until: datetime) -> list[str]:
    """Return what measured items still hold; how old the weight is, the plan's own hindrance says."""
    found = []
    for one in items:
        words = {"question": _(one.question), "said": one.said, "weighs": one.weighs}
        if one.item.asks is Asks.VITALS and one.holds:
            found.append(_("%(question)s: %(said)s. Record a check") % words)
        elif one.item.asks is Asks.PRESSURE and one.stand in {Stand.BLOCKS, Stand.NEEDS_REASON}:
            found.append(_("Pressure %(said)s, %(weighs)s: a prescriber's reason is needed") % words)
    asked = {one.item.asks for one in items}
    pressed = queries.CUFF if Asks.PRESSURE in asked or Asks.VITALS not in asked else ()
    signals = {*pressed, *(signal for one in items for signal in one.item.signals)}
    measured = queries.before_start(infusion, sorted(signals), until)
    said = any(one.item.asks is Asks.VITALS and one.holds for one in items)
    if not said and any(measured[signal] is None for signal in pressed):
        found.append(_("A cuff pressure before the start, systolic and diastolic, is missing: record a check"))
    return found + _too_old(infusion, measured, at)


def _too_old(infusion: Infusion, measured: Mapping[str, Reading | None], at: datetime) -> list[str]:
    """Say which values of the check are of too long ago to be those of a start at an instant."""
    oldest = queries.regimen_in_force(infusion).oldest_before_start_min
    old = [row for row in measured.values() if row and oldest is not None and at - row.observed_at > timedelta(minutes=oldest)]  # fmt: skip
    if not old:
        return []
    times: dict[str, list[str]] = {}
    for row in old:
        times.setdefault(_clock(row.observed_at), []).append(row.signal)
    values = "; ".join(f"{names(signals)} {clock}" for clock, signals in times.items())
    words = {"minutes": f"{oldest:g}", "values": values}
    return [_("Measured more than %(minutes)s min ago: %(values)s. Record a check, at rest") % words]


def hindrances(infusion: Infusion, at: datetime, starts: datetime | None = None) -> list[str]:
    """Return what still stands before a start, in words that say what to do next.

    `starts` is when it is said to have been, for one that is recorded late: what was measured by then counts, to the minute.
    """
    starts = starts or at
    until = min(at, starts + TO_THE_MINUTE)
    found = [
        _("%(finding)s: resolve it, or a prescriber overrides it") % {"finding": finding.says}
        for finding in plan.holds(infusion.order.planned)
    ]
    if people.really_of(infusion.reference, infusion.patient) is not None:
        found.append(_("This session was recorded for the wrong person: cancel it, and open one for the right person"))
    items = gate(infusion, until)
    found += plan.hindrances(infusion.order, at)
    found += [_in_words(one) for one in items if one.holds and one.item.asks not in MEASURED]
    found += _measures_open(infusion, items, starts, until)
    return found + readiness.missing(infusion.watch.chair, on=day(at)) + _drug_open(infusion)


def _drug_open(infusion: Infusion) -> list[str]:
    book, ordered = ledger.balance(infusion.reference), infusion.order.dose_mg
    drawn = book.drawn_mg - book.wasted_mg
    if drawn == 0:
        return [_("No drug has been drawn for this session")]
    words = {"drawn": shown(drawn), "ordered": ordered}
    differs = _("%(drawn)s mg are drawn, %(ordered)s mg are ordered: record the rest drawn or wasted, or sign a new order")  # fmt: skip
    return [differs % words] if drawn != ordered else []
