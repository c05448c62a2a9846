"""Go-live: patients in the middle of a course, from a table."""

import pytest
from tests.builders import AT, make_clinic

from openketamine.clinic.people.models import Patient
from openketamine.clinic.plan import mid_course
from openketamine.clinic.plan.models import Course

pytestmark = pytest.mark.django_db
HEAD = ",".join((*mid_course.PERSON, *mid_course.COURSE))
GOOD = "Testa,Synthetic,1980-01-01,female,,,depression,depression_iv_racemic,6,2,0.5,40,2026-03-02,,3,three elsewhere in February"


def take(*rows):
    return mid_course.take_in("\n".join([HEAD, *rows]), by="ada", at=AT)


@pytest.fixture(autouse=True)
def clinic():
    return make_clinic()


def test_a_row_is_a_patient_whose_next_infusion_is_the_fourth_of_six():
    found = take(GOOD)

    assert [one.following for one in found] == ["4 of 6"]
    course = Course.objects.get()
    assert (course.given_elsewhere, course.patient.source) == (3, "table at go-live")


def test_a_table_with_a_fault_writes_nothing_and_names_every_fault():
    with pytest.raises(mid_course.TableError) as refused:
        take(GOOD, GOOD.replace("Testa", "Other").replace("1980-01-01", "yesterday").replace(",0.5,", ",5,"))

    assert "row 2, born_on: yesterday" in str(refused.value)
    assert "row 2, dose_mg_per_kg: 5: 5 mg/kg: must be above 0 and at most 1 mg/kg" in str(refused.value)
    assert Patient.objects.count() == 0


def test_the_same_person_twice_is_refused():
    with pytest.raises(mid_course.TableError, match="row 2: this may be somebody already known here"):
        take(GOOD, GOOD)
    assert Patient.objects.count() == 0


def test_a_table_without_its_columns_says_which():
    with pytest.raises(mid_course.TableError, match="told_of_elsewhere"):
        mid_course.take_in("given_name\nTesta", by="ada", at=AT)
