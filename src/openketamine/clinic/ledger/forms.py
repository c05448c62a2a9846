"""Forms of the drug book."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.ledger.models import Vial
from openketamine.clinic.people import sign_in
from openketamine.clinic.people.models import Role, Staff
from openketamine.clinic.ui import clock
from openketamine.clinic.ui.numbers import ExactField

SMALLEST = Decimal("0.01")
DRUG_ROLES = (Role.PRESCRIBER, Role.NURSE, Role.PHARMACIST)


def _fresh() -> str:
    return uuid4().hex


class OnceForm(forms.Form):
    """A form that counts once, however often it is sent: the page makes its key."""

    key = forms.CharField(widget=forms.HiddenInput, initial=_fresh, max_length=40, required=False)


class SecondPersonForm(OnceForm):
    """A second person signs with their own password: nobody signs for another."""

    mg = ExactField(label=_("Milligrams"), decimal_places=2, max_digits=7, min_value=SMALLEST)
    second = forms.ModelChoiceField(label=_("Second person"), queryset=Staff.objects.none(), to_field_name="username")
    password = forms.CharField(
        label=_("Their password"), widget=forms.PasswordInput(attrs={"autocomplete": "off"}), required=False
    )

    def __init__(self, *args: Any, by: str, demo: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.demo = demo
        second = self.fields["second"]
        if isinstance(second, forms.ModelChoiceField):
            second.queryset = Staff.objects.filter(is_active=True, role__in=DRUG_ROLES).exclude(username=by)

    def clean(self) -> dict[str, Any]:
        """Check the second person's password; a demo accepts none."""
        fields = super().clean() or self.cleaned_data
        second, password = fields.get("second"), fields.get("password", "")
        if second is not None and not (self.demo and not password):
            try:
                if sign_in.checked(username=second.username, password=password, wall=clock.wall()) is None:
                    self.add_error("password", _("is not this person's password; nothing was recorded"))
            except sign_in.TooManyError as error:
                self.add_error("password", str(error))
        return fields


class DrawForm(SecondPersonForm):
    """Milligrams drawn from a vial."""

    vial = forms.ModelChoiceField(label=_("Vial"), queryset=Vial.objects.all())


class DiscardForm(SecondPersonForm):
    """The rest of a vial, wasted before a witness."""

    basis = forms.CharField(label=_("Why"), max_length=200)


class PutRightForm(SecondPersonForm):
    """What a draw or a waste should say."""

    mg = ExactField(
        label=_("What it should say, mg (0: it never happened)"), decimal_places=2, max_digits=7, min_value=Decimal(0)
    )
    reason = forms.CharField(label=_("What was wrong"), max_length=200)


class CountForm(SecondPersonForm):
    """What two people found in a vial."""

    mg = ExactField(label=_("Counted, mg"), decimal_places=2, max_digits=8, min_value=Decimal(0))
    reason = forms.CharField(label=_("Explanation, where it differs from the book"), max_length=200, required=False)


class VialForm(OnceForm):
    """A vial received."""

    lot = forms.CharField(label=_("Lot"), max_length=40)
    strength = ExactField(label=_("Strength, mg/mL"), decimal_places=2, max_digits=6, min_value=SMALLEST)
    content_mg = ExactField(label=_("Content, mg"), decimal_places=2, max_digits=8, min_value=SMALLEST)
    expires_on = forms.DateField(label=_("Expires on"), widget=forms.DateInput(attrs={"type": "date"}))
