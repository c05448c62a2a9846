"""Measures as people type them: a number beside the unit that was chosen, or with its unit written behind it (154 lb)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openketamine.clinic.ui.numbers import with_point
from openketamine.clinic.ui.templatetags.units import spoken
from openketamine.core.quantity import Quantity

SPELLINGS = {"lbs": "[lb_av]"}
TYPED = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*(\D.*)?")
TENTH = Decimal("0.1")
LONGEST = 24


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: the number as text and the UCUM code of its unit."""

    number: str
    unit: str

    @property
    def shown(self) -> str:
        """The number with its unit as people write it."""
        return f"{self.number} {spoken(self.unit)}"


def read_typed(text: str, unit: str, units: Sequence[str]) -> Typed | None:
    """Return number and unit of what was typed; a unit written behind the number counts before the one that was chosen."""
    found = TYPED.fullmatch(text.strip())
    if found is None:
        return None
    written = (found[2] or "").strip()
    known = {spoken(one).casefold(): one for one in units} | {one.casefold(): one for one in units}
    known |= {word: one for word, one in SPELLINGS.items() if one in units}
    code = known.get(written.casefold(), "") if written else unit
    return Typed(found[1].replace(",", "."), code) if code in units else None


class MeasureWidget(forms.MultiWidget):
    """A box for the number and, where there are several, a choice of its unit; the first unit stands there, nothing else does."""

    use_fieldset = False

    def __init__(self, units: Sequence[str]) -> None:
        self.units = tuple(units)
        box = forms.TextInput(
            attrs={"inputmode": "decimal", "size": "8", "maxlength": str(LONGEST), "autocomplete": "off"}
        )
        choices = [(one, spoken(one)) for one in self.units]
        super().__init__({"": box, "unit": forms.Select(attrs={"aria-label": gettext_lazy("Unit")}, choices=choices)})

    def decompress(self, value: Any) -> list[Any]:
        """Return the number; the unit is the first."""
        return [value, None]

    def id_for_label(self, id_: str) -> str:
        """Return the id of the box of the number."""
        return f"{id_}_0" if id_ else id_


class MeasureField(forms.Field):
    """A measure in any of its units, returned as a Decimal in `unit` to a tenth; beyond the range it is refused, naming what was typed."""

    def __init__(self, *, unit: str, low: float, high: float, also: Sequence[str], **kwargs: Any) -> None:
        super().__init__(widget=MeasureWidget((unit, *also)), **kwargs)
        self.unit, self.low, self.high, self.units = unit, low, high, (unit, *also)

    def clean(self, value: Any) -> Any:
        """Return the measure; an empty box is no measure, whatever unit stands beside it."""
        return super().clean(value if value and str(value[0] or "").strip() else None)

    def to_python(self, value: Any) -> Any:
        """Return the measure; raises ValidationError naming what was typed and the way out."""
        if not value:
            return None
        text, chosen = str(value[0]).strip(), value[1] or self.unit
        number_typed = TYPED.fullmatch(text)
        if number_typed is not None:
            with_point(number_typed[1])
        found = read_typed(text, chosen, self.units)
        if found is None:
            words = {"typed": text, "units": " / ".join(spoken(one) for one in self.units)}
            raise forms.ValidationError(_("%(typed)s: write a number, and choose its unit (%(units)s)") % words)
        number = Quantity(float(found.number), found.unit).to(self.unit).value
        if not self.low <= number <= self.high:
            ends = [Quantity(end, self.unit).to(found.unit).value for end in (self.low, self.high)]
            words = {"typed": found.shown, "low": f"{ends[0]:.4g}", "high": f"{ends[1]:.4g}", "unit": spoken(found.unit)}  # fmt: skip
            raise forms.ValidationError(_("%(typed)s: must be from %(low)s to %(high)s %(unit)s") % words)
        return Decimal(repr(number)).quantize(TENTH, ROUND_HALF_EVEN)


def typed_in(data: Mapping[str, Any], name: str, units: Sequence[str]) -> Typed | None:
    """Return what a form was given for one measure, as it was typed; None when its box is empty or cannot be read."""
    return read_typed(str(data.get(name) or ""), data.get(f"{name}_unit") or units[0], units)
