"""A record that can be trusted

A clinical row is never edited or deleted; a correction is a new row, and the old one stays readable.
"""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from tests.builders import AT, make_clinic, make_infusing, make_patient

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit.models import ImmutableError
from openketamine.clinic.audit.reading_only import WriteRefusedError, reading_only
from openketamine.clinic.infusion import actions as infusions
from openketamine.clinic.infusion import corrections, past, queries
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Finding
from openketamine.clinic.recovery import actions as recovery
from openketamine.core.infusion.events import Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def finding():
    return people.open_finding(
        patient=make_patient(), code="urinary", room="safety", says="Urinary symptoms", by="nils", at=AT, holds=True
    )


def test_the_program_refuses_to_change_a_row(finding):
    finding.says = "nothing"

    with pytest.raises(ImmutableError, match="add a correcting row"):
        finding.save()


def test_the_database_refuses_it_too_even_to_those_who_go_round_the_program(finding):
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute("UPDATE people_finding SET says = 'nothing'")


def test_every_action_leaves_one_row_in_the_audit_chain_with_who_and_when(finding):
    entry = audit.Entry.objects.latest("pk")

    assert (entry.by, entry.at, entry.patient) == ("nils", AT, finding.patient.reference)
    assert audit.first_broken() is None


def test_a_finding_holds_the_next_infusion_until_a_clinician_resolves_it_with_a_reason(finding):
    held = [one for one in people.open_findings(finding.patient) if one.holds_infusion]
    people.close_finding(finding=finding, reason="culture positive, treated", by="ada", at=AT)

    assert held == [finding]
    assert list(people.open_findings(finding.patient)) == []
    assert Finding.objects.count() == 1


LATER = AT + timedelta(minutes=10)


@pytest.fixture
def infusing():
    make_clinic()
    return make_infusing()


def started(infusion):
    return next(row for row in queries.standing_events(infusion) if row.kind == Kind.STARTED.value)


def test_after_an_incident_a_session_is_frozen_and_nothing_recorded_in_it_is_corrected(infusing):
    recovery.freeze(infusion=infusing, reason="she fell at the door", by="ada", at=LATER)

    with pytest.raises(infusions.NotNowError, match=r"frozen after an incident, at .* by ada.* as an addendum"):
        corrections.correct(event=started(infusing), by="nils", now=LATER, reason="wrong pump", rate_ml_per_h=75.0)


def test_care_of_a_person_who_is_still_there_goes_on_being_recorded_in_a_frozen_session(infusing):
    recovery.freeze(infusion=infusing, reason="she fell at the door", by="ada", at=LATER)

    infusions.record(
        infusion=infusing, kind=Kind.DRUG_GIVEN, by="nils", at=LATER, now=LATER, says="ondansetron", dose="4 mg"
    )

    assert queries.standing_events(infusing)[-1].dose == "4 mg"


def test_a_session_played_again_for_training_shows_each_instant_as_it_was_known_then(infusing):
    corrections.correct(event=started(infusing), by="nils", now=LATER, reason="wrong pump", rate_ml_per_h=75.0)

    before, after = (past.as_of(infusing, at) for at in (LATER - timedelta(minutes=1), LATER))

    assert started(before).rate_ml_per_h == 150.0
    assert started(after).rate_ml_per_h == 75.0


def test_pages_for_training_cannot_write_to_a_record(finding):
    with reading_only(), pytest.raises(WriteRefusedError):
        people.close_finding(finding=finding, reason="pressed by mistake", by="ada", at=AT)
