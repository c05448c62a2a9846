"""Forms of the clinic's own pages."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.people import sign_in
from openketamine.clinic.people.models import Role, Staff, Switch
from openketamine.clinic.ui import clock

PASSWORD = {"autocomplete": "current-password"}


class TakeOnForm(forms.Form):
    """Somebody new: the name they sign in by, their own name, what they may do."""

    username = forms.CharField(label=_("Name to sign in by"), max_length=40, validators=[UnicodeUsernameValidator()])
    display_name = forms.CharField(label=_("Name"), max_length=100)
    role = forms.ChoiceField(label=_("Role"), choices=[("", ""), *Role.choices])

    def clean_username(self) -> str:
        """Refuse a name that is taken."""
        name = str(self.cleaned_data["username"])
        if Staff.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError(_("%(name)s: is taken; choose another") % {"name": name})
        return name

    def clean_role(self) -> Role:
        """Return the role as what it is."""
        return Role(self.cleaned_data["role"])


class PhoneForm(forms.Form):
    """The number that an ambulance and patients are told to call."""

    phone = forms.CharField(
        label=_("Contact number (blank: none)"), max_length=40, required=False,
        validators=[RegexValidator(r"^\+?[0-9][0-9 ()./-]+$", _("write digits, spaces and + ( ) - . / alone, as it is dialled"))],
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )  # fmt: skip


class RawMessagesForm(forms.Form):
    """For how many days the bytes of charted device messages are kept."""

    days = forms.IntegerField(label=_("Days (blank: for ever)"), required=False, min_value=1, max_value=32767)


class CheckedPasswordForm(forms.Form):
    """A form that somebody confirms with their own password."""

    password = forms.CharField(label=_("Password"), widget=forms.PasswordInput(attrs=PASSWORD), strip=False)

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.address = address

    def confirm(self, username: str) -> Staff | None:
        """Return whose password it is; names the field when it is nobody's."""
        try:
            found = sign_in.checked(
                username=username,
                password=self.cleaned_data.get("password", ""),
                address=self.address,
                wall=clock.wall(),
            )
        except sign_in.TooManyError as error:
            self.add_error("password", str(error))
            return None
        if found is None:
            self.add_error("password", _("is not right; nothing was changed"))
        return found


class SwitchForm(CheckedPasswordForm):
    """One switch, turned by the owner and signed by the medical director: a prescriber, with their own password."""

    switch = forms.ChoiceField(label=_("Switch"), choices=[("", ""), *Switch.choices])
    on = forms.ChoiceField(label=_("Turn"), choices=[("", ""), ("on", _("on")), ("off", _("off"))])
    reason = forms.CharField(label=_("Reason"), max_length=300)
    director = forms.CharField(label=_("Medical director, a prescriber"), max_length=150)
    field_order = ("switch", "on", "reason", "director", "password")

    def clean(self) -> dict[str, Any]:
        """Check the director's password and role."""
        fields = super().clean() or self.cleaned_data
        if not self.errors:
            found = self.confirm(fields["director"])
            if found is not None and found.role != Role.PRESCRIBER:
                self.add_error("director", _("%(name)s: is no prescriber") % {"name": fields["director"]})
        return fields

    def turned(self) -> dict[str, Any]:
        """Return what was decided."""
        fields = self.cleaned_data
        return {
            "switch": Switch(fields["switch"]), "on": fields["on"] == "on", "reason": fields["reason"],
            "signed_by": fields["director"],
        }  # fmt: skip


class OwnPasswordForm(CheckedPasswordForm):
    """A new password in place of the one now."""

    chosen = forms.CharField(
        label=_("New password, 15 characters or more"), strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def __init__(self, *args: Any, person: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_chosen(self) -> str:
        """Refuse a password that is short or common."""
        validate_password(self.cleaned_data["chosen"], self.person)
        return str(self.cleaned_data["chosen"])

    def clean(self) -> dict[str, Any]:
        """Check the password now."""
        fields = super().clean() or self.cleaned_data
        if not self.errors:
            self.confirm(self.person.username)
        return fields
