"""The questions of a protocol as a form; a blank answer stays unknown."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from openketamine.core.candidacy.facts import Fact, FactError, Kind, Value

YES_NO = (("", _("not known")), ("yes", _("yes")), ("no", _("no")))
TRUTH = {"yes": True, "no": False}


class FactsForm(forms.Form):
    """One field for each fact."""

    def __init__(self, *args: Any, facts: Iterable[Fact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.facts = tuple(facts)
        for fact in self.facts:
            self.fields[fact.code] = _field(fact)

    def clean(self) -> dict[str, Any]:
        """Read each answer as its fact; a refusal names the field, the value and the limit."""
        fields = super().clean() or self.cleaned_data
        for fact in self.facts:
            if fact.code in fields:
                try:
                    fields[fact.code] = fact.read(_value(fact, fields[fact.code]))
                except FactError as error:
                    self.add_error(fact.code, str(error))
        return fields


def initial(known: dict[str, Value | None]) -> dict[str, Any]:
    """Return what is known, as the form shows it."""
    words = {True: "yes", False: "no", None: ""}
    return {code: words[value] if value is None or isinstance(value, bool) else value for code, value in known.items()}


def _value(fact: Fact, typed: Any) -> object:
    if typed in {"", None}:
        return None
    return TRUTH[typed] if fact.kind is Kind.BOOLEAN else typed


def _field(fact: Fact) -> forms.Field:
    if fact.kind is Kind.NUMBER:
        unit = "" if fact.unit in {"1", "{score}"} else f" ({fact.unit})"
        return forms.FloatField(
            label=gettext(fact.question) + unit,
            required=False,
            widget=forms.TextInput(attrs={"inputmode": "decimal", "size": "6"}),
        )
    choices = (
        YES_NO
        if fact.kind is Kind.BOOLEAN
        else (("", _("not known")), *((word, word.replace("_", " ")) for word in fact.choices))
    )
    return forms.ChoiceField(label=gettext(fact.question), choices=choices, required=False)
