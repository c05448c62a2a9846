"""A questionnaire as a form: nothing is preselected, and what is left out stays missing."""

from typing import Any

from django import forms

from openketamine.core.instruments.questionnaire import Questionnaire


class QuestionnaireForm(forms.Form):
    """One radio group for each item."""

    def __init__(self, *args: Any, asks: Questionnaire, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item in asks.items:
            choices = [(str(choice.value), choice.words) for choice in item.choices]
            self.fields[f"q_{item.id}"] = forms.ChoiceField(
                label=item.words, choices=choices, required=False, widget=forms.RadioSelect
            )

    def answers(self) -> dict[str, int]:
        """Return the answers that were given."""
        return {name.removeprefix("q_"): int(value) for name, value in self.cleaned_data.items() if value != ""}
