"""After an incident a session is frozen: what is recorded stays as it is, care goes on, then there are addenda only."""

import pytest
from tests.builders import make_patient, make_staff
from tests.clinic.journey.steps import Desk, checked, go_to

from openketamine.clinic.audit.models import Entry, ImmutableError
from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.actions import NotNowError
from openketamine.clinic.infusion.models import Incident, Infusion, InfusionEvent
from openketamine.clinic.infusion.moving import move
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.monitoring.actions import chart_typed
from openketamine.clinic.monitoring.models import Chair, StoredReading
from openketamine.clinic.people.models import Role
from openketamine.clinic.pharmacology.models import MeasuredLevel
from openketamine.clinic.recovery.models import Addendum, Signature
from openketamine.clinic.recovery.record import record

pytestmark = pytest.mark.django_db
WHY = "frozen after an incident"


def freeze(desk, infusion, reason="she fell at the door"):
    return desk.post("recovery:incident", infusion.reference, reason=reason)


def started_event(infusion):
    return next(row for row in queries.standing_events(infusion) if row.kind == "started")


def test_it_says_who_froze_it_why_and_what_the_record_was(prescriber, sat, now):
    page = freeze(prescriber, sat)

    row = Incident.objects.get()
    assert (row.by, row.reason, row.at) == ("ada", "she fell at the door", now["at"])
    assert len(row.digest) == 64
    assert Entry.objects.filter(action="session frozen after an incident", by="ada").count() == 1
    assert "Take the signed bundle" in page.text
    with pytest.raises(ImmutableError):
        row.save()


def test_an_owner_may_freeze_and_is_led_there_from_the_person_s_page(sat, client):
    owner = Desk(client, make_staff(Role.OWNER))

    assert f"/recovery/{sat.reference}/incident/" in owner.get("chart:patient", sat.patient.reference).text
    freeze(owner, sat)
    assert Incident.objects.get().by == "otto"


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_nothing_is_frozen(prescriber, sat, reason):
    assert freeze(prescriber, sat, reason).status_code == 422
    assert Incident.objects.count() == 0


def test_it_is_frozen_once(prescriber, sat):
    freeze(prescriber, sat)

    assert "frozen already" in freeze(prescriber, sat, "again").text
    assert Incident.objects.get().reason == "she fell at the door"


def test_a_step_is_not_corrected_any_more_and_the_way_leads_to_an_addendum(prescriber, nurse, sat):
    freeze(prescriber, sat)
    before = InfusionEvent.objects.count()

    answer = nurse.post("infusion:correct", sat.reference, started_event(sat).number, rate_ml_per_h="75", says="wrong")

    assert "Addendum to a record" in answer.text
    assert InfusionEvent.objects.count() == before


def test_a_step_is_not_taken_back_any_more(prescriber, nurse, sat):
    nurse.post("infusion:record", sat.reference, kind="observation", says="calm")
    noted = InfusionEvent.objects.last()
    freeze(prescriber, sat)

    answer = nurse.post("infusion:undo", sat.reference, noted.number)

    assert WHY in answer.text
    assert not InfusionEvent.objects.filter(kind="undone").exists()


def test_a_value_of_a_scale_is_not_taken_back_any_more(prescriber, nurse, sat):
    nurse.post("infusion:observe", sat.reference, signal="moaas", value="2")
    typed = StoredReading.objects.filter(signal="moaas").last()
    freeze(prescriber, sat)

    answer = nurse.post("infusion:undo-value", sat.reference, typed.pk)

    assert WHY in answer.text
    assert not hasattr(StoredReading.objects.get(pk=typed.pk), "taken_back")


def test_it_is_not_moved_to_another_person_or_chair_any_more(prescriber, nurse, sat, now):
    freeze(prescriber, sat)
    other = Chair.objects.create(name="Chair 9")

    answer = nurse.post("infusion:wrong", sat.reference, chair=other.pk, reason="the other chair")

    assert WHY in answer.text
    assert "Write what was wrong or is missing as an addendum" in answer.text
    assert Infusion.objects.count() == 1
    with pytest.raises(NotNowError, match=WHY):
        move(
            infusion=sat, patient=make_patient(), order=sat.order, chair=other, reason="x", by="ada", at=now["at"],
        )  # fmt: skip


def test_the_unit_of_a_value_is_not_corrected_any_more(prescriber, nurse, sat, now):
    (reading,) = chart_typed(
        watch=sat.watch, values={"temperature": 98.6}, reasons={}, by="nils", observed_at=now["at"], at=now["at"]
    )
    freeze(prescriber, sat)
    before = StoredReading.objects.count()

    answer = nurse.post("infusion:wrong-unit", sat.reference, reading=f"{reading.pk} [degF]", reason="Fahrenheit")

    assert WHY in answer.text
    assert StoredReading.objects.count() == before


def test_a_measured_level_is_added_and_not_corrected_any_more(prescriber, nurse, sat, now):
    go_to(now, 40)
    level = {"on": "2026-03-02", "time": "09:20", "value_ng_per_ml": "120", "site": "venous"}
    freeze(prescriber, sat)
    nurse.post("infusion:levels", sat.reference, **level)
    added = MeasuredLevel.objects.get()

    answer = nurse.post("infusion:levels", sat.reference, **level, corrects=added.pk, says="misread")

    assert WHY in answer.text
    assert MeasuredLevel.objects.count() == 1


def test_while_the_person_is_here_care_goes_on_being_recorded_also_what_a_tablet_kept(prescriber, nurse, sat, now):
    go_to(now, 30)
    freeze(prescriber, sat)
    go_to(now, 32)

    nurse.post("infusion:record", sat.reference, kind="drug_given", says="ondansetron", dose="4 mg")
    nurse.post("infusion:record", sat.reference, kind="observation", says="talks", waited_s="240")
    checked(nurse, sat, 126, 76)

    said = [row.says for row in queries.standing_events(sat)]
    assert {"ondansetron", "talks"} <= {*said}
    assert StoredReading.objects.filter(value=126).exists()


def test_once_the_person_is_gone_nothing_is_entered_late_and_an_addendum_needs_no_signature(prescriber, nurse, left):
    freeze(prescriber, left)
    before = record(left)

    late = nurse.post(
        "infusion:record", left.reference, kind="line_primed", volume_ml="15", fluid="saline", happened="08:59"
    )
    nurse.post("recovery:addendum", left.reference, text="She stumbled at 11:20", reason="seen from the door")

    assert WHY in late.text
    assert record(left) == before
    assert Addendum.objects.get().signed_digest == Incident.objects.get().digest
    assert "She stumbled at 11:20" in nurse.get("recovery:panel", left.reference).text


def test_the_drug_is_still_wasted_before_a_witness_and_the_record_still_signed(prescriber, nurse, left):
    freeze(prescriber, left)

    nurse.post(
        "recovery:sign", left.reference, why="left in the syringe", second="ada", password="a long enough phrase"
    )

    assert Signature.objects.get().by == "nils"
    assert ledger.balance(left.reference).given_mg


def test_the_chair_page_says_that_it_is_frozen(prescriber, nurse, sat):
    assert "Frozen after an incident" not in nurse.get("infusion:chair", sat.reference).text
    freeze(prescriber, sat)

    assert "Frozen after an incident" in nurse.get("infusion:chair", sat.reference).text
