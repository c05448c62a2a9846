"""Receiving a bundle, and taking it in: a file is kept first, and nothing of it is recorded until somebody says whose it is."""

import gzip
import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.people import history
from openketamine.clinic.people.models import Patient
from openketamine.doors.fhir import bundle, candidacy
from openketamine.doors.fhir.bundle import Referral
from openketamine.doors.fhir.models import ReceivedBundle


@dataclass(frozen=True, slots=True)
class NewPatient:
    """What a new patient needs that a bundle may not say."""

    born_on: date
    referred_for: str


@transaction.atomic
def receive(content: bytes, *, by: str, at: datetime) -> tuple[ReceivedBundle, Referral]:
    """Keep a file that can be read; raises bundle.BundleError, and keeps nothing, when it cannot."""
    referral = bundle.read(content)
    digest = hashlib.sha256(content).hexdigest()
    kept, made = ReceivedBundle.objects.get_or_create(
        sha256=digest, defaults={"packed": gzip.compress(content, mtime=0), "received_at": at, "by": by}
    )
    if made:
        audit.record(by=by, at=at, action="bundle received", about=f"bundle {digest[:12]}")
    return kept, referral


@transaction.atomic
def take_in(kept: ReceivedBundle, *, whose: Patient | NewPatient, by: str, at: datetime) -> history.Taken:
    """Record what a bundle says of a person; raises history.IdentityError when it belongs to somebody else."""
    referral = bundle.read(kept.content)
    patient = whose if isinstance(whose, Patient) else _new(referral, whose, by, at)
    taken = history.take_in(patient=patient, person=referral.person, said=referral.said, by=by, at=at)
    candidacy.tell(taken, by=by, at=at)
    if kept.patient_id is None:
        kept.patient = taken.patient
        kept.save()
    return taken


@transaction.atomic
def throw_away(kept: ReceivedBundle, *, by: str, at: datetime) -> None:
    """Delete a file that nobody has taken in; one that was taken in stays."""
    if kept.patient_id is None:
        audit.record(by=by, at=at, action="bundle thrown away", about=f"bundle {kept.sha256[:12]}")
        kept.delete()


def _new(referral: Referral, new: NewPatient, by: str, at: datetime) -> Patient:
    return history.refer(person=referral.person, born_on=new.born_on, referred_for=new.referred_for, by=by, at=at)
