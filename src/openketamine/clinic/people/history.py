"""What other records say of a patient: taking it in once, and showing what stands."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.people import actions as people
from openketamine.clinic.people import duplicates
from openketamine.clinic.people.models import HistoryItem, HistoryKind, Patient, PatientIdentifier, Sex


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that another record says of a person; `key` is that record's name for it, `value` its text as written."""

    kind: HistoryKind
    key: str
    words: str
    system: str = ""
    code: str = ""
    status: str = ""
    value: str = ""
    unit: str = ""
    since: str = ""
    until: str = ""

    def digest(self) -> str:
        """Return the SHA-256 of what is said."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Person:
    """Who a record is about; `born_on` is None when it gives no whole date."""

    given_name: str
    family_name: str
    born_on: date | None
    sex: Sex = Sex.UNKNOWN
    phone: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import did: whose record it is, how many rows are new, changed, or were here already."""

    patient: Patient
    new: int
    changed: int
    known: int
    fresh: tuple[Statement, ...]


class IdentityError(ValueError):
    """A record cannot be taken in for this patient; the message says why and what to do."""


def known_as(person: Person) -> Patient | None:
    """Return the patient who carries one of this person's identifiers; raises IdentityError when they name two patients."""
    found = {patient.pk: patient for pair in person.identifiers for patient in duplicates.known_by(*pair)}
    if len(found) > 1:
        raise IdentityError(
            _("its identifiers belong to two patients here: type the referral and compare the two records")
        )
    return next(iter(found.values()), None)


def may_be(person: Person, born_on: date) -> list[Patient]:
    """Return patients who may be this person."""
    names = {"given_name": person.given_name, "family_name": person.family_name}
    return duplicates.likely_duplicates(**names, born_on=born_on, identifiers=person.identifiers)


@transaction.atomic
def refer(*, person: Person, born_on: date, referred_for: str, by: str, at: datetime) -> Patient:
    """Create a patient from another system's record."""
    return people.refer(
        by=by, at=at, given_name=person.given_name, family_name=person.family_name, born_on=born_on, sex=person.sex,
        phone=person.phone, identifier=person.identifiers[0][1][:60] if person.identifiers else "",
        referred_for=referred_for, source="imported",
    )  # fmt: skip


def take_in(*, patient: Patient, person: Person, said: Sequence[Statement], by: str, at: datetime) -> Taken:
    """Write what is new or changed, once; raises IdentityError when an identifier belongs to somebody else."""
    known = known_as(person)
    if known is not None and known.pk != patient.pk:
        raise IdentityError(_("its identifier belongs to another patient here: choose that one"))
    try:
        with transaction.atomic():
            return _taken_in(patient, person, said, by, at)
    except IntegrityError as error:
        said_so = _("somebody else took in the same record just now: look at it and try again")
        raise IdentityError(said_so) from error


def _taken_in(patient: Patient, person: Person, said: Sequence[Statement], by: str, at: datetime) -> Taken:
    patient = Patient.objects.select_for_update().get(pk=patient.pk)
    for system, value in person.identifiers:
        if not PatientIdentifier.objects.filter(system=system, value=value).exists():
            PatientIdentifier(patient=patient, system=system, value=value, at=at, by=by).save()
    standing = {row.key: row for row in standing_items(patient)}
    fresh = [one for one in _each_once(said) if one.key not in standing or standing[one.key].digest != one.digest()]
    for one in fresh:
        HistoryItem(
            patient=patient, digest=one.digest(), at=at, by=by, replaces=standing.get(one.key), **asdict(one)
        ).save()
    new = sum(one.key not in standing for one in fresh)
    taken = Taken(patient, new, len(fresh) - new, len(_each_once(said)) - len(fresh), tuple(fresh))
    if fresh:
        audit.record(
            by=by, at=at, action="record imported", patient=patient.reference, new=taken.new, changed=taken.changed
        )
    return taken


def standing_items(patient: Patient) -> list[HistoryItem]:
    """Return what stands: the newest row of each key."""
    return list(HistoryItem.objects.filter(patient=patient, replaced_by=None))


def _each_once(said: Iterable[Statement]) -> list[Statement]:
    """Return the last statement of each key: a record that says a thing twice says it once."""
    return list({one.key: one for one in said}.values())
