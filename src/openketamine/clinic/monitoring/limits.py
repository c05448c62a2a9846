"""The alarm rules in force: the text that ships, or this clinic's own with numbers for what ships without one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.db import transaction
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit import texts
from openketamine.clinic.monitoring.models import ClinicLimits
from openketamine.clinic.ui.templatetags.units import spoken
from openketamine.core.monitoring.rule import (
    CompositeRule,
    DifferRule,
    Direction,
    LimitRule,
    NoRule,
    RecheckRule,
    RiseRule,
    Rule,
    Rules,
    SourceRule,
)
from openketamine.evidence import limits_settings, load
from openketamine.evidence.alarm_limits import Limits, limits_of
from openketamine.evidence.limits_changes import Difference, differences
from openketamine.evidence.limits_edit import with_numbers
from openketamine.evidence.regimen_edit import Signed

KIND, NAME = "limits", "vital_signs"


@dataclass(frozen=True, slots=True)
class InForce:
    """The rules as they count for a session that is opened now, and who signed them (None: nobody, they ship so)."""

    text: str
    rules: Limits
    version: ClinicLimits | None


def in_force() -> InForce:
    """Return the alarm rules as they count now; a session that has begun keeps those it began with."""
    version = ClinicLimits.objects.first()
    text = texts.kept(version.sha256) if version else load.text(KIND, NAME)
    return InForce(text, limits_of(text, NAME), version)


def newer() -> tuple[Difference, ...]:
    """Return what ships now otherwise than the text that this clinic's version was written from: it does not count here before it is signed anew."""
    version = ClinicLimits.objects.first()
    if version is None:
        return ()
    return differences(texts.kept(version.based_on_sha256), load.text(KIND, NAME))


def keep(*, at: datetime) -> str:
    """Keep the text in force and return its SHA-256, for the session that begins."""
    return texts.keep(KIND, NAME, text=in_force().text, at=at)


def settable() -> list[NoRule]:
    """Return what ships without a number and becomes a rule once a clinic sets one."""
    return [one for one in limits_of(load.text(KIND, NAME), NAME).unset if one.unit]


def settings() -> tuple[limits_settings.Setting, ...]:
    """Return every number that ships, for a clinic that wants it otherwise."""
    return limits_settings.settings(load.text(KIND, NAME))


@transaction.atomic
def sign(
    *, numbers: Mapping[str, float], settings: Mapping[str, float] = MappingProxyType({}), changes: Sequence[str] = (), reason: str,
    signed_name: str, by: str, at: datetime,
) -> ClinicLimits:  # fmt: skip
    """Sign this clinic's numbers: those of what ships without one, and `settings` that ship otherwise; `changes` say old and new.

    The text is always written from the one that ships, so that every other rule keeps its source. Raises ValueError for numbers
    that make no rule, and writes nothing then.
    """
    shipped, signed = load.text(KIND, NAME), Signed(signed_name, at.date())
    text = with_numbers(limits_settings.with_settings(shipped, settings, signed), numbers, signed)
    Rules(limits_of(text, NAME).rules)
    row = ClinicLimits(
        sha256=texts.keep(KIND, NAME, text=text, at=at), based_on_sha256=texts.keep(KIND, NAME, text=shipped, at=at),
        numbers=dict(numbers), settings=dict(settings), changes=list(changes), reason=reason, at=at, by=by,
    )  # fmt: skip
    row.save()
    audit.record(
        by=by, at=at, action="alarm limits signed", about=f"limits {row.sha256[:12]}", numbers=dict(numbers), changes=list(changes), reason=reason
    )  # fmt: skip
    return row


def number_of(one: Rule | RiseRule) -> str:
    """Return the number of a rule with its unit: a limit, a rise, seconds of silence or until a recheck, a count."""
    match one:
        case LimitRule() | DifferRule():
            return f"{one.limit:g} {spoken(one.signal.unit)}"
        case RiseRule():
            way = "+" if one.direction is Direction.ABOVE else "-"
            return f"{way}{one.rise:g} {spoken(one.signal.unit)}"
        case SourceRule():
            return f"{one.stale_s:g} s" if one.every_s is None else f"{one.every_s:g} s + {one.grace_s:g} s"
        case RecheckRule():
            return (
                f"{' / '.join(f'{bound.limit:g}' for bound in one.bounds)} {spoken(one.signals[0].unit)}, {_after(one)}"
            )
        case CompositeRule():
            return f"{one.count}"


def basis(one: Rule | RiseRule) -> str:
    """Return what a rule rests on and who set it, in few words."""
    if one.cite.source == "clinic-protocol":
        return _("your clinic, %(locus)s") % {"locus": one.cite.locus}
    return _("%(source)s; as shipped, set by nobody here") % {"source": one.cite.source}


def _after(one: RecheckRule) -> str:
    """Return when a pressure is told: at a reading, or so long after one."""
    if one.after_s:
        return f"{one.after_s:g} s"
    return f"{one.due_s:g} s" if one.readings == 1 else _("%(count)s readings in a row") % {"count": one.readings}
