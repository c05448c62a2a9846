"""The shared decision page, released by a clinician, and the patient's consent: versioned, signed, withdrawable."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit import texts
from openketamine.clinic.candidacy.models import Consent, ConsentWithdrawn, Release
from openketamine.clinic.candidacy.standing import text_in_force
from openketamine.clinic.monitoring.models import Watch
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Patient
from openketamine.evidence.leaflet import KIND, NAME, leaflet, page

LINK_LASTS = timedelta(days=14)
WITHDRAWN = "consent_withdrawn"


class ConsentError(ValueError):
    """A consent cannot be signed or withdrawn now; the message says why in plain words."""


@transaction.atomic
def release(*, patient: Patient, name: str, cost: str, by: str, at: datetime, wall: datetime) -> Release:
    """Release the page of one indication to the patient, with the cost as the clinic states it."""
    row = Release(
        patient=patient, protocol=name, protocol_sha256=texts.keep("protocols", name, at=at, text=text_in_force(name)),
        leaflet_sha256=texts.keep(KIND, NAME, at=at), page=page(name), cost=cost.strip(), expires_at=wall + LINK_LASTS, at=at, by=by,
    )  # fmt: skip
    row.save()
    audit.record(by=by, at=at, action="shared decision released", patient=patient.reference, protocol=name)
    return row


@transaction.atomic
def sign(
    *, release: Release, name: str, agreed: Sequence[str], device: str, witness: str, at: datetime, wall: datetime
) -> Consent:
    """Take the patient's signature; every point is agreed to one by one, none is preselected."""
    _refuse_under_way(release.patient)
    if Consent.objects.filter(release=release).exists():
        raise ConsentError(_("This page has been signed already. Thank you."))
    if wall > release.expires_at:
        raise ConsentError(_("This link has ended. Please ask the clinic for a new one."))
    left = [point["id"] for point in release.page["consent"] if point["id"] not in agreed]
    if left:
        raise ConsentError(
            _("Some points are not ticked. You can tick them, ask us about them, or leave the page unsigned.")
        )
    if not name.strip():
        raise ConsentError(_("Name: is empty. Write your name as your signature."))
    consent = Consent(
        release=release, version=release.page["version"], name=name.strip(), agreed=list(agreed), device=device, witness=witness, at=at
    )  # fmt: skip
    consent.save()
    audit.record(
        by="the patient", at=at, action="consent signed", patient=release.patient.reference, version=consent.version
    )
    for finding in people.open_findings(release.patient).filter(code=WITHDRAWN):
        people.close_finding(finding=finding, reason="consent signed again", by="the patient", at=at)
    return consent


@transaction.atomic
def withdraw(*, consent: Consent, words: str, by: str, at: datetime) -> ConsentWithdrawn:
    """Take a consent back, at any moment; it holds the next infusion until there is a new one."""
    row, made = ConsentWithdrawn.objects.get_or_create(
        consent=consent, defaults={"words": words.strip(), "by": by, "at": at}
    )
    if made:
        patient = consent.release.patient
        audit.record(by=by, at=at, action="consent withdrawn", patient=patient.reference, about=f"consent {consent.pk}")
        people.open_finding(
            patient=patient, code=WITHDRAWN, room="candidacy", says="The patient has withdrawn consent", by=by, at=at, holds=True
        )  # fmt: skip
    return row


def consent_in_force(patient: Patient) -> Consent | None:
    """Return the newest consent that was not withdrawn."""
    found = Consent.objects.filter(release__patient=patient, withdrawn=None).order_by("-pk").first()
    return found if isinstance(found, Consent) else None


def is_current(consent: Consent) -> bool:
    """Say whether the patient signed the version of the consent text that is in force."""
    return consent.version == leaflet().version


def _refuse_under_way(patient: Patient) -> None:
    if Watch.objects.filter(patient=patient, ended_at=None).exists():
        raise ConsentError(
            _(
                "Nothing can be signed between taking the chair and going home. Please come back to this page afterwards."
            )
        )


def consent_of(release: Release) -> tuple[Consent | None, ConsentWithdrawn | None]:
    """Return the consent signed under a release, and its withdrawal."""
    consent = Consent.objects.filter(release=release).first()
    withdrawn = ConsentWithdrawn.objects.filter(consent=consent).first() if consent else None
    return consent, withdrawn
