"""Forms of the followup room."""

from django import forms
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.followup.models import Decided, LetterKind, Way


class DecisionForm(forms.Form):
    """What a clinician decides at a checkpoint, and why; nothing is chosen beforehand."""

    decided = forms.ChoiceField(label=_("Decision"), choices=[("", "—"), *Decided.choices])
    reason = forms.CharField(label=_("Reason"), max_length=300)


class JustifyForm(forms.Form):
    """Why infusions go on."""

    reason = forms.CharField(label=_("Why infusions go on"), max_length=300)


class LetterForm(forms.Form):
    """A letter to the referrer: the values come from the record, the words from the clinician."""

    kind = forms.ChoiceField(label=_("Letter"), choices=LetterKind.choices)
    to = forms.CharField(label=_("To"), max_length=200)
    words = forms.CharField(
        label=_("Your words"), max_length=3000, widget=forms.Textarea(attrs={"rows": 4}), required=False
    )


class SentForm(forms.Form):
    """How a signed letter left the clinic, on which day."""

    how = forms.ChoiceField(label=_("How"), choices=Way.choices)
    on = forms.DateField(label=_("On"))
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def said(self) -> str:
        """Return what is wrong, field by field."""
        return "; ".join(
            f"{self.fields[name].label}: {' '.join(map(str, errors))}" for name, errors in self.errors.items()
        )
