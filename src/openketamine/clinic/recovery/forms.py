"""Why a drug does not add up, said before a second person who signs with their own password."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.ledger.forms import SecondPersonForm


class ExplainForm(SecondPersonForm):
    """The reason, the witness, and the witness's own password."""

    why = forms.CharField(label=_("Why the drug does not add up"), max_length=200)

    def __init__(self, *args: Any, by: str, demo: bool, **kwargs: Any) -> None:
        super().__init__(*args, by=by, demo=demo, **kwargs)
        del self.fields["mg"]
