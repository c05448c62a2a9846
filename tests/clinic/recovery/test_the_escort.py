"""Whether the escort is here: the last word counts, whether somebody ticked it or recorded the escort as absent."""

import pytest
from tests.clinic.journey.steps import go_to, record

from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.recovery import queries

pytestmark = pytest.mark.django_db


def escort(now):
    return next(row for row in queries.criteria(Infusion.objects.get(), at=now["at"]) if row.id == "escort")


def ticked(nurse, infusion):
    nurse.post("recovery:tick", infusion.reference, criterion="escort", met="yes")


@pytest.fixture
def gone(nurse, sat, now):
    """The escort was here at minute 30, and was recorded as absent at minute 40."""
    go_to(now, 30)
    ticked(nurse, sat)
    go_to(now, 40)
    record(nurse, sat, "escort_absent", says="went home alone")
    return sat


def test_an_escort_who_is_recorded_as_absent_is_not_here_any_more(gone, now):
    assert (escort(now).standing.value, escort(now).how) == ("not met", "absent, 09:40: went home alone (nils)")


def test_an_escort_who_comes_after_all_is_here(nurse, gone, now):
    go_to(now, 50)
    ticked(nurse, gone)

    assert escort(now).standing.value == "met"


def test_an_absence_that_was_entered_in_error_leaves_the_escort_here(nurse, gone, now):
    number = gone.events.get(kind="escort_absent").number
    nurse.post("infusion:correct", gone.reference, number, kind="escort_absent", says="another escort", in_error="yes")

    assert escort(now).standing.value == "met"


def test_an_escort_whom_nobody_has_looked_for_is_not_here_once_recorded_as_absent(nurse, sat, now):
    go_to(now, 40)
    assert escort(now).standing.value == "not known"
    record(nurse, sat, "escort_absent", says="does not answer the phone")

    assert escort(now).standing.value == "not met"
