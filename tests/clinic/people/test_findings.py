import pytest
from django.db import connection
from tests.builders import AT, make_patient

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit.models import ImmutableError
from openketamine.clinic.people import actions
from openketamine.clinic.people.models import Finding

pytestmark = pytest.mark.django_db


def test_a_finding_stays_open_until_it_is_resolved_with_a_reason():
    patient = make_patient()
    finding = open_urinary(patient)

    actions.close_finding(finding=finding, reason="culture positive, treated", by="ada", at=AT)

    assert not actions.open_findings(patient).exists()
    assert Finding.objects.count() == 1


def test_the_same_finding_is_opened_once():
    patient = make_patient()

    assert open_urinary(patient).pk == open_urinary(patient).pk


def test_a_finding_is_never_edited_or_deleted():
    finding = open_urinary(make_patient())

    with pytest.raises(ImmutableError):
        finding.save()
    with pytest.raises(ImmutableError):
        finding.delete()
    with pytest.raises(ImmutableError):
        Finding.objects.update(says="nothing")


def test_a_changed_audit_row_is_found():
    patient = make_patient()
    open_urinary(patient)
    second = audit.record(by="nils", at=AT, action="looked", patient=patient.reference)
    assert audit.first_broken() is None

    with connection.cursor() as cursor:
        on_table = " ON audit_entry" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TRIGGER audit_entry_no_update{on_table}")
        cursor.execute("UPDATE audit_entry SET action = 'nothing' WHERE id = %s", [second.pk])

    assert audit.first_broken() == second.pk


def open_urinary(patient):
    return actions.open_finding(
        patient=patient, code="urinary", room="safety", says="Urinary symptoms", by="nils", at=AT, holds=True
    )
