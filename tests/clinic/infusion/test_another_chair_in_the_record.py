"""A move to another chair: where it shows, what is refused, and how it stands beside the guided correction of a wrong chair."""

from datetime import timedelta

import pytest
from django.urls import reverse
from tests.builders import AT, make_infusing, make_patient, make_staff, make_watch
from tests.two_chairs import MOVED, NOW, anew, both_speak, chair, device, moves, own

from openketamine.clinic.chart import board
from openketamine.clinic.infusion import actions, chairs, corrections, past
from openketamine.clinic.infusion.actions import NotNowError
from openketamine.clinic.infusion.models import Incident
from openketamine.clinic.infusion.moving import move
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring.models import (
    Chair,
    ChairMove,
    Rebound,
    Watch,
)
from openketamine.clinic.recovery import appendix
from openketamine.clinic.recovery.record import record
from openketamine.core.infusion.events import Kind
from openketamine.doors.fhir import treatment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_minute_twelve")]


# where it shows


def test_board_events_and_record_name_the_chairs_and_the_time(infusion):
    event = moves(infusion).event
    seats = {str(seat.chair): seat for seat in board.chairs(at=NOW, wall=NOW)}

    assert seats["Chair 1"].infusion is None
    assert seats["Chair 2"].infusion == infusion
    assert seats["Chair 2"].changed == "Chair 1 → Chair 2"
    assert (event.kind_said, event.at, event.entered) == ("moved", MOVED, NOW)
    assert record(anew(infusion))["session"]["chair"] == "Chair 1; Chair 2 since 2026-03-02T09:10:00Z"


def test_the_board_on_the_wall_says_that_the_signals_are_not_confirmed_yet(client, infusion):
    client.force_login(make_staff())
    moves(infusion)

    assert "Chair 1 → Chair 2: signals not confirmed yet" in client.get(reverse("chart:wall")).text


def test_the_record_of_a_session_that_stayed_names_its_chair_alone(infusion):
    assert record(infusion)["session"]["chair"] == "Chair 1"


def test_the_appendix_names_chairs_devices_and_what_does_not_count(infusion):
    both_speak(infusion, 8, 11)
    moves(infusion)
    found = appendix.rows(anew(infusion))
    tables = dict(found["tables"])

    assert tables["Another chair, from an instant on"] == [
        ["2026-03-02T09:10:00Z", "Chair 1", "Chair 2", "2026-03-02T09:12:00Z", "nora"]
    ]
    assert tables["Charted here and measured elsewhere: it does not count"] == [
        ["2026-03-02T09:12:00Z", "nora", "1 rows", "2026-03-02T09:11:00Z", "2026-03-02T09:11:00Z"]
    ]
    assert [line.split()[-1] for line in found["stream"]] == ["8"]


def test_an_exported_encounter_names_both_chairs_with_their_times(infusion):
    moves(infusion)
    encounter = treatment.infusion_to_fhir(anew(infusion), subject="Patient/x")[0]

    assert [one["location"]["display"] for one in encounter["location"]] == ["Chair 1", "Chair 2"]
    assert [one["period"].get("end", "")[:19] for one in encounter["location"]] == ["2026-03-02T09:10:00", ""]


@pytest.mark.parametrize(
    ("seen_at", "shown"),
    [
        (MOVED - timedelta(seconds=1), "Chair 1"),
        (NOW - timedelta(seconds=1), "Chair 1"),  # the person sat on Chair 2, and nobody had written it down yet
        (NOW, "Chair 2"),
    ],
)
def test_a_session_played_again_sits_where_it_was_known_to_sit(infusion, seen_at, shown):
    moves(infusion)
    playing = past.as_of(anew(infusion), seen_at)

    assert str(playing.watch.chair) == shown
    assert str(anew(infusion).watch.chair) == "Chair 2"


# what is refused


def test_a_chair_that_somebody_sits_on_is_refused(infusion):
    make_watch(chair(2))

    with pytest.raises(NotNowError, match="Chair 2 is in use"):
        moves(infusion)
    assert ChairMove.objects.count() == 0


def test_a_time_at_which_somebody_still_sat_there_is_refused_and_says_until_when(infusion):
    make_watch(chair(2), ended_at=MOVED + timedelta(minutes=1))

    with pytest.raises(NotNowError, match=r"in use until \d\d:11:00"):
        moves(infusion)
    moves(infusion, since=MOVED + timedelta(minutes=1))


def test_somebody_who_moved_away_keeps_the_chair_until_then(infusion):
    other = make_infusing(make_patient(), chair="Chair 3", position=3)
    chairs.rearrange(infusion=infusion, chair=chair(2), since=MOVED, by="nora", now=NOW)

    with pytest.raises(NotNowError, match="Chair 1 was in use until"):
        moves(other, to=1, since=MOVED - timedelta(minutes=1))
    moves(other, to=1, since=MOVED)
    assert anew(other).watch.chair == chair(1)


@pytest.mark.parametrize("since", [NOW + timedelta(seconds=1), AT - timedelta(minutes=2), AT - timedelta(days=1)])
def test_a_time_outside_of_the_session_is_refused(infusion, since):
    with pytest.raises(NotNowError, match="is not between the opening of this session"):
        moves(infusion, since=since)


def test_the_chair_on_which_the_person_sits_already_is_refused(infusion):
    with pytest.raises(NotNowError, match="sat on Chair 1 then already"):
        moves(infusion, to=1)


def test_a_closed_session_does_not_move(infusion):
    actions.record(infusion=infusion, kind=Kind.LEFT, by="nils", at=MOVED, now=MOVED, says="left")

    with pytest.raises(NotNowError, match="This session is over"):
        moves(anew(infusion))


def test_a_frozen_session_moves_from_now_on_and_no_earlier(infusion):
    Incident(infusion=infusion, reason="looked into", digest="0" * 64, at=MOVED, by="ada").save()

    with pytest.raises(NotNowError, match="frozen after an incident"):
        moves(infusion)
    moves(infusion, since=NOW)


def test_a_move_is_not_taken_back_but_said_anew(infusion):
    event = moves(infusion).event

    assert not corrections.undoable(event, by="nora", now=NOW)
    with pytest.raises(NotNowError, match="cannot be taken out"):
        corrections.entered_in_error(event=event, by="nora", now=NOW, reason="did not happen")


def test_a_device_that_has_gone_elsewhere_since_is_refused(infusion):
    monitoring.accept_device(device=device("MON-1"), chair=None, by="nils", at=MOVED + timedelta(minutes=1))

    with pytest.raises(NotNowError, match="MON-1 was put elsewhere later"):
        chairs.rearrange(infusion=infusion, goes=device("MON-1"), since=MOVED, by="nora", now=NOW)


# beside the guided correction


def test_a_session_that_moved_is_moved_to_another_person_with_both_its_chairs(infusion):
    both_speak(infusion, 8, 11)
    moves(infusion)
    other = make_infusing(make_patient(given_name="Really"), chair="Chair 3", position=3)
    actions.record(infusion=other, kind=Kind.CANCELLED, by="nils", at=NOW, now=NOW, says="wrong chart")
    new = move(
        infusion=anew(infusion),
        patient=other.patient,
        order=other.order,
        chair=chair(2),
        reason="wrong chart",
        by="nora",
        at=NOW,
    )

    assert own(new) == [8.0, 61.0]
    assert record(new)["session"]["chair"].startswith("Chair 1; Chair 2 since")
    both_speak(new, 12)
    assert own(new) == [8.0, 61.0, 62.0]


def test_a_session_that_moved_cannot_have_sat_on_a_third_chair_from_its_beginning(infusion):
    moves(infusion)
    three = Chair.objects.create(name="Chair 3")

    with pytest.raises(NotNowError, match="has moved from one chair to another"):
        move(
            infusion=anew(infusion),
            patient=infusion.patient,
            order=infusion.order,
            chair=three,
            reason="x",
            by="nora",
            at=NOW,
        )


# the page


def test_the_page_shows_what_will_change_and_writes_nothing_until_it_is_recorded(client, infusion):
    client.force_login(make_staff())
    both_speak(infusion, 8, 11)
    address, sent = reverse("infusion:change", args=[infusion.reference]), {"chair": chair(2).pk, "happened": "09:10"}
    page = client.post(address, {**sent, "preview": "yes"}).content.decode()

    assert "Chair 1 → Chair 2" in page
    assert "late entry" in page
    assert "1 entry charted since then was measured elsewhere" in page
    assert ChairMove.objects.count() == Rebound.objects.count() == 0
    assert own(infusion) == [8.0, 11.0]

    answer = client.post(address, {**sent, "record": "yes"})
    assert answer.status_code == 302
    assert own(infusion) == [8.0, 61.0]
    page = client.get(answer["Location"]).content.decode()
    assert "<h1>Chair 2" in page
    assert "device not confirmed yet" in page


def test_the_page_says_what_is_missing_and_what_is_refused(client, infusion):
    client.force_login(make_staff())
    address = reverse("infusion:change", args=[infusion.reference])
    make_watch(chair(2))

    for sent, said in (({}, "Nothing is chosen"), ({"chair": chair(2).pk}, "Chair 2 is in use")):
        answer = client.post(address, {**sent, "record": "yes"})
        assert answer.status_code == 422
        assert said in answer.content.decode()


def test_the_drug_book_stays_with_the_session(infusion):
    drawn = ledger.balance(infusion.reference).drawn_mg
    moves(infusion)

    assert ledger.balance(infusion.reference).drawn_mg == drawn > 0
    assert Watch.objects.filter(patient=infusion.patient).count() == 1
