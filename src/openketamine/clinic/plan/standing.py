"""What candidacy says about planning for this person: the newest decision, and the consent; or that there is none."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from openketamine.clinic.candidacy import sharing, validity
from openketamine.clinic.candidacy import standing as indications
from openketamine.clinic.candidacy.models import Choice, Decision
from openketamine.clinic.people.models import Patient
from openketamine.clinic.plan import regimens


@dataclass(frozen=True, slots=True)
class Standing:
    """One line for the plan page; `against` says that something speaks against an infusion or is missing."""

    says: str
    against: bool


def standing(patient: Patient) -> tuple[Standing, ...]:
    """Return where the person stands in candidacy: decision and consent."""
    return _decision(patient), Standing(_consent_words(patient), against=bool(consent_trouble(patient)))


def validities(patient: Patient, on: date) -> tuple[Standing, ...]:
    """Return for how long consent and examinations are valid here, and what has expired on a day."""
    return tuple(
        Standing(f"{one.kind.label.capitalize()}: {one.words}", against=bool(one.trouble(on)))
        for one in validity.of(patient)
    )


def _decision(patient: Patient) -> Standing:
    decision = Decision.objects.filter(patient=patient).order_by("-pk").first()
    if decision is None:
        return Standing(_("No clinician has decided in candidacy yet."), against=True)
    words = f"{decision.get_choice_display()}: {decision.reason} ({decision.by}, {decision.at:%Y-%m-%d})"
    return Standing(words, against=decision.choice != Choice.TREAT)


def consent_trouble(patient: Patient) -> str:
    """Return what is wrong with the consent: none signed, or an older text than the one in force; empty when nothing is."""
    consent = sharing.consent_in_force(patient)
    if consent is None:
        return _("no consent is signed, or it was withdrawn")
    if not sharing.is_current(consent):
        return _("the consent is for an older text (%(version)s)") % {"version": consent.version}
    return ""


def _consent_words(patient: Patient) -> str:
    trouble = consent_trouble(patient)
    consent = sharing.consent_in_force(patient)
    if trouble or consent is None:
        return _("Consent: %(trouble)s.") % {"trouble": trouble}
    return _("Consent signed %(on)s, version %(version)s.") % {
        "on": f"{consent.at:%Y-%m-%d}",
        "version": consent.version,
    }


def orderable() -> list[regimens.InForce]:
    """Return the regimens from which a course can be planned here: orderable, and of an indication that is switched on."""
    return [
        one for one in regimens.all_in_force() if one.rules.orderable and indications.standing(one.rules.protocol).is_on
    ]
