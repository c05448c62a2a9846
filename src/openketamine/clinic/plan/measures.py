"""Weights and lengths as people type them: 70, 70 kg, 154 lb; 172, 172 cm, 68 in."""

import re
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from openketamine.core.quantity import Quantity

WORDS = {"kg": "kg", "lb": "[lb_av]", "lbs": "[lb_av]", "cm": "cm", "m": "m", "in": "[in_i]"}
TYPED = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*([A-Za-z]*)\s*")
TENTH = Decimal("0.1")


class MeasureField(forms.Field):
    """A measure typed with or without its unit, returned as a Decimal in `unit` to a tenth; beyond the range it is refused."""

    def __init__(self, *, unit: str, low: float, high: float, **kwargs: Any) -> None:
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal", "maxlength": "20"}), **kwargs)
        self.unit, self.low, self.high = unit, low, high

    def to_python(self, value: Any) -> Any:
        """Return the measure; raises ValidationError naming what was typed and the way out."""
        text = str(value or "").strip()
        if not text:
            return None
        found = TYPED.fullmatch(text)
        code = WORDS.get(found[2].lower(), "") if found and found[2] else self.unit
        if found is None or not code:
            raise forms.ValidationError(
                _("%(typed)s: write a number, with its unit if it is not %(unit)s") % {"typed": text, "unit": self.unit}
            )
        try:
            number = Quantity(float(found[1].replace(",", ".")), code).to(self.unit).value
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        if not self.low <= number <= self.high:
            words = {"typed": text, "low": f"{self.low:g}", "high": f"{self.high:g}", "unit": self.unit}
            raise forms.ValidationError(_("%(typed)s: must be from %(low)s to %(high)s %(unit)s") % words)
        return Decimal(repr(number)).quantize(TENTH, ROUND_HALF_EVEN)
