"""What candidacy says about planning for this person: the newest decision, or that there is none."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from openketamine.clinic.candidacy.models import Choice, Decision
from openketamine.clinic.people.models import Patient


@dataclass(frozen=True, slots=True)
class Standing:
    """One line for the plan page; `against` says that the decision speaks against an infusion."""

    says: str
    against: bool


def standing(patient: Patient) -> Standing:
    """Return where the person stands in candidacy."""
    decision = Decision.objects.filter(patient=patient).order_by("-pk").first()
    if decision is None:
        return Standing(_("No clinician has decided in candidacy yet."), against=True)
    words = f"{decision.get_choice_display()}: {decision.reason} ({decision.by}, {decision.at:%Y-%m-%d})"
    return Standing(words, against=decision.choice != Choice.TREAT)
