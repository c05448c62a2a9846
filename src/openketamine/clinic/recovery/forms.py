"""Forms on the way home: a recovery score, why a drug does not add up before a witness, an addendum."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.ledger.forms import SecondPersonForm
from openketamine.clinic.people.models import Patient
from openketamine.evidence.questionnaires import questionnaire


class ExplainForm(SecondPersonForm):
    """The reason, the witness, and the witness's own password."""

    why = forms.CharField(label=_("Why the drug does not add up"), max_length=200)

    def __init__(self, *args: Any, by: str, demo: bool, **kwargs: Any) -> None:
        super().__init__(*args, by=by, demo=demo, **kwargs)
        del self.fields["mg"]


class ScoreForm(forms.Form):
    """One recovery score, item by item, nothing chosen beforehand."""

    def __init__(self, instrument: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"id_{instrument}_%s", **kwargs})
        self.instrument, self.asks = instrument, questionnaire(instrument)
        for item in self.asks.items:
            choices = [(str(one.value), f"{one.value}: {one.words}") for one in item.choices]
            self.fields[item.id] = forms.ChoiceField(
                label=item.words, choices=choices, required=False, widget=forms.RadioSelect
            )

    def answers(self) -> dict[str, int]:
        """Return what was chosen."""
        return {name: int(value) for name, value in self.cleaned_data.items() if value}


class FreezeForm(forms.Form):
    """Why a session is frozen."""

    reason = forms.CharField(label=_("What happened?"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg] # Django's own class takes none
    """Somebody in care, told from others of the name by the date of birth."""

    def label_from_instance(self, obj: Any) -> str:
        """Return name and date of birth."""
        return f"{obj}, {obj.born_on:%Y-%m-%d}"


class AddendumForm(forms.Form):
    """What is said of a signed record afterwards, and why."""

    event = forms.IntegerField(label=_("About event number (blank: about the record)"), required=False, min_value=1)
    reason = forms.CharField(label=_("Reason"), max_length=200)
    text = forms.CharField(label=_("Addendum"), max_length=900, widget=forms.Textarea(attrs={"rows": 4}))
    really = PersonField(
        label=_("Recorded for the wrong person: whose session was it?"), queryset=Patient.objects.none(), to_field_name="reference", required=False,
        help_text=_("Leave it empty when the person is right. A name here opens a finding in both records: it holds the next infusion of both until a clinician has looked, and in this person's course the infusion no longer counts as given. The record itself stays where it is."),
    )  # fmt: skip

    def __init__(self, *args: Any, infusion: Infusion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["really"]
        if isinstance(field, PersonField):
            field.queryset = Patient.objects.exclude(pk=infusion.patient_id)
