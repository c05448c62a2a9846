"""The alarm rules in force: the text that ships, or this clinic's own with numbers for what ships without one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
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
    SourceRule,
)
from openketamine.evidence import load
from openketamine.evidence.alarm_limits import Limits, limits_of
from openketamine.evidence.limits_edit import with_numbers
from openketamine.evidence.plausible import ranges
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


def keep(*, at: datetime) -> str:
    """Keep the text in force and return its SHA-256, for the session that begins."""
    return texts.keep(KIND, NAME, text=in_force().text, at=at)


def settable() -> list[NoRule]:
    """Return what ships without a number and becomes a rule once a clinic sets one."""
    return [one for one in limits_of(load.text(KIND, NAME), NAME).unset if one.unit]


@transaction.atomic
def sign(*, numbers: Mapping[str, float], reason: str, signed_name: str, by: str, at: datetime) -> ClinicLimits:
    """Sign this clinic's numbers; the text is always written from the one that ships, so that every other rule keeps its source."""
    shipped = load.text(KIND, NAME)
    text = with_numbers(shipped, numbers, Signed(signed_name, at.date()))
    limits_of(text, NAME)
    row = ClinicLimits(
        sha256=texts.keep(KIND, NAME, text=text, at=at), based_on_sha256=texts.keep(KIND, NAME, text=shipped, at=at),
        numbers=dict(numbers), reason=reason, at=at, by=by,
    )  # fmt: skip
    row.save()
    audit.record(by=by, at=at, action="alarm limits signed", about=f"limits {row.sha256[:12]}", numbers=dict(numbers))
    return row


class LimitsForm(forms.Form):
    """A number for each danger that ships without one; an empty field stays unset."""

    reason = forms.CharField(max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        version = ClinicLimits.objects.first()
        self.unset = settable()
        for one in self.unset:
            low, high = self.range_of(one)
            field = forms.FloatField(required=False, min_value=low, max_value=high)
            field.initial = version.numbers.get(one.id) if version else None
            field.widget.attrs["step"] = "any"
            self.fields[one.id] = field

    @staticmethod
    def range_of(one: NoRule) -> tuple[float, float]:
        """Return the lowest and highest number that makes a rule; nothing lies below the lowest level of a scale."""
        if one.unit == "1":
            return 2, 5
        low, high = ranges()[one.signal.value]
        return (low + 1 if one.signal.scale else low), high

    def numbers(self) -> dict[str, float]:
        """Return the numbers that were typed."""
        return {one.id: self.cleaned_data[one.id] for one in self.unset if self.cleaned_data[one.id] is not None}

    def rows(self) -> list[dict[str, Any]]:
        """Return what ships without a number, each with its field."""
        return [{"rule": one, "field": self[one.id], "unit": "" if one.unit == "1" else one.unit} for one in self.unset]


def number_of(one: Rule | RiseRule) -> str:
    """Return the number of a rule with its unit: a limit, a rise, seconds of silence or until a recheck, a count."""
    match one:
        case LimitRule() | DifferRule():
            return f"{one.limit:g} {spoken(one.signal.unit)}"
        case RiseRule():
            way = "+" if one.direction is Direction.ABOVE else "-"
            return f"{way}{one.rise:g} {spoken(one.signal.unit)}"
        case SourceRule():
            return f"{one.stale_s:g} s"
        case RecheckRule():
            return f"{one.due_s:g} s"
        case CompositeRule():
            return f"{one.count}"


def basis(one: Rule | RiseRule) -> str:
    """Return what a rule rests on and who set it, in few words."""
    if one.cite.source == "clinic-protocol":
        return _("your clinic, %(locus)s") % {"locus": one.cite.locus}
    return _("%(source)s; as shipped, set by nobody here") % {"source": one.cite.source}
