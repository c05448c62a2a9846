"""The form in which a prescriber sets and signs the numbers of the alarm rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openketamine.clinic.monitoring import limits
from openketamine.clinic.monitoring.models import ClinicLimits
from openketamine.clinic.ui.templatetags.units import spoken
from openketamine.core.monitoring.rule import Direction, NoRule
from openketamine.evidence.limits_settings import Setting
from openketamine.evidence.plausible import ranges

FIELDS = {
    "value": gettext_lazy("number"), "clear": gettext_lazy("clears at"), "hold_s": gettext_lazy("must last"),
    "release_s": gettext_lazy("good values must last"), "readings": gettext_lazy("readings in a row"),
    "latching": gettext_lazy("stays until somebody has acknowledged it"), "after_s": gettext_lazy("overdue after"),
    "grace_s": gettext_lazy("grace"), "off_s": gettext_lazy("a device that says it has no value"),
    "limit.nibp_systolic": gettext_lazy("systolic above"), "limit.nibp_diastolic": gettext_lazy("diastolic above"),
    "clear.nibp_systolic": gettext_lazy("systolic clears at"), "clear.nibp_diastolic": gettext_lazy("diastolic clears at"),
}  # fmt: skip
TABLES = {
    "escalation": gettext_lazy("An urgent alarm that nobody has answered calls a second person after"),
    "escalation_over": gettext_lazy("An alarm that nobody has answered is over once it has been clear for"),
    "acknowledged": gettext_lazy("An acknowledged alarm is quiet for"),
    "snooze": gettext_lazy("A snoozed warning is quiet for"),
}


class LimitsForm(forms.Form):
    """A number for each danger that ships without one, where an empty field stays unset; and each number that ships, where it stays as it ships."""

    reason = forms.CharField(max_length=300, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        version = ClinicLimits.objects.first()
        self.unset, self.shipped = limits.settable(), limits.settings()
        self.before = {one.name: one.value for one in self.shipped} | (version.settings if version else {})
        for one in self.unset:
            low, high = self.range_of(one)
            field = forms.FloatField(required=False, min_value=low, max_value=high)
            field.initial = version.numbers.get(one.id) if version else None
            field.widget.attrs["step"] = "any"
            self.fields[one.id] = field
        for setting in self.shipped:
            self.fields[setting.name] = _field(setting, self.before[setting.name])

    @staticmethod
    def range_of(one: NoRule) -> tuple[float, float]:
        """Return the lowest and highest number that makes a rule; nothing lies beyond the ends of a scale."""
        if one.unit == "1":
            return 2, 5
        low, high = ranges()[one.signal.value]
        end = 1 if one.signal.scale else 0
        return (low + end, high) if one.direction is Direction.BELOW else (low, high - end)

    def clean(self) -> dict[str, Any]:
        """Refuse what cannot be meant, naming it; a number that changes needs a reason."""
        fields = super().clean() or self.cleaned_data
        for one in self.shipped:
            value = fields.get(one.name)
            if value is not None and not one.low <= value <= one.high:
                words = {"name": one.name, "value": f"{value:g}", "low": f"{one.low:g}", "high": f"{one.high:g}", "unit": spoken(one.unit)}  # fmt: skip
                self.add_error(
                    one.name, _("%(name)s = %(value)s: must be between %(low)s and %(high)s %(unit)s") % words
                )
        if not self.errors and self.changes() and not fields.get("reason", "").strip():
            self.add_error("reason", _("Reason: is empty. These numbers change: %(which)s") % {"which": "; ".join(self.changes())})  # fmt: skip
        return fields

    def numbers(self) -> dict[str, float]:
        """Return the numbers that were typed for what ships without one."""
        return {one.id: self.cleaned_data[one.id] for one in self.unset if self.cleaned_data[one.id] is not None}

    def settings(self) -> dict[str, float]:
        """Return what is set otherwise than it ships; an empty field is as it ships."""
        typed = {one: self.cleaned_data.get(one.name) for one in self.shipped}
        return {one.name: float(value) for one, value in typed.items() if value is not None and value != one.value}

    def changes(self) -> list[str]:
        """Return each number that changes against what is in force, with old and new."""
        now = {one.name: one.value for one in self.shipped} | self.settings()
        return [
            f"{name}: {self.before[name]:g} → {value:g}" for name, value in now.items() if value != self.before[name]
        ]

    def rows(self) -> list[dict[str, Any]]:
        """Return what ships without a number, each with its field."""
        return [{"rule": one, "field": self[one.id], "unit": "" if one.unit == "1" else one.unit} for one in self.unset]

    def of_rule(self, rule: str) -> list[dict[str, Any]]:
        """Return the fields of one rule, each with what it is and how it ships."""
        return [
            {"field": self[one.name], "label": FIELDS[one.field], "setting": one}
            for one in self.shipped
            if one.rule == rule
        ]

    def times(self) -> list[dict[str, Any]]:
        """Return the fields of what is not one rule's: the call, the quiet times."""
        return [{"field": self[f"{name}.value"], "label": label} for name, label in TABLES.items()]


def _field(one: Setting, value: float) -> forms.Field:
    field: forms.Field
    if one.yes_or_no:
        field = forms.BooleanField(required=False, initial=bool(value))
    else:
        field = forms.FloatField(required=False, initial=f"{value:g}")
        field.widget.attrs["step"] = "any"
    field.widget.attrs["form"] = "numbers"
    return field
