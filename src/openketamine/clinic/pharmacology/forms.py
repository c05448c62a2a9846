"""The questions that a planner may put to the ensemble, and the form of a measured level."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.pharmacology.models import LEAST_NG_PER_ML, SITES, MeasuredLevel
from openketamine.evidence import load


class RateForm(forms.Form):
    """Weight, how long the infusion lasts, and the systolic rise to stay under. Nothing is pre-filled."""

    weight_kg = forms.FloatField(label=_("Weight, kg"))
    duration_min = forms.FloatField(label=_("Infusion lasts, min"), min_value=1, max_value=600)
    height_cm = forms.FloatField(
        label=_("Height, cm (for ideal weight; may be left out)"), min_value=50, max_value=250, required=False
    )
    limit_mmhg = forms.FloatField(label=_("Systolic rise to stay under, mmHg"), min_value=1, max_value=100)

    def clean_weight_kg(self) -> float:
        """Hold the weight against the range that anybody can have."""
        value, limits = float(self.cleaned_data["weight_kg"]), load.table("limits", "person")["weight_kg"]
        if not limits["low"] <= value <= limits["high"]:
            words = _("Weight = %(value)s kg: must be between %(low)s and %(high)s.")
            raise forms.ValidationError(words, params={"value": value, "low": limits["low"], "high": limits["high"]})
        return value


class LevelForm(forms.Form):
    """One measured plasma level. Nothing is pre-filled: an arterial and a venous level are different numbers."""

    on = forms.DateField(label=_("Taken on"), widget=forms.DateInput(attrs={"type": "date"}))
    time = forms.TimeField(label=_("Taken at"), widget=forms.TimeInput(attrs={"type": "time"}))
    value_ng_per_ml = forms.FloatField(
        label=_("Ketamine, both enantiomers together, ng/mL"), min_value=LEAST_NG_PER_ML, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )  # fmt: skip
    site = forms.ChoiceField(label=_("Drawn from"), choices=[("", ""), *SITES])
    corrects = forms.ModelChoiceField(
        label=_("Corrects an earlier row"), queryset=MeasuredLevel.objects.none(), required=False, empty_label=_("no, a new level")
    )  # fmt: skip
    says = forms.CharField(label=_("What was wrong with it"), max_length=200, required=False)

    def __init__(self, *args: Any, session: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["corrects"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = MeasuredLevel.objects.filter(session=session, corrected_by=None)

    def clean(self) -> dict[str, Any]:
        """Join day and time in the clinic's zone; a correction says why."""
        fields = super().clean() or self.cleaned_data
        if fields.get("corrects") and not fields.get("says"):
            self.add_error("says", _("A correction says what was wrong."))
        if fields.get("on") and fields.get("time"):
            fields["taken_at"] = timezone.make_aware(datetime.combine(fields["on"], fields["time"]))
        return fields
