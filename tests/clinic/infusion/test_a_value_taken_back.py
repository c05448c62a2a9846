"""A value of a scale that was tapped by mistake: taken back within ten seconds by who tapped it; both rows stay, no reader counts it."""

import pytest
from django.db import DatabaseError, transaction
from tests.clinic.journey.steps import go_to, planned, seated, started

from openketamine.clinic.infusion import queries
from openketamine.clinic.monitoring.lookup import Ask, answers
from openketamine.clinic.monitoring.models import Reading, ReadingTakenBack, StoredReading

pytestmark = pytest.mark.django_db
SECOND = 1 / 60


@pytest.fixture
def infusion(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    started(nurse, infusion)
    go_to(now, 10)
    return infusion


def tapped(nurse, infusion, signal="moaas", value="2"):
    nurse.post("infusion:observe", infusion.reference, signal=signal, value=value)
    return StoredReading.objects.order_by("pk").last()


def last(infusion, signal):
    (found,) = answers(infusion.watch_id, [Ask(signal)])
    return found


@pytest.mark.parametrize("scale", ["moaas", "dissociation", "distress", "anxiety", "nausea", "pain", "cadss6"])
def test_each_scale_can_be_taken_back_and_counts_no_more(nurse, infusion, now, scale):
    row = tapped(nurse, infusion, scale)
    go_to(now, 10 + 10 * SECOND)
    assert f"/value/{row.pk}/undo/" in nurse.get("infusion:live", infusion.reference).text

    said = nurse.post("infusion:undo-value", infusion.reference, row.pk)

    assert "is taken back; both rows stay" in said.text
    assert not Reading.objects.filter(signal=scale).exclude(value=None).exists()
    assert last(infusion, scale) is None
    assert StoredReading.objects.filter(pk=row.pk).exists()
    undone = ReadingTakenBack.objects.get()
    assert (undone.reading, undone.signal, undone.value, undone.by) == (row, scale, 2.0, "nils")
    assert "/value/" not in nurse.get("infusion:live", infusion.reference).text


def test_the_value_before_it_counts_again_and_its_check_is_due_again(nurse, infusion, now):
    tapped(nurse, infusion, value="5")
    first = last(infusion, "moaas")
    row = tapped(nurse, infusion, value="1")
    nurse.post("infusion:undo-value", infusion.reference, row.pk)
    assert (last(infusion, "moaas").value, last(infusion, "moaas").pk) == (5.0, first.pk)

    row = tapped(nurse, infusion, "nausea")
    assert "nausea" not in missing(infusion, now)
    nurse.post("infusion:undo-value", infusion.reference, row.pk)
    assert "nausea" in missing(infusion, now)


def missing(infusion, now):
    return queries.most_pressing(queries.dues(infusion, queries.course_of(infusion), now["at"])).missing


def test_after_ten_seconds_it_stays(nurse, infusion, now):
    row = tapped(nurse, infusion)
    go_to(now, 10 + 11 * SECOND)

    said = nurse.post("infusion:undo-value", infusion.reference, row.pk)

    assert "can be taken back for ten seconds, by who typed it" in said.text
    assert last(infusion, "moaas").value == 2.0


def test_nobody_takes_back_what_another_typed_nor_a_value_twice(nurse, prescriber, infusion):
    row = tapped(nurse, infusion)
    prescriber.post("infusion:undo-value", infusion.reference, row.pk)
    assert ReadingTakenBack.objects.count() == 0

    for _ in range(2):
        nurse.post("infusion:undo-value", infusion.reference, row.pk)
    assert ReadingTakenBack.objects.count() == 1


def test_a_vital_sign_is_not_taken_back_so(nurse, infusion):
    nurse.post("infusion:check", infusion.reference, nibp_systolic="150", nibp_diastolic="80")
    row = StoredReading.objects.get(signal="nibp_systolic", value=150)

    nurse.post("infusion:undo-value", infusion.reference, row.pk)

    assert ReadingTakenBack.objects.count() == 0


def test_both_rows_are_append_only_and_stand_in_the_appendix(nurse, infusion):
    from openketamine.clinic.recovery import appendix

    row = tapped(nurse, infusion, "pain", "7")
    nurse.post("infusion:undo-value", infusion.reference, row.pk)

    with pytest.raises(DatabaseError), transaction.atomic():
        ReadingTakenBack.objects.all()._raw_delete(using="default")
    tables = dict(appendix.rows(infusion)["tables"])
    assert any("pain" in line and "7" in line for line in tables["Typed values and cuffs"])
    assert any("pain" in line and "7" in line and "nils" in line for line in tables["Values taken back"])
