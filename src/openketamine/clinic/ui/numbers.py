"""Numbers as people type them, with a decimal point or a decimal comma; what could be two numbers is refused and both are named."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")
WITH_COMMA = re.compile(r"[+-]?\d*,\d+")
TWO_NUMBERS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
"""A comma that may stand before thousandths or after thousands."""


def with_point(text: str) -> str:
    """Return what was typed with a point for its decimal comma; raises ValidationError naming both numbers that it could be."""
    if TWO_NUMBERS.fullmatch(text):
        words = {"typed": text, "whole": text.replace(",", ""), "part": _plain(text.replace(",", "."))}
        raise forms.ValidationError(_("%(typed)s: this could be %(whole)s or %(part)s. Type one of these two") % words)
    return text.replace(",", ".") if WITH_COMMA.fullmatch(text) else text


def _plain(number: str) -> str:
    return f"{Decimal(number).normalize():f}"


class _AsTyped(forms.Field):
    """A box of text that brings up the number pad; what is typed is read as people write it."""

    widget = forms.TextInput

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """Return what brings up the number pad, where the box itself says nothing else."""
        found = {"inputmode": "decimal", "autocomplete": "off", **super().widget_attrs(widget)}
        return {name: value for name, value in found.items() if name not in widget.attrs}

    def to_python(self, value: Any) -> Any:
        """Return the number; raises ValidationError naming what was typed and the way out."""
        text = str(value if value is not None else "").strip()
        number = with_point(text)
        if text and not NUMBER.fullmatch(number):
            raise forms.ValidationError(_("%(typed)s: type a number, for example 37.5 or 37,5") % {"typed": text})
        return super().to_python(number)


class NumberField(_AsTyped, forms.FloatField):
    """A number that was measured or read from a device."""


class ExactField(_AsTyped, forms.DecimalField):
    """A number that is kept exactly: milligrams."""
