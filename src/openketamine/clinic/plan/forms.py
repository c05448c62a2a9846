"""Forms of the plan room. Values that a protocol proposes are shown with it; a weight is never proposed."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.plan.actions import Shape
from openketamine.core.plan.dose import DoseCard, DoseError, dose_card
from openketamine.evidence import load, person
from openketamine.evidence.regimen import KIND, Regimen, regimen


class CourseForm(forms.Form):
    """A course: regimen, number of infusions, dose per weight, first day."""

    regimen = forms.ChoiceField(label=_("Regimen"))
    infusions = forms.IntegerField(label=_("Infusions"), min_value=1, max_value=60)
    per_week = forms.IntegerField(label=_("A week"), min_value=1, max_value=7)
    dose_mg_per_kg = forms.DecimalField(label=_("Dose, mg/kg"), decimal_places=2, max_digits=4)
    duration_min = forms.DecimalField(label=_("Duration, min"), decimal_places=1, max_digits=5)
    first_on = forms.DateField(label=_("First day"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["regimen"]
        if isinstance(choice, forms.ChoiceField):
            choice.choices = [(name, regimen(name).title) for name in load.names(KIND)]

    def clean_dose_mg_per_kg(self) -> Decimal:
        """Refuse a dose beyond the highest of the regimen."""
        dose = Decimal(self.cleaned_data["dose_mg_per_kg"])
        highest = max(regimen(name).limits.highest_mg_per_kg for name in load.names(KIND))
        if not Decimal(0) < dose <= highest:
            raise forms.ValidationError(
                _("%(dose)s mg/kg: must be above 0 and at most %(highest)s mg/kg") % {"dose": dose, "highest": highest}
            )
        return dose

    def shape(self) -> Shape:
        """Return the course that was typed."""
        return Shape(**self.cleaned_data)


class OrderForm(forms.Form):
    """An order: today's weight, dose per weight, bag and duration; the arithmetic is computed, never typed."""

    weight_kg = forms.DecimalField(label=_("Weight today, kg"), decimal_places=1, max_digits=5)
    dose_mg_per_kg = forms.DecimalField(label=_("Dose, mg/kg"), decimal_places=2, max_digits=4)
    bag_ml = forms.DecimalField(label=_("Bag, mL"), decimal_places=1, max_digits=6)
    duration_min = forms.DecimalField(label=_("Duration, min"), decimal_places=1, max_digits=5)

    def __init__(self, *args: Any, rules: Regimen, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = rules
        low, high = person.weight_kg()
        weight = self.fields["weight_kg"]
        if isinstance(weight, forms.DecimalField):
            weight.validators += [MinValueValidator(Decimal(low)), MaxValueValidator(Decimal(high))]
        self.card: DoseCard | None = None

    def clean(self) -> dict[str, Any]:
        """Compute the dose card; a dose beyond a limit is refused by name."""
        fields = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.card = dose_card(**fields, limits=self.rules.limits)
            except DoseError as error:
                raise forms.ValidationError(str(error)) from error
        return fields
