"""An exported bundle taken in again says the same of the same person."""

import json
from datetime import date

import pytest
from tests.builders import AT
from tests.doors.fhir import bundles

from openketamine.doors.fhir import actions, bundle, export
from openketamine.doors.fhir.actions import NewPatient

pytestmark = pytest.mark.django_db


def test_what_was_imported_reads_back_from_the_export():
    content = bundles.referral()
    kept, before = actions.receive(content, by="dora", at=AT)
    patient = actions.take_in(kept, whose=NewPatient(date(1979, 4, 17), "depression"), by="dora", at=AT).patient

    after = bundle.read(export.bundle(patient))

    assert set(before.said) <= set(after.said)
    assert after.person.identifiers[1:] == before.person.identifiers
    assert (after.person.born_on, after.person.sex) == (before.person.born_on, before.person.sex)


def test_who_took_it_in_and_when_is_provenance():
    kept, _referral = actions.receive(bundles.referral(), by="dora", at=AT)
    patient = actions.take_in(kept, whose=NewPatient(date(1979, 4, 17), "depression"), by="dora", at=AT).patient
    entries = json.loads(export.bundle(patient))["entry"]
    origin = next(one["resource"] for one in entries if one["resource"]["resourceType"] == "Provenance")
    addresses = {one["fullUrl"] for one in entries}

    assert (origin["recorded"], origin["agent"][0]["who"]["display"]) == ("2026-03-02T09:00:00Z", "dora")
    assert len(origin["target"]) == 6
    assert {target["reference"] for target in origin["target"]} <= addresses
