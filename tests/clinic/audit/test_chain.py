"""The audit chain: whole whoever writes at once, and broken where somebody has changed a row."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection
from tests.builders import AT

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit.models import Entry


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_make_one_chain():
    def write(number):
        try:
            audit.record(by=f"nurse {number}", at=AT, action="looked")
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))

    assert Entry.objects.count() == 40
    assert audit.first_broken() is None


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_refuses_to_change_a_row_after_a_test_that_committed():
    entry = audit.record(by="nils", at=AT, action="looked")

    for change in ("UPDATE audit_entry SET action = 'nothing'", "DELETE FROM audit_entry"):
        with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
            cursor.execute(f"{change} WHERE id = %s", [entry.pk])

    assert Entry.objects.get().action == "looked"
