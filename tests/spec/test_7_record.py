"""A record that can be trusted

A clinical row is never edited or deleted; a correction is a new row, and the old one stays readable.
"""

import pytest
from django.db import DatabaseError, connection
from tests.builders import AT, make_patient

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit.models import ImmutableError
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Finding

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
