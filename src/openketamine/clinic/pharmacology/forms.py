"""The form of a measured level."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.pharmacology.models import LEAST_NG_PER_ML, SITES, MeasuredLevel
from openketamine.clinic.ui.numbers import NumberField


class LevelForm(forms.Form):
    """One measured plasma level. Nothing is pre-filled: an arterial and a venous level are different numbers."""

    on = forms.DateField(label=_("Taken on"), widget=forms.DateInput(attrs={"type": "date"}))
    time = forms.TimeField(label=_("Taken at"), widget=forms.TimeInput(attrs={"type": "time"}))
    value_ng_per_ml = NumberField(label=_("Ketamine, both enantiomers together, ng/mL"), min_value=LEAST_NG_PER_ML)
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
