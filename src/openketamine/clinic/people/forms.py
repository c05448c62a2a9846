"""Forms of the people room."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.people.models import Patient

if TYPE_CHECKING:
    PatientForm = forms.ModelForm[Patient]
else:
    PatientForm = forms.ModelForm


class ReferralForm(PatientForm):
    """A typed referral. Blank means unknown and stays visible as unknown."""

    class Meta:
        model = Patient
        fields = ("given_name", "family_name", "born_on", "sex", "identifier", "phone", "referred_for")
        widgets: ClassVar[dict[str, Any]] = {"born_on": forms.DateInput(attrs={"type": "date"})}
        help_texts: ClassVar[dict[str, Any]] = {
            "identifier": _("Hospital or insurance number; leave blank when unknown.")
        }
