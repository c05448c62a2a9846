"""Before the start: what blocks, what needs a reason, what informs; two identifiers; last time; signals that must be there."""

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.builders import AT
from tests.clinic.journey.steps import (
    answer,
    checked,
    drawn,
    fitted_out,
    go_to,
    phase,
    planned,
    seated,
    started,
    where,
)

from openketamine.clinic.followup import actions as followup
from openketamine.clinic.infusion import actions, queries
from openketamine.clinic.infusion.models import GateAnswer, Infusion
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring.models import Device, DeviceOnChair
from openketamine.clinic.people.models import Clinic
from openketamine.clinic.recovery.record import record
from openketamine.core.infusion.gate import Stand

pytestmark = pytest.mark.django_db


@pytest.fixture
def infusion(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    return seated(nurse, patient)


def ready(nurse, infusion, **check):
    drawn(nurse, infusion)
    checked(nurse, infusion, **{"heart_rate": 70, "spo2": 98, **check})
    fitted_out(nurse, infusion)
    return nurse.post("infusion:ready", infusion.reference)


def test_everything_answered_makes_the_person_checked_and_then_ready(nurse, infusion, now):
    answer(nurse, infusion)
    assert phase(nurse, infusion) == "checked"
    ready(nurse, infusion)
    assert phase(nurse, infusion) == "ready"


def test_identity_takes_two_identifiers_and_neither_alone_nor_a_tick_is_one(nurse, infusion, now):
    half = answer(nurse, infusion, identity_born="")
    assert "the birth date is empty" in half.text
    assert 'value="Testa Synthetic"' in half.text
    assert where(infusion, "identity").stand is Stand.NOT_ASKED
    assert where(infusion, "consent").stand is Stand.DONE

    nurse.post("infusion:gate", infusion.reference, identity="yes")
    assert where(infusion, "identity").stand is Stand.NOT_ASKED
    answer(nurse, infusion, identity_name="SYNTHETIC, Testa")
    assert where(infusion, "identity").stand is Stand.DONE


def test_a_wrong_person_is_opened_by_nobody(nurse, prescriber, infusion, now):
    answer(nurse, infusion, identity_born="1981-01-01")
    answer(prescriber, infusion, identity_born="1981-01-01", note_identity="I know her")

    assert where(infusion, "identity").stand is Stand.BLOCKS
    assert "Nobody can override this" in ready(prescriber, infusion).text
    assert phase(nurse, infusion) == "arrived"


def test_what_needs_a_reason_takes_the_nurse_s_and_it_is_printed_on_the_record(nurse, infusion, now):
    answer(nurse, infusion, fasting="no")
    assert "a reason is needed" in ready(nurse, infusion).text
    assert phase(nurse, infusion) == "arrived"

    answer(nurse, infusion, fasting="no", note_fasting="two sips of water at 8")
    nurse.post("infusion:ready", infusion.reference)

    assert phase(nurse, infusion) == "ready"
    printed = {question: note for question, _answer, note in record(infusion)["before"]}
    assert "two sips of water at 8" in printed[where(infusion, "fasting").question]
    assert "Escort Example" in printed[where(infusion, "escort").question]


def test_what_blocks_takes_only_a_prescriber_s_reason(nurse, prescriber, infusion, now):
    answer(nurse, infusion, consent="no", note_consent="says yes by phone")
    assert where(infusion, "consent").stand is Stand.BLOCKS
    assert "The answer is no and blocks the start" in ready(nurse, infusion).text

    answer(prescriber, infusion, consent="no", note_consent="signed on paper, being scanned")
    assert where(infusion, "consent").stand is Stand.REASON_GIVEN
    answer(nurse, infusion, consent="no")
    assert where(infusion, "consent").reason == "signed on paper, being scanned"


def test_what_informs_holds_nothing(nurse, infusion, now):
    answer(nurse, infusion, drug_screen="not known")
    ready(nurse, infusion)

    assert where(infusion, "drug_screen").stand is Stand.INFORMS
    assert phase(nurse, infusion) == "ready"


def test_nobody_ready_until_somebody_named_has_checked_the_bedside_monitor(nurse, infusion, now):
    answer(nurse, infusion, monitor_alarms_name="", monitor_alarms="yes")
    assert where(infusion, "monitor_alarms").stand is Stand.NOT_ASKED
    assert "alarms on and limits checked, by whom? Nobody has asked yet" in ready(nurse, infusion).text


@pytest.mark.parametrize(("systolic", "diastolic", "says"), [(142, 80, "above 140/90"), (130, 101, "above 180/100"), (181, 95, "above 180/100")])  # fmt: skip
def test_a_pressure_above_a_tier_asks_a_prescriber_and_a_new_one_asks_again(
    nurse, prescriber, infusion, now, systolic, diastolic, says
):
    answer(nurse, infusion)
    held = ready(nurse, infusion, systolic=systolic, diastolic=diastolic)
    assert says in held.text
    prescriber.post("infusion:gate", infusion.reference, note_pressure="known, repeated twice")
    assert where(infusion, "pressure").stand is Stand.REASON_GIVEN

    go_to(now, 5)
    checked(nurse, infusion, systolic + 1, diastolic)
    assert where(infusion, "pressure").stand in {Stand.BLOCKS, Stand.NEEDS_REASON}
    go_to(now, 10)
    checked(nurse, infusion, 138, 86)
    assert where(infusion, "pressure").stand is Stand.DONE
    assert GateAnswer.objects.filter(item="pressure").count() == 1


def test_the_baseline_is_measured_here_and_names_what_is_missing(nurse, infusion, now):
    answer(nurse, infusion)
    drawn(nurse, infusion)
    checked(nurse, infusion, spo2=98)

    assert "missing: heart rate" in fitted_out(nurse, infusion).text or "missing: heart rate" in nurse.get(
        "infusion:chair", infusion.reference
    ).text  # fmt: skip
    checked(nurse, infusion, heart_rate=70, spo2=98)
    assert where(infusion, "vitals").stand is Stand.DONE


def test_a_systolic_alone_opens_nothing_and_replaces_no_measurement_of_both(nurse, infusion, now):
    answer(nurse, infusion)
    ready(nurse, infusion, systolic=190, diastolic=112)
    go_to(now, 6)
    nurse.post("infusion:check", infusion.reference, nibp_systolic=122)

    assert "190/112 mmHg" in where(infusion, "pressure").said
    nurse.post("infusion:ready", infusion.reference)
    nurse.post("infusion:record", infusion.reference, kind="started", rate_ml_per_h="150")
    assert phase(nurse, infusion) == "checked"


def test_without_a_measurement_of_both_pressures_nobody_is_ready(nurse, infusion, now):
    answer(nurse, infusion)
    drawn(nurse, infusion)
    fitted_out(nurse, infusion)
    nurse.post("infusion:check", infusion.reference, nibp_systolic=128, heart_rate=70, spo2=98)
    go_to(now, 1)
    nurse.post("infusion:check", infusion.reference, nibp_diastolic=78)

    assert where(infusion, "pressure").stand is Stand.NOT_ASKED
    assert "missing: pressure" in nurse.post("infusion:ready", infusion.reference).text
    assert phase(nurse, infusion) == "checked"


def test_a_high_pressure_is_measured_again_after_five_minutes_and_not_sooner(nurse, infusion, now):
    answer(nurse, infusion)
    assert (
        "not measured again yet, which counts from 09:05 on" in ready(nurse, infusion, systolic=150, diastolic=95).text
    )
    go_to(now, 1)
    checked(nurse, infusion, 139, 89)
    assert "150/95 mmHg" in nurse.post("infusion:ready", infusion.reference).text
    assert phase(nurse, infusion) == "checked"

    go_to(now, 5)
    checked(nurse, infusion, 139, 89)
    nurse.post("infusion:ready", infusion.reference)
    assert phase(nurse, infusion) == "ready"


def test_what_was_measured_a_quarter_of_an_hour_ago_is_measured_again_before_a_start(nurse, infusion, now):
    answer(nurse, infusion)
    ready(nurse, infusion)
    go_to(now, 16)
    late = nurse.post("infusion:record", infusion.reference, kind="started", rate_ml_per_h="150")
    assert "Measured more than 15 min ago: heart rate, pressure, SpO2 09:00. Record a check, at rest" in late.text
    assert phase(nurse, infusion) == "ready"

    checked(nurse, infusion, 132, 80, heart_rate=74, spo2=97)
    nurse.post("infusion:record", infusion.reference, kind="started", rate_ml_per_h="150")
    infusion.watch.refresh_from_db()
    assert phase(nurse, infusion) == "infusing"
    assert infusion.watch.baseline["nibp_systolic"] == 132


def test_a_start_that_is_recorded_late_is_held_against_what_was_measured_by_then(nurse, infusion, now):
    answer(nurse, infusion)
    ready(nurse, infusion)
    go_to(now, 20)
    checked(nurse, infusion, 165, 99)
    nurse.post("infusion:record", infusion.reference, kind="started", rate_ml_per_h="150", happened="09:02")

    infusion.watch.refresh_from_db()
    assert phase(nurse, infusion) == "infusing"
    assert (infusion.watch.baseline["nibp_systolic"], infusion.watch.baseline["nibp_diastolic"]) == (128, 78)


def test_an_incomplete_pressure_is_no_baseline(nurse, infusion, now):
    answer(nurse, infusion)
    ready(nurse, infusion)
    go_to(now, 1)
    nurse.post("infusion:check", infusion.reference, nibp_systolic=111)
    nurse.post("infusion:record", infusion.reference, kind="started", rate_ml_per_h="150")

    infusion.watch.refresh_from_db()
    assert infusion.watch.baseline["nibp_systolic"] == 128


def test_a_value_from_before_the_session_was_opened_is_none_of_this_visit(nurse, infusion, now):
    answer(nurse, infusion)
    before_it = AT - timedelta(minutes=2)
    values = {"nibp_systolic": 128.0, "nibp_diastolic": 78.0, "heart_rate": 70.0, "spo2": 98.0}
    monitoring.chart_typed(watch=infusion.watch, values=values, reasons={}, by="nils", observed_at=before_it, at=AT)

    assert where(infusion, "vitals").stand is Stand.NOT_ASKED
    assert where(infusion, "pressure").stand is Stand.NOT_ASKED


def test_severity_is_said_in_words_and_shape(nurse, infusion, now):
    page = " ".join(nurse.get("infusion:chair", infusion.reference).text.split())
    for words in ("■ blocks", "▲ needs a reason", "○ informs"):
        assert words in page


def test_last_time_is_told_before_the_next_start(nurse, prescriber, patient, infusion, now):
    assert "First session here." in nurse.get("infusion:chair", infusion.reference).text
    nurse.post("infusion:wishes", infusion.reference, touch="hand", preferences="no music")
    started(nurse, infusion)
    go_to(now, 20)
    checked(nurse, infusion, 168, 92, distress=7)
    nurse.post("infusion:record", infusion.reference, kind="drug_given", says="midazolam", dose="1 mg i.v.")
    nurse.post("infusion:wishes", infusion.reference, helped="breathing together")
    nurse.post("infusion:record", infusion.reference, kind="stopped")
    nurse.post("infusion:record", infusion.reference, kind="left", says="had to go")
    go_to(now, 60)
    prescriber.post(
        "plan:order", patient.reference, weight_kg="70", dose_mg_per_kg="0.5", strength="50", bag_ml="100", duration_min="40", sign="yes", password="a long enough phrase"
    )  # fmt: skip
    nurse.post("infusion:open", patient.reference, chair=infusion.watch.chair_id)
    following = Infusion.objects.get(patient=patient, closed_at=None)

    page = " ".join(nurse.get("infusion:chair", following.reference).text.split())
    for words in ("168/92 mmHg, min 20", "midazolam 1 mg i.v.", "7 / 10", "breathing together", "hand or shoulder only", "no music", "17.5 mg of 35.0 mg"):  # fmt: skip
        assert words in page
    assert "asked anew today" in page


class TestSignalsThatMustBeThere:
    @pytest.fixture
    def monitored(self, nurse, prescriber, patient, now):
        from openketamine.clinic.monitoring.models import Chair

        Clinic.objects.update(device_stream=True, session_alarms=True)
        chair = Chair.objects.create(name="Chair 2")
        device = Device.objects.create(identity="MON", first_seen_at=AT)
        DeviceOnChair(device=device, chair=chair, at=AT, by="nils").save()
        planned(prescriber, patient)
        nurse.post("infusion:open", patient.reference, chair=chair.pk)
        return Infusion.objects.get(patient=patient)

    def test_they_are_those_of_the_protocol(self, monitored):
        assert monitored.watch.required == list(queries.regimen_in_force(monitored).required) == [
            "spo2", "heart_rate", "nibp_systolic",
        ]  # fmt: skip

    def test_leaving_one_out_needs_a_reason_and_its_tile_and_the_board_read_not_monitored(self, nurse, monitored, now):
        answer(nurse, monitored)
        drawn(nurse, monitored)
        checked(nurse, monitored, heart_rate=70, spo2=98)
        fitted_out(nurse, monitored)
        refused = nurse.post("infusion:ready", monitored.reference, required=["spo2", "nibp_systolic"])
        assert "Say why heart rate is not monitored" in refused.text
        assert phase(nurse, monitored) == "checked"

        nurse.post("infusion:ready", monitored.reference, required=["spo2", "nibp_systolic"], reason="lead broken")

        monitored.refresh_from_db()
        assert monitored.watch.required == ["spo2", "nibp_systolic"]
        assert monitored.left_out == {"heart_rate": "lead broken"}
        nurse.post("infusion:record", monitored.reference, kind="started", rate_ml_per_h="150")
        tile = (
            nurse.get("infusion:live", monitored.reference).text.split('data-signal="heart_rate"')[1].split("</div>")[0]
        )
        assert "not monitored" in tile
        assert "lead broken" in tile
        assert "not monitored" in nurse.get("chart:board").text

        nurse.post("infusion:ready", monitored.reference, watch="yes", required=["spo2", "heart_rate", "nibp_systolic"])
        monitored.refresh_from_db()
        assert monitored.left_out == {}
        assert "not monitored" not in nurse.get("chart:board").text


def test_a_check_is_done_when_each_of_its_parts_is_or_says_why_not(nurse, infusion, now):
    started(nurse, infusion)
    go_to(now, 10)
    due = queries.most_pressing(queries.dues(infusion, queries.course_of(infusion), now["at"]))
    assert due.minute == 10
    checked(nurse, infusion, heart_rate=72, spo2=97, respiratory_rate=14)
    page = nurse.get("infusion:chair", infusion.reference).text
    assert "awake (MOAA/S), distress, nausea" in page
    assert "○ due" in nurse.get("infusion:check", infusion.reference).text.replace("<b>", "")

    nurse.post("infusion:check", infusion.reference, moaas=5, distress=2, why_nausea="declined")

    done = {one.minute: one.done for one in queries.dues(infusion, queries.course_of(infusion), now["at"])}
    assert done[10]
    assert not done[20]


def test_a_first_call_from_the_phone_answers_that_the_way_to_call_was_shown(nurse, infusion, now):
    link = followup.chair_link(infusion=infusion, wall=now["at"])
    nurse.client.post(reverse("portal:chair", args=[link.token]), {"asks": "help"})

    assert where(infusion, "bell").stand is Stand.DONE
    assert where(infusion, "bell").said == "called from their own phone"


def test_a_charted_sedative_makes_its_own_checks_due_every_five_minutes_from_each_dose(nurse, infusion, now):
    started(nurse, infusion)
    go_to(now, 11)
    nurse.post("infusion:check", infusion.reference, nibp_systolic=130, nibp_diastolic=80, heart_rate=72, spo2=97, respiratory_rate=14, moaas=5, distress=2, nausea=0)  # fmt: skip
    nurse.post("infusion:record", infusion.reference, kind="drug_given", says="midazolam", dose="1 mg i.v.")
    go_to(now, 16)
    due = queries.most_pressing(queries.dues(infusion, queries.course_of(infusion), now["at"]))
    assert (due.minute, due.now, due.missing) == (16, True, ("spo2", "respiratory_rate", "moaas"))

    nurse.post("infusion:check", infusion.reference, spo2=96, respiratory_rate=13, moaas=4)
    due = queries.most_pressing(queries.dues(infusion, queries.course_of(infusion), now["at"]))
    assert due.minute == 20
    go_to(now, 18)
    nurse.post("infusion:record", infusion.reference, kind="drug_given", says="Midazolam", dose="1 mg i.v.")
    minutes = [one.minute for one in queries.dues(infusion, queries.course_of(infusion), now["at"])]
    assert minutes == [0, 10, 16, 20, 23, 30, 40]


def test_a_typed_value_is_stale_a_minute_after_the_next_check_was_due_and_later_in_recovery(nurse, infusion, now):
    def struck():
        page = nurse.get("infusion:live", infusion.reference).text
        return "struck" in page.split('data-signal="spo2"')[0].rsplit("<div", 1)[1]

    started(nurse, infusion)
    go_to(now, 11)
    assert not struck()
    go_to(now, 11.1)
    assert struck()
    nurse.post("infusion:record", infusion.reference, kind="stopped")
    go_to(now, 16)
    assert not struck()
    go_to(now, 16.1)
    assert struck()


def test_a_monitor_that_comes_to_the_chair_after_the_session_was_opened_is_asked_about_at_ready(
    nurse, infusion, clinic
):
    clinic.device_stream = True
    clinic.save()
    device = Device.objects.create(identity="BED-6", first_seen_at=AT)
    DeviceOnChair.objects.create(device=device, chair=infusion.watch.chair, at=AT, by="nils")

    assert actions.wanted_signals(infusion) == ["spo2", "heart_rate", "nibp_systolic"]
