"""At a checkpoint the program proposes and a clinician decides; a letter prints what was signed."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from pypdf import PdfReader
from tests.builders import AT, make_clinic, make_patient, make_staff

from openketamine.clinic.followup import checkpoints, letters
from openketamine.clinic.followup.models import CheckpointDecision, Letter
from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.people.models import Role
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.tasks.models import Task, TaskDone
from openketamine.clinic.ui import clock
from openketamine.core.plan.dose import Preparation, dose_card
from openketamine.evidence.regimen import regimen

pytestmark = pytest.mark.django_db
NAME = "depression_iv_racemic"
DAYS = (0, 3, 7, 10, 14, 17)


@pytest.fixture
def now(monkeypatch):
    time = {"at": AT}
    monkeypatch.setattr(clock, "now", lambda: time["at"])
    monkeypatch.setattr(clock, "wall", lambda: time["at"])
    return time


@pytest.fixture
def patient(now):
    make_clinic()
    patient = make_patient()
    shape = plan.Shape(NAME, 6, 2, Decimal("0.5"), Decimal(40), AT.date())
    plan.plan_course(patient=patient, shape=shape, by="ada", at=AT - timedelta(days=2))
    return patient


@pytest.fixture
def prescriber(client):
    client.force_login(make_staff(Role.PRESCRIBER))
    return client


def scored(patient, value, at, instrument="madrs"):
    Answers(
        patient=patient, instrument=instrument, instrument_sha256="", answers={}, score=value, at=at, by="nils"
    ).save()


def given(patient, infusions):
    """Infusions as they stand in the record: started and stopped, on the days of the course."""
    from openketamine.clinic.infusion import actions as infusions_room

    chair, _made = Chair.objects.get_or_create(name="Chair 1")
    for number in range(infusions):
        at = AT + timedelta(days=DAYS[number])
        planned = plan.next_planned(patient)
        card = dose_card(
            Decimal(70),
            Decimal("0.5"),
            Preparation(Decimal(50), Decimal(100), Decimal(40), "saline"),
            regimen(NAME).rules,
        )
        order = plan.sign_order(
            planned=planned, card=card, body=plan.Body(at), signing=plan.Signing("ada", "Ada Example", at, at)
        )
        one = infusions_room.open_session(patient=patient, order=order, chair=chair, by="nils", at=at)
        for step, (kind, minute) in enumerate((("started", 0), ("stopped", 40)), start=1):
            rate = 150.0 if kind == "started" else None
            InfusionEvent(
                infusion=one, number=step, kind=kind, at=at + timedelta(minutes=minute), rate_ml_per_h=rate, recorded_at=at, by="nils"
            ).save()  # fmt: skip
        plan.mark_given(planned=planned, at=at)
        Infusion.objects.filter(pk=one.pk).update(closed_at=at + timedelta(hours=3))
        one.watch.ended_at = at + timedelta(hours=3)
        one.watch.save()


def after_four(patient, value, instrument="madrs"):
    scored(patient, 30, AT - timedelta(days=1), instrument)
    given(patient, 4)
    scored(patient, value, AT + timedelta(days=11, hours=1), instrument)


def page(client, patient):
    return client.get(reverse("followup:checkpoints", args=[patient.reference])).text


def test_less_than_a_fifth_better_after_four_proposes_a_review_and_the_clinician_decides(prescriber, patient, now):
    after_four(patient, 25)
    checkpoints.notice(patient, at=now["at"])
    checkpoints.notice(patient, at=now["at"])
    assert [(task.owner, "17 % better" in task.says) for task in Task.objects.all()] == [(Role.PRESCRIBER, True)]
    assert "a review is proposed" in page(prescriber, patient)

    where = reverse("followup:decide", args=[patient.reference, "after_four"])
    assert prescriber.post(where, {"decided": "go_on"}).status_code == 422
    prescriber.post(where, {"decided": "go_on", "reason": "slept well for the first time"})

    row = CheckpointDecision.objects.get()
    assert (row.decided, row.found) == ("go_on", "madrs 30 -> 25: 17 % better; a review is proposed")
    assert TaskDone.objects.count() == 1
    assert "Clinician decided: go on as planned" in page(prescriber, patient)


def test_enough_improvement_proposes_nothing(prescriber, patient, now):
    after_four(patient, 20)
    checkpoints.notice(patient, at=now["at"])

    assert Task.objects.count() == 0
    assert "is proposed" not in page(prescriber, patient)


def test_a_phq_9_is_marked_as_overlapping_recall(prescriber, patient, now):
    after_four(patient, 28, instrument="phq9")

    assert "Overlapping recall" in page(prescriber, patient)


def test_before_four_infusions_nothing_is_asked(prescriber, patient, now):
    scored(patient, 30, AT - timedelta(days=1))
    given(patient, 2)

    text = page(prescriber, patient)
    assert "After infusion 4: not yet" in text
    assert "Record the decision" not in text


def test_response_and_each_remission_are_named(prescriber, patient, now):
    after_four(patient, 9)

    text = page(prescriber, patient)
    assert "madrs 30 -&gt; 9, response (50 % or more): yes" in text
    assert "MADRS 10 or less: reached (9)" in text


def test_after_three_months_infusions_are_justified_anew(prescriber, patient, now):
    given(patient, 1)
    assert "justified anew since" not in page(prescriber, patient)

    now["at"] = AT + timedelta(days=100)
    assert "justified anew since" in page(prescriber, patient)
    prescriber.post(
        reverse("followup:justify", args=[patient.reference]), {"reason": "relapsed within two weeks without"}
    )

    assert "justified anew since" not in page(prescriber, patient)
    assert "relapsed within two weeks without" in page(prescriber, patient)


def test_a_letter_is_due_after_the_first_infusion_and_prints_what_was_signed(prescriber, patient, now):
    course = plan.current_course(patient)
    assert letters.due(course) == []
    given(patient, 1)
    assert [kind.value for kind in letters.due(course)] == ["after_first"]

    prescriber.post(
        reverse("followup:letter", args=[patient.reference]), {"kind": "after_first", "to": "Dr Example", "words": "She tolerated it well."}
    )  # fmt: skip
    scored(patient, 3, AT + timedelta(days=1))

    assert letters.due(course) == []
    answer = prescriber.get(reverse("followup:letter-pdf", args=[Letter.objects.get().pk]))
    assert answer.headers["Content-Type"] == "application/pdf"
    panel, sending = reverse("followup:checkpoints", args=[patient.reference]), reverse("followup:letter-sent", args=[Letter.objects.get().pk])  # fmt: skip
    assert "not marked as sent" in prescriber.get(panel).text
    for wrong, words in (({"on": "2026-03-02"}, "How:"), ({"how": "fax", "on": "2031-01-01"}, "lies ahead of today")):
        refused = prescriber.post(sending, wrong)
        assert (refused.status_code, words in refused.text) == (422, True)
    prescriber.post(sending, {"how": "fax", "on": "2026-03-02", "note": "number checked"})
    prescriber.post(sending, {"how": "fax", "on": "2026-03-02", "note": "number checked"})
    assert Letter.objects.get().sent.count() == 1
    assert "number checked" in prescriber.get(panel).text
    text = " ".join(" ".join(one.extract_text() for one in PdfReader(io.BytesIO(answer.content)).pages).split())
    for words in ("Dr Example", "Testa Synthetic", "35.00", "She tolerated it well.", "Signed by Ada Example"):
        assert words in text
    assert "No score was recorded." in text


def test_stopping_has_a_letter_that_names_who_goes_on(prescriber, patient, now):
    given(patient, 2)
    course = plan.current_course(patient)
    plan.end_course(
        course=course, by="ada", at=AT, kind="stop", reason="no response", plan="taper nothing, therapy goes on",
        next_clinician="Dr Example", next_on=AT.date() + timedelta(days=9),
    )  # fmt: skip

    assert "stopping" in [kind.value for kind in letters.due(course)]
    assert letters.record(course, at=AT)["ending"]["next"] == "Dr Example, 2026-03-11"


def test_of_a_course_that_began_elsewhere_nothing_is_compared(prescriber, patient, now):
    shape = plan.Shape(NAME, 6, 2, Decimal("0.5"), Decimal(40), AT.date(), "", 3, "three in February, scores not known")
    plan.plan_course(patient=patient, shape=shape, by="ada", at=AT)
    scored(patient, 30, AT - timedelta(days=1))
    given(patient, 1)
    scored(patient, 30, AT + timedelta(days=1, hours=1))

    text = page(prescriber, patient)
    assert "After infusion 4: due, no score yet" in text
    assert "madrs 30" not in text
