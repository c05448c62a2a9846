"""The questions that a planner may put to the ensemble."""

from django import forms
from django.utils.translation import gettext_lazy as _

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
