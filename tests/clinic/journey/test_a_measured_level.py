"""A plasma level comes back from the laboratory, often days later: it is kept as measured and changes what the model knows."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from tests.builders import AT, make_clinic, make_patient, make_staff

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit.models import Entry
from openketamine.clinic.infusion.observed import observed
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.pharmacology.models import LearnedEnsemble, MeasuredLevel
from openketamine.clinic.ui import clock
from openketamine.core.pharmacology.observation import Kind
from openketamine.core.pharmacology.substance import SamplingSite
from openketamine.site import demo_lives

pytestmark = pytest.mark.django_db
CLEARANCE = "pk.elimination_clearance"


@pytest.fixture
def two_sessions(settings, tmp_path, monkeypatch):
    settings.SIGNING_KEY_PATH = tmp_path / "signing.key"
    make_clinic(is_demo=True, individual_prediction=True)
    patient, chair = make_patient(), Chair.objects.create(name="Chair 1")
    days = demo_lives.course(patient, first_on=AT, at=AT)
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(days=6))
    return [
        demo_lives.lived(patient, day, chair, weight_kg=Decimal(70), at=AT + timedelta(days=3 * i))
        for i, day in enumerate(days[:2])
    ]


def send(client, infusion, **fields):
    start = started(infusion)
    asked = {"on": f"{start:%Y-%m-%d}", "time": f"{start + timedelta(minutes=40):%H:%M}", "value_ng_per_ml": "120", "site": "venous"}  # fmt: skip
    return client.post(reverse("infusion:levels", args=[infusion.reference]), asked | fields, follow=True)


def started(infusion):
    return infusion.events.filter(kind="started").first().at


def mean_of(session, name=CLEARANCE):
    row = LearnedEnsemble.objects.filter(session=session).last()
    return row.mean[row.names.index(name)]


def test_a_low_level_of_a_signed_session_is_learned_and_passed_on_to_the_later_one(client, two_sessions):
    client.force_login(make_staff())
    first, second = two_sessions
    before = [mean_of(one.reference) for one in two_sessions]

    answer = send(client, first)

    assert "The level is recorded" in answer.text
    assert "120 ng/mL" in answer.text
    assert [row.session for row in LearnedEnsemble.objects.order_by("pk")] == [first.reference, second.reference] * 2
    assert all(mean_of(one.reference) > old + 0.02 for one, old in zip(two_sessions, before, strict=True))
    assert LearnedEnsemble.objects.last().before.session == first.reference
    assert Entry.objects.filter(action="plasma level recorded").count() == 1
    assert audit.first_broken() is None


def test_the_level_stands_among_what_was_seen_and_on_the_chart(client, two_sessions):
    client.force_login(make_staff())
    send(client, two_sessions[1])

    (level,) = [one for one in observed(two_sessions[1], started(two_sessions[1])) if one.kind is Kind.LEVEL]
    drawn = json.loads(client.get(reverse("infusion:chart", args=[two_sessions[1].reference])).content)

    assert (level.value, level.site) == (120.0, SamplingSite.VENOUS)
    assert [(one["value"], one["site"]) for one in drawn["levels"]] == [(120.0, "venous")]
    assert 38 < drawn["levels"][0]["at"] <= 40


def test_a_correction_is_a_new_row_and_the_old_one_stays_struck_through(client, two_sessions):
    client.force_login(make_staff())
    send(client, two_sessions[1])
    wrong = MeasuredLevel.objects.get()

    unexplained = send(client, two_sessions[1], value_ng_per_ml="210", corrects=wrong.pk)
    page = send(client, two_sessions[1], value_ng_per_ml="210", corrects=wrong.pk, says="read from another row")

    assert unexplained.status_code == 422
    assert "A correction says what was wrong" in unexplained.text
    assert "<s>120 ng/mL</s>" in page.text
    assert "read from another row" in page.text
    seen = [one.value for one in observed(two_sessions[1], started(two_sessions[1])) if one.kind is Kind.LEVEL]
    assert seen == [210.0]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"site": ""}, "Drawn from"),
        ({"value_ng_per_ml": "-3"}, "-3"),
        ({"value_ng_per_ml": "a lot"}, "a lot"),
        ({"time": "00:01"}, "within 12 hours after this infusion started"),
        ({"on": "2031-01-01"}, "has not come yet"),
    ],
)
def test_what_cannot_be_right_is_named_and_loses_nothing_that_was_typed(client, two_sessions, wrong, says):
    client.force_login(make_staff())

    answer = send(client, two_sessions[0], **wrong)

    assert answer.status_code == 422
    assert says in answer.text
    assert 'type="date"' in answer.text
    assert MeasuredLevel.objects.count() == 0
    assert f'value="{started(two_sessions[0]):%Y-%m-%d}"' in answer.text or "on" in wrong
