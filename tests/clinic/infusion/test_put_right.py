"""The time or dose of a drug, a vein, an ending that was recorded wrongly is put right: old and new stand everywhere, what follows is computed anew."""

import io
import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from pypdf import PdfReader
from tests.builders import AT, make_watch
from tests.clinic.journey.steps import checked, go_to, record
from tests.two_chairs import device, says

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.infusion import corrections, queries, series
from openketamine.clinic.infusion.actions import NotNowError
from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.ledger.models import Row
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring.models import Device, Reading
from openketamine.clinic.recovery.record import record as record_of
from openketamine.clinic.tasks import actions as tasks
from openketamine.doors.fhir.treatment import event_to_fhir

pytestmark = pytest.mark.django_db


def at(minute):
    return AT + timedelta(minutes=minute)


def last(kind):
    return InfusionEvent.objects.filter(kind=kind).order_by("number").last()


def put_right(desk, kind, says="misread", **fields):
    event = last(kind)
    return desk.post("infusion:correct", event.infusion.reference, event.number, says=says, **fields)


def given(desk, infusion, drug="midazolam", dose="1 mg i.v.", **more):
    return record(desk, infusion, "drug_given", says=drug, dose=dose, **more)


def text(answer):
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", answer.text).split()))


def paper(desk, name, infusion):
    pages = PdfReader(io.BytesIO(desk.get(name, infusion.reference).content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


# a drug


def test_the_time_and_the_dose_of_a_drug_are_put_right_and_it_stays_the_same_drug(nurse, running, now):
    go_to(now, 20)
    given(nurse, running)
    go_to(now, 25)
    put_right(nurse, "drug_given", happened="09:12", dose="2 mg i.v.")

    old, new = InfusionEvent.objects.filter(kind="drug_given").order_by("number")
    assert (old.at, old.dose) == (at(20), "1 mg i.v.")
    assert (new.at, new.dose, new.says, new.reason) == (at(12), "2 mg i.v.", "midazolam", "misread")
    assert new.recorded_at == at(25), "it says when it was put right"
    assert [row.pk for row in queries.sedatives(running)] == [new.pk]


def test_the_checks_after_a_sedative_go_by_its_right_time(nurse, running, now):
    go_to(now, 20)
    given(nurse, running)
    go_to(now, 24)
    sedated = [due.minute for due in queries.dues(running, queries.course_of(running), at(24))]
    put_right(nurse, "drug_given", happened="09:12")
    dues = queries.dues(running, queries.course_of(running), at(24))

    assert 25 in sedated
    assert 17 not in sedated
    assert {17, 22, 27} <= {due.minute for due in dues}
    assert 25 not in {due.minute for due in dues}


def test_a_time_of_a_drug_after_the_person_has_gone_does_not_fit_the_record(nurse, running, now):
    go_to(now, 20)
    given(nurse, running)
    go_to(now, 22)
    record(nurse, running, "left", says="wished to go")
    go_to(now, 30)

    answer = put_right(nurse, "drug_given", happened="09:25")

    assert answer.status_code == 422
    assert "This does not fit the rest of the record" in text(answer)
    assert last("drug_given").at == at(20)


def test_nothing_typed_changes_nothing_and_says_so(nurse, running, now):
    given(nurse, running)

    answer = put_right(nurse, "drug_given")

    assert answer.status_code == 422
    assert "Nothing is changed: type the time or the value as it was" in text(answer)
    assert InfusionEvent.objects.filter(kind="drug_given").count() == 1


def test_without_a_reason_nothing_is_put_right_and_what_was_typed_stays(nurse, running, now):
    given(nurse, running)

    answer = put_right(nurse, "drug_given", says=" ", dose="2 mg i.v.")

    assert answer.status_code == 422
    assert 'value="2 mg i.v."' in answer.text
    assert "What was wrong: is empty" in text(answer)
    assert InfusionEvent.objects.filter(kind="drug_given").count() == 1


def test_a_value_that_a_step_does_not_have_is_not_brought_in_by_a_correction(nurse, running, now):
    go_to(now, 20)
    given(nurse, running)
    put_right(nurse, "drug_given", dose="2 mg i.v.", rate_ml_per_h="100", volume_ml="5", fluid="drug", place="left arm")

    row = last("drug_given")
    assert (row.rate_ml_per_h, row.volume_ml, row.fluid, row.says) == (None, None, "", "midazolam")


def test_a_drug_that_is_put_right_moves_no_ketamine_in_the_drug_book(nurse, running, now):
    go_to(now, 10)
    given(nurse, running, "ondansetron", "4 mg i.v.")
    record(nurse, running, "stopped")
    rows = Row.objects.count()
    put_right(nurse, "drug_given", dose="8 mg i.v.")

    assert Row.objects.count() == rows


# a vein


def test_a_vein_is_put_right_with_its_place_and_its_time(nurse, running, now):
    go_to(now, 5)
    record(nurse, running, "site", says="left forearm", gauge="22 G", patency="free")
    go_to(now, 9)
    put_right(nurse, "site", place="right forearm", gauge="20 G", patency="resistance", happened="09:03")

    row = last("site")
    assert (row.at, row.says) == (at(3), "right forearm, 20 G, flushes with resistance")
    assert "left forearm, 22 G, flushes freely → right forearm, 20 G, flushes with resistance" in row.replaced


def test_the_time_of_a_vein_alone_is_put_right_and_the_vein_stays(nurse, running, now):
    go_to(now, 5)
    record(nurse, running, "site", says="left forearm", gauge="22 G", patency="free")
    put_right(nurse, "site", happened="09:03")

    row = last("site")
    assert (row.at, row.says) == (at(3), "left forearm, 22 G, flushes freely")


def test_half_a_vein_is_asked_for_in_full(nurse, running, now):
    record(nurse, running, "site", says="left forearm", gauge="22 G", patency="free")

    answer = put_right(nurse, "site", place="right forearm")

    assert answer.status_code == 422
    assert "is empty: choose a size from the list" in text(answer)
    assert "is empty: say how it flushes" in text(answer)
    assert 'value="right forearm"' in answer.text


def test_the_time_at_which_drug_ran_beside_the_vein_is_put_right_and_the_doubt_goes_by_it(nurse, running, now):
    go_to(now, 12)
    record(nurse, running, "infiltrated", says="swelling")
    put_right(nurse, "infiltrated", happened="09:07")

    assert queries.course_of(running).doubtful_from == at(7)


def test_the_volume_of_a_line_is_put_right_and_what_reached_the_person_follows(nurse, running, now):
    record(nurse, running, "line_primed", volume_ml="1", fluid="saline")
    go_to(now, 10)
    put_right(nurse, "line_primed", volume_ml="10", fluid="drug")

    line = queries.course_of(running).line
    assert (line.volume_ml, line.primed_with.value) == (10.0, "drug")
    assert "1 → 10 mL, saline → drug" in last("line_primed").replaced


# old and new, everywhere


@pytest.fixture
def shown(nurse, running, now):
    """A sedative of minute 20, put right at minute 25 to minute 12 and 2 mg."""
    go_to(now, 20)
    given(nurse, running)
    go_to(now, 25)
    put_right(nurse, "drug_given", says="read from another chart", happened="09:12", dose="2 mg i.v.")
    return running


OLD_AND_NEW = "09:20:00 → 09:12:00, 1 mg i.v. → 2 mg i.v."


def test_old_and_new_and_why_stand_on_the_chair(nurse, shown):
    number = last("drug_given").voids.number

    assert f"corrects {number} ({OLD_AND_NEW}), read from another chart" in text(
        nurse.get("infusion:live", shown.reference)
    )


def test_old_and_new_and_why_stand_at_the_event_of_the_chart(shown):
    drawn = [one for one in series.series(shown, at=at(30))["events"] if one["kind"] == "drug_given"]

    assert [one["at"] for one in drawn] == [12.0], "the one that was put right is drawn, where it was"
    assert f"({OLD_AND_NEW}), read from another chart" in drawn[0]["says"]


@pytest.mark.parametrize("page", ["recovery:pdf", "recovery:appendix"])
def test_old_and_new_and_why_stand_on_paper(nurse, shown, page):
    assert f"({OLD_AND_NEW}), read from another chart" in paper(nurse, page, shown)


def test_old_and_new_and_why_stand_in_the_record_that_is_signed(shown):
    old, new = [one for one in record_of(shown)["events"] if one["kind"] == "drug_given"]

    assert (old["corrected"], new["corrects"]) == (True, old["number"])
    assert (new["replaced"], new["reason"]) == (OLD_AND_NEW, "read from another chart")


def test_old_and_new_and_why_stand_in_the_export_with_times_in_utc(shown):
    new = last("drug_given")
    notes = [one["text"] for one in event_to_fhir(new, subject="Patient/1")["note"]]

    assert event_to_fhir(new.voids, subject="Patient/1")["status"] == "entered-in-error"
    assert (
        f"corrects event {new.voids.number}: 2026-03-02T09:20:00Z → 2026-03-02T09:12:00Z, 1 mg i.v. → 2 mg i.v.; read from another chart"
        in notes
    )


def test_old_and_new_and_why_stand_in_the_audit_trail(shown):
    row = Entry.objects.filter(action="corrected").last()

    assert (row.detail["replaced"], row.detail["reason"]) == (OLD_AND_NEW, "read from another chart")


def test_a_correction_on_another_day_names_both_days(nurse, running, now):
    go_to(now, 15 * 60 + 10)
    given(nurse, running, "ondansetron", "4 mg i.v.")
    put_right(nurse, "drug_given", happened="23:50")

    assert last("drug_given").replaced == "2026-03-03 00:10:00 → 2026-03-02 23:50:00"


# an ending


@pytest.fixture
def left_early(nurse, running, now):
    """Infusing since minute 0 at 150 mL/h; left at minute 20, so it is recorded; 10 minutes later somebody knows better."""
    go_to(now, 20)
    record(nurse, running, "left", says="wished to go")
    go_to(now, 30)
    return running


def anew(infusion):
    return Infusion.objects.get(pk=infusion.pk)


def test_the_time_at_which_somebody_left_is_put_right_and_session_and_chair_end_then(nurse, left_early):
    put_right(nurse, "left", happened="09:16")

    infusion = anew(left_early)
    assert (infusion.closed_at, infusion.watch.ended_at) == (at(16), at(16))
    assert last("left").says == "wished to go"
    assert "09:20:00 → 09:16:00" in text(nurse.get("infusion:chair", infusion.reference))


def test_the_drug_book_takes_the_old_posting_back_and_posts_the_new_with_the_reason(nurse, left_early):
    assert ledger.balance(left_early.reference).given_mg == Decimal("17.5")
    number = last("left").number
    put_right(nurse, "left", happened="09:16")

    old, new = Row.objects.filter(session=left_early.reference, kind="given").order_by("pk")
    assert (old.mg, new.mg, new.replaces) == (Decimal("17.50"), Decimal("14.00"), old)
    assert new.basis.endswith(f"event {number} put right: misread")
    assert ledger.balance(left_early.reference).given_mg == Decimal(14)
    assert f"instead of 17.5 mg; recorded rates, line not recorded; event {number} put right: misread" in text(
        nurse.get("ledger:session", left_early.reference)
    )


def test_what_was_asked_of_somebody_because_a_person_left_names_the_right_time(nurse, left_early):
    before = tasks.open_tasks().get(key=f"left {last('left').pk}")
    put_right(nurse, "left", happened="09:16")

    assert [task.due_at for task in tasks.open_tasks().filter(key__startswith="left ")] == [at(16)]
    assert before.done.note.endswith("(09:20:00 → 09:16:00), misread")


def test_what_was_done_already_after_somebody_left_is_not_asked_again(nurse, left_early, now):
    tasks.finish(tasks.open_tasks().get(key__startswith="left "), by="ada", at=now["at"])
    put_right(nurse, "left", happened="09:16")

    assert not tasks.open_tasks().filter(key__startswith="left ").exists()


@pytest.fixture
def heard(left_early, clinic):
    """A monitor stood at the chair all the while and has gone on."""
    type(clinic).objects.update(device_stream=True)
    monitor = Device.objects.create(identity="MON-1", first_seen_at=AT)
    monitoring.accept_device(device=monitor, chair=left_early.watch.chair, by="nils", at=at(-10))
    for minute in (10, 17, 20, 25):
        says("MON-1", at(minute), spo2=70.0 + minute)
    return left_early


def values(infusion):
    rows = Reading.objects.filter(watch=infusion.watch_id, signal="spo2", device=device("MON-1"))
    return sorted(rows.values_list("value", flat=True))


def test_what_a_monitor_said_after_the_right_end_is_nobody_s(nurse, heard):
    assert values(heard) == [80.0, 87.0]
    put_right(nurse, "left", happened="09:16")

    assert values(heard) == [80.0]
    assert Reading.objects.filter(device=device("MON-1"), signal="spo2").count() == 4, (
        "nothing is lost or counted twice"
    )


def test_what_a_monitor_said_until_a_later_right_end_is_this_person_s(nurse, heard):
    put_right(nurse, "left", happened="09:25")

    assert values(heard) == [80.0, 87.0, 90.0]


def test_an_ending_that_is_put_right_twice_counts_each_reading_once(nurse, heard):
    put_right(nurse, "left", happened="09:16")
    put_right(nurse, "left", happened="09:26")

    assert values(heard) == [80.0, 87.0, 90.0, 95.0]
    assert Reading.objects.filter(device=device("MON-1"), signal="spo2").count() == 4


def test_nobody_left_before_a_value_of_theirs_was_typed(nurse, running, now):
    go_to(now, 18)
    checked(nurse, running, systolic=131)
    go_to(now, 20)
    record(nurse, running, "left", says="wished to go")

    answer = put_right(nurse, "left", happened="09:16")

    assert answer.status_code == 422
    assert "a value of this person was typed for 2026-03-02 09:18:00 by nils, so they were still here" in text(answer)
    assert anew(running).closed_at == at(20)


def test_nobody_was_still_there_when_somebody_else_sat_on_the_chair(nurse, left_early):
    make_watch(chair=left_early.watch.chair, at=at(24))

    answer = put_right(nurse, "left", happened="09:28")

    assert answer.status_code == 422
    assert "somebody else sat on Chair 1 from 2026-03-02 09:24:00 on" in text(answer)
    assert anew(left_early).watch.ended_at == at(20)


def test_a_session_that_was_moved_to_another_person_is_put_right_there(nurse, left_early):
    type(left_early.watch).objects.filter(pk=left_early.watch_id).update(ended_at=left_early.watch.started_at)

    assert "This session was moved" in text(put_right(nurse, "left", happened="09:16"))


def test_an_ending_is_never_put_into_the_future(nurse, left_early, now):
    with pytest.raises(NotNowError, match="is still to come"):
        corrections.correct(event=last("left"), by="nils", now=now["at"], reason="misread", at=at(31))


def test_the_time_of_an_observation_is_put_right_and_its_words_stay(nurse, running, now):
    go_to(now, 20)
    record(nurse, running, "observation", says="calm")
    put_right(nurse, "observation", happened="09:10")
    assert (last("observation").at, last("observation").says) == (at(10), "calm")
