"""The whole way, typed: a chair without a networked device, with all three switches off, is a full chair."""

import io
import json
from decimal import Decimal

import pytest
from django.urls import reverse
from pypdf import PdfReader
from tests.builders import AT, make_patient
from tests.clinic.journey.steps import checked, go_to, looked_at, phase, planned, seated, started

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.followup.models import CheckIn
from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.monitoring.models import AlarmEvent, Reading
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Finding, Role
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.recovery.keys import holds
from openketamine.clinic.recovery.models import Signature
from openketamine.clinic.tasks.models import Task
from openketamine.site import worker

pytestmark = pytest.mark.django_db


def fit_to_go(nurse, infusion):
    looked_at(nurse, infusion)
    items = dict.fromkeys(("activity", "breathing", "circulation", "consciousness", "oxygen"), "2")
    nurse.post("recovery:score", infusion.reference, instrument="aldrete", **items)


def test_the_whole_way_from_plan_to_the_day_after(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    assert (
        "Nobody has asked yet"
        in nurse.post("infusion:record", infusion.reference, kind="started", rate_ml_per_h="150").text
    )
    started(nurse, infusion)
    assert phase(nurse, infusion) == "infusing"

    go_to(now, 10)
    checked(nurse, infusion, 172, 96)
    assert [event.rule for event in AlarmEvent.objects.all()] == ["bp_systolic_warn"]
    nurse.post(
        "infusion:answer", infusion.reference, AlarmEvent.objects.get(rule="bp_systolic_warn").pk, act="acknowledge"
    )
    go_to(now, 20)
    nurse.post("infusion:record", infusion.reference, kind="rate_set", rate_ml_per_h="120")
    go_to(now, 25)
    nurse.post("infusion:record", infusion.reference, kind="paused")
    go_to(now, 30)
    nurse.post("infusion:record", infusion.reference, kind="resumed", rate_ml_per_h="120")
    nurse.post("infusion:record", infusion.reference, kind="drug_given", says="ondansetron", dose="4 mg iv")
    nurse.post("infusion:record", infusion.reference, kind="observation", says="says the room is far away")
    go_to(now, 35)
    nurse.post("infusion:record", infusion.reference, kind="stopped", delivered_ml="70")
    assert phase(nurse, infusion) == "recovering"

    go_to(now, 155)
    checked(nurse, infusion, 126, 76, spo2="97", moaas="5", oxygen="air")
    fit_to_go(nurse, infusion)
    nurse.post("recovery:discharge", infusion.reference, escort="Escort Example")
    nurse.post("ledger:session", infusion.reference, **{
        "act": "waste", "waste-mg": "10", "waste-second": "ada", "waste-password": "a long enough phrase",
    })  # fmt: skip
    book = nurse.get("ledger:session", infusion.reference).text
    assert "35.0 mg drawn = 24.5 mg given + 10.0 mg wasted + 0.5 mg unaccounted" in book

    refused = nurse.post("recovery:sign", infusion.reference)
    assert "0.5 mg are not accounted for: record them wasted, or say why before a witness" in refused.text
    nurse.post(
        "recovery:sign", infusion.reference, why="left in the syringe", second="ada", password="a long enough phrase"
    )
    assert InfusionEvent.objects.filter(says__contains="left in the syringe (witness ada)").exists()
    signature = Signature.objects.get()
    assert holds(signature.public_key, signature.signature, signature.digest)
    paper = PdfReader(io.BytesIO(nurse.get("recovery:pdf", infusion.reference).content))
    text = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    assert len(paper.pages) == 1
    assert "24.5 mg given" in text
    assert "Testa Synthetic" in text
    for row in InfusionEvent.objects.filter(infusion=infusion).exclude(kind="signed"):
        assert f"{row.number}. {row.at:%H:%M:%S} {row.kind.replace('_', ' ')}" in text

    worker.day_after(now["at"])
    check_in = CheckIn.objects.get()
    nurse.client.logout()
    page = nurse.client.get(reverse("portal:check-in", args=[check_in.token]))
    assert page.status_code == 200
    assert "mg/kg" not in page.text
    nurse.client.post(
        reverse("portal:check-in", args=[check_in.token]), {"q_nausea": "1", "q_mood": "0", "q_chest": "1"}
    )
    assert Answers.objects.get(instrument="day_after").flags == ["emergency_symptoms"]
    task = Task.objects.get(urgent=True)
    assert (task.owner, task.patient) == (Role.PRESCRIBER, patient)
    assert audit.first_broken() is None


def test_a_bad_urinary_screen_holds_the_next_infusion_until_a_clinician_resolves_it(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    nurse.post(
        "safety:screens", patient.reference, q_urgency="0", q_frequency="0", q_night="0", q_pain="2", q_blood="0"
    )
    infusion = seated(nurse, patient)

    refused = started(nurse, infusion)
    assert "Urinary screen" in refused.text
    assert phase(nurse, infusion) == "checked"

    prescriber.post(
        "plan:finding", patient.reference, Finding.objects.get().pk, act="resolve", reason="culture positive, treated"
    )
    nurse.post("infusion:ready", infusion.reference)
    nurse.post("infusion:record", infusion.reference, kind="started", rate_ml_per_h="150")
    assert phase(nurse, infusion) == "infusing"


def test_a_prescriber_may_override_a_hold_for_one_infusion_with_a_reason(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    people.open_finding(patient=patient, code="urinary", room="safety", says="Pain", by="nils", at=AT, holds=True)
    held = plan.next_planned(patient)
    prescriber.post("plan:finding", patient.reference, Finding.objects.get().pk, act="override", reason="")
    assert plan.holds(held)

    prescriber.post(
        "plan:finding", patient.reference, Finding.objects.get().pk, act="override", reason="urologist agrees"
    )

    assert plan.holds(held) == []
    assert people.open_findings(patient).count() == 1


def test_two_tablets_pressing_start_give_one_start_and_a_clear_message(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    started(nurse, infusion)

    second = prescriber.post("infusion:record", infusion.reference, kind="started", rate_ml_per_h="150")

    assert second.status_code == 409
    assert "started cannot be recorded while the infusion is infusing" in second.text
    assert "by nils" in second.text
    assert InfusionEvent.objects.filter(kind="started").count() == 1


def test_one_open_session_per_person_and_per_chair(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)

    again = nurse.post("infusion:open", patient.reference, chair=infusion.watch.chair_id)
    assert "has an open session already" in again.text

    other = make_patient(given_name="Other")
    planned(prescriber, other)
    taken = nurse.post("infusion:open", other.reference, chair=infusion.watch.chair_id)
    assert "is in use" in taken.text
    assert Infusion.objects.count() == 1


def test_a_corrected_rate_changes_what_was_given_and_the_old_row_stays(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    started(nurse, infusion)
    go_to(now, 40)
    nurse.post("infusion:record", infusion.reference, kind="stopped")
    assert ledger.balance(infusion.reference).given_mg == Decimal("35.00")

    nurse.post(
        "infusion:correct", infusion.reference, 3, kind="started", rate_ml_per_h="75", says="read from the wrong pump"
    )

    assert ledger.balance(infusion.reference).given_mg == Decimal("17.50")
    page = nurse.get("infusion:chair", infusion.reference).text
    assert "read from the wrong pump" in page
    assert InfusionEvent.objects.filter(kind="started").count() == 2


def test_a_correction_without_words_changes_nothing(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    started(nurse, infusion)

    assert nurse.post("infusion:correct", infusion.reference, 3, kind="started", rate_ml_per_h="75").status_code == 422
    assert InfusionEvent.objects.filter(kind="started").count() == 1


def test_nobody_leaves_before_the_criteria_are_met_unless_a_prescriber_says_why(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    started(nurse, infusion)
    go_to(now, 40)
    nurse.post("infusion:record", infusion.reference, kind="stopped")

    assert "not met or not known" in nurse.post("recovery:discharge", infusion.reference, escort="Escort Example").text
    assert phase(nurse, infusion) == "recovering"

    prescriber.post("recovery:discharge", infusion.reference, escort="Escort Example", override="taken to hospital")
    assert phase(nurse, infusion) == "discharged"
    infusion.refresh_from_db()
    assert infusion.watch.ended_at == now["at"]


def test_a_draw_needs_a_second_person_s_own_password(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    vial = ledger.receive(lot="L", strength=Decimal(50), content_mg=Decimal(30), expires_on=AT.date(), by="pia", at=AT)
    fields = {"act": "draw", "draw-mg": "20", "draw-vial": vial.pk, "draw-second": "ada", "draw-password": "wrong"}

    assert "not this person" in nurse.post("ledger:session", infusion.reference, **fields).text
    fields["draw-password"] = "a long enough phrase"
    nurse.post("ledger:session", infusion.reference, **fields)
    assert "holds 10.0 mg" in nurse.post("ledger:session", infusion.reference, **fields).text
    assert ledger.balance(infusion.reference).drawn_mg == 20


def test_a_check_sheet_that_says_nothing_or_nonsense_is_refused_and_keeps_what_was_typed(
    nurse, prescriber, patient, now
):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)

    assert "Nothing was filled in" in nurse.post("infusion:check", infusion.reference).text
    wrong = checked(nurse, infusion, 80, 120)
    assert "must be below the systolic pressure 80" in wrong.text
    assert 'value="120"' in wrong.text
    assert Reading.objects.count() == 0


def test_what_was_not_measured_says_why(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)

    nurse.post(
        "infusion:check",
        infusion.reference,
        why_spo2="asleep",
        why_heart_rate="declined",
        heart_rate="71",
        oxygen="air",
    )

    assert sorted((row.signal, row.value, row.reason, row.text) for row in Reading.objects.all()) == [
        ("heart_rate", 71.0, "", ""),
        ("oxygen", None, "", "air"),
        ("spo2", None, "asleep", ""),
    ]


def test_the_chart_carries_what_is_recorded_and_a_what_if_writes_nothing(nurse, prescriber, patient, now, clinic):
    clinic.individual_prediction = True
    clinic.save()
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    started(nurse, infusion)
    go_to(now, 10)
    checked(nurse, infusion, 150, 90)
    written = Reading.objects.count(), InfusionEvent.objects.count()
    chair_page = nurse.get("infusion:chair", infusion.reference).text

    drawn_now = json.loads(nurse.get("infusion:chart", infusion.reference).content)
    asked = json.loads(nurse.client.get(reverse("infusion:chart", args=[infusion.reference]) + "?rate=0").content)

    assert drawn_now["delivered"] == [[0.0, 150.0], [10.0, 150.0]]
    assert [(cuff["at"], cuff["systolic"]) for cuff in drawn_now["cuff"]] == [(0.0, 128.0), (10.0, 150.0)]
    assert ("Show: if the plan continues" in chair_page, 'data-rate="plan"' in chair_page) == (True, True)
    assert "studied range of weight is not known here" in chair_page
    assert "Level, model, arterial" in chair_page
    assert drawn_now["prediction"]["site"] == drawn_now["stopped"]["site"] == "arterial"
    minute = drawn_now["prediction"]["times"].index(30.0)
    assert asked["what_if"]["person"]["p50"][minute] < drawn_now["prediction"]["person"]["p50"][minute] / 2
    assert width(drawn_now, "systolic", minute) < width(drawn_now, "systolic_population", minute)
    of_person, of_anybody = width(drawn_now, "person", minute), width(drawn_now, "population", minute)
    assert (
        0.75 < of_person / of_anybody < 1.25
    )  # a cuff says next to nothing of the level; 600 people tell a width to a few %
    assert (Reading.objects.count(), InfusionEvent.objects.count()) == written


def width(drawn_now, name, minute):
    band = drawn_now["prediction"][name]
    return band["p95"][minute] - band["p05"][minute]


def test_with_prediction_switched_off_no_level_is_shown(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    started(nurse, infusion)

    assert json.loads(nurse.get("infusion:chart", infusion.reference).content)["prediction"] is None
    assert "switched off" in nurse.get("infusion:chair", infusion.reference).text
