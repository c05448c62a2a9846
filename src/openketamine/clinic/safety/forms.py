"""Forms of the safety room."""

from django import forms
from django.utils.translation import gettext_lazy as _

KINDS = (
    ("", "—"), ("blood_pressure", _("Blood pressure")), ("suicidality", _("Suicidal thoughts")), ("liver", _("Liver")),
    ("misuse", _("Craving or misuse")), ("urinary_told", _("Urinary symptoms")), ("cognition", _("Cognition")),
)  # fmt: skip


class FindingForm(forms.Form):
    """Something found after or between infusions that the next one has to know; it holds until a clinician resolves it."""

    kind = forms.ChoiceField(label=_("About"), choices=KINDS)
    says = forms.CharField(label=_("What was found, with its value"), max_length=250)
