"""Forms of the FHIR door."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.people.models import Patient
from openketamine.doors.fhir.bundle import LARGEST_BYTES

NEW = "new"


class UploadForm(forms.Form):
    """One file: a FHIR R4 Bundle of one person."""

    bundle = forms.FileField(label=_("FHIR R4 Bundle (JSON)"), allow_empty_file=True)

    def clean_bundle(self) -> Any:
        """Refuse a file that is too large before it is read."""
        file = self.cleaned_data["bundle"]
        if file.size > LARGEST_BYTES:
            most = LARGEST_BYTES // 1024 // 1024
            raise forms.ValidationError(
                _("The file is larger than %(most)s MB: export one person and try again.") % {"most": most}
            )
        return file


class WhoseForm(forms.Form):
    """Whose record is it? Nothing is preselected."""

    whose = forms.ChoiceField(label=_("Whose record is it?"), widget=forms.RadioSelect)
    born_on = forms.DateField(
        label=_("Born on"), required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Only for a new patient, and only when the record gives no whole date."),
    )  # fmt: skip
    referred_for = forms.CharField(
        label=_("Referred for"), required=False, max_length=200, help_text=_("Only for a new patient.")
    )

    def __init__(
        self, *args: Any, may_be: list[Patient], known: Patient | None, born_known: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        rows = [known] if known else may_be
        choices = [(one.reference, f"{one}, {one.born_on:%Y-%m-%d} {one.identifier}".strip()) for one in rows]
        whose = self.fields["whose"]
        if isinstance(whose, forms.ChoiceField):
            whose.choices = choices if known else [*choices, (NEW, _("Somebody new here"))]
        if known or born_known:
            del self.fields["born_on"]
        if known:
            del self.fields["referred_for"]

    def clean(self) -> dict[str, Any]:
        """Ask a new patient's missing fields."""
        fields = super().clean() or self.cleaned_data
        if fields.get("whose") == NEW:
            for name in ("born_on", "referred_for"):
                if name in self.fields and name not in self.errors and not fields.get(name):
                    self.add_error(name, _("is needed for a new patient"))
        return fields
