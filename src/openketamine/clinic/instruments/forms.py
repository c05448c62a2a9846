"""A questionnaire as a form: nothing is preselected, and what is left out stays missing."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from openketamine.core.instruments.questionnaire import Item, Questionnaire
from openketamine.core.instruments.scoring import AnswerError, check

LARGEST_PACK = 200_000


class QuestionnaireForm(forms.Form):
    """One field for each item, and one for a total that was added up on a licensed form."""

    def __init__(self, *args: Any, asks: Questionnaire, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asks = asks
        for item in (*([asks.entry] if asks.entry else []), *asks.items):
            self.fields[f"q_{item.id}"] = _field(item)

    def clean(self) -> dict[str, Any]:
        """Refuse answers that cannot be, naming the item, the value and what it must be."""
        fields = super().clean() or self.cleaned_data
        try:
            check(self.asks, self.answers())
        except AnswerError as error:
            raise forms.ValidationError(str(error)) from error
        return fields

    def answers(self) -> dict[str, int]:
        """Return the answers that were given."""
        given = {name: value for name, value in self.cleaned_data.items() if value not in {"", None}}
        return {name.removeprefix("q_"): int(value) for name, value in given.items()}


class PackForm(forms.Form):
    """A pack of licensed words as its publisher made it, and the licence it is held under."""

    file = forms.FileField(label=_("Pack (JSON file, unchanged)"))
    licence = forms.CharField(label=_("Licence: who granted it, when, for what"), max_length=500)

    def clean_file(self) -> Any:
        """Refuse what is far too large to be a questionnaire."""
        sent = self.cleaned_data["file"]
        if sent.size > LARGEST_PACK:
            raise forms.ValidationError(
                _("%(name)s has %(size)s bytes: no questionnaire is that long") % {"name": sent.name, "size": sent.size}
            )
        return sent


class WordsForm(forms.Form):
    """The licensed words of a questionnaire, item by item, and the licence they are held under."""

    licence = forms.CharField(label=_("Licence: who granted it, when, for what"), max_length=500)

    def __init__(self, *args: Any, asks: Questionnaire, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in asks.items:
            self.fields[f"w_{item.id}"] = forms.CharField(label=item.words, max_length=500)

    def words(self) -> dict[str, str]:
        """Return the words by item."""
        return {name.removeprefix("w_"): text for name, text in self.cleaned_data.items() if name.startswith("w_")}


def _field(item: Item) -> forms.Field:
    if item.choices:
        choices = [(str(choice.value), gettext(choice.words)) for choice in item.choices]
        return forms.ChoiceField(label=gettext(item.words), choices=choices, required=False, widget=forms.RadioSelect)
    return forms.IntegerField(
        label=f"{gettext(item.words)} ({gettext(item.answers)})",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": "6"}),
    )
