"""A chair that cannot be computed stops no other: the rest is charted and evaluated, and somebody is told of the one."""

from datetime import timedelta

import pytest
from tests.builders import AT, make_clinic, make_infusing, make_patient, make_staff
from tests.clinic.journey.steps import Desk

from openketamine.clinic.chart.headlines import Headlines
from openketamine.clinic.infusion import queries
from openketamine.clinic.monitoring import actions, evaluation
from openketamine.clinic.monitoring.models import AlarmEvent, Device, Pulse, Reading
from openketamine.clinic.people.models import Role
from openketamine.clinic.tasks.models import Task
from openketamine.clinic.ui import clock as page_clock
from openketamine.doors.hl7v2.inbox import Arrived
from openketamine.site import clock, worker

pytestmark = pytest.mark.django_db
ITS_ALARMS, ITS_SESSION = "alarms_not_evaluated", "session_not_computed"


@pytest.fixture
def now(monkeypatch, settings, tmp_path):
    settings.INBOX_PATH = tmp_path / "inbox.sqlite3"
    time = {"at": AT + timedelta(minutes=5)}
    monkeypatch.setattr(clock, "wall", lambda: time["at"])
    for name in ("now", "wall"):
        monkeypatch.setattr(page_clock, name, lambda: time["at"])
    return time


@pytest.fixture
def chairs(now):
    """The first chair is the one at fault; a monitor and a pump stand at both."""
    make_clinic(device_stream=True, session_alarms=True)
    found = [
        make_infusing(make_patient(given_name=name), chair=f"Chair {position}", position=position)
        for position, name in enumerate(("Testa", "Otra"))
    ]
    for number, infusion in enumerate(found):
        for kind in ("MON", "PUMP"):
            device = Device.objects.create(identity=f"{kind}{number}", first_seen_at=AT)
            actions.accept_device(device=device, chair=infusion.watch.chair, by="nils", at=AT)
    return found


@pytest.fixture
def work(now):
    return worker.Worker()


def said(device, at, *rows):
    head = f"MSH|^~\\&|{device}||||{at:%Y%m%d%H%M%S}+0000||ORU^R01|{device}{at:%M%S}|P|2.6\rOBR|1\r"
    text = head + "".join(f"OBX|{number}|NM|{row}|||||F\r" for number, row in enumerate(rows, 1))
    return Arrived(at, "127.0.0.1", f"{device}{at:%M%S}", device, "accept", "AA", "", text.encode())


def a_round(work, now, seconds=1):
    """At both chairs the pump says its volume and the monitor a saturation of 85."""
    now["at"] += timedelta(seconds=seconds)
    for number in (0, 1):
        rows = "157784^MDC_FLOW_FLUID_PUMP^MDC|1|150|mL/h", "157993^MDC_VOL_FLUID_DELIV_TOTAL^MDC|2|12|mL"
        work.inbox.store([said(f"PUMP{number}", now["at"], *rows)])
        work.inbox.store([said(f"MON{number}", now["at"], "150456^MDC_PULS_OXIM_SAT_O2^MDC|1|85|%")])
    work.round()


def fails_for(monkeypatch, module, name, broken):
    """Let a function fail for one chair, as what nobody has thought of would; return how to end that."""
    whole = getattr(module, name)

    def failing(one, *rest):
        if one.pk == broken.pk:
            raise ArithmeticError
        return whole(one, *rest)

    monkeypatch.setattr(module, name, failing)
    return lambda: monkeypatch.setattr(module, name, whole)


def raised(infusion):
    last = {row.rule: row.state for row in AlarmEvent.objects.filter(watch=infusion.watch).order_by("number")}
    return {rule for rule, state in last.items() if state == "raised"}


def test_a_session_that_cannot_be_computed_is_told_and_the_other_chair_is_charted_and_alarmed(
    chairs, work, now, monkeypatch
):
    fails_for(monkeypatch, queries, "course_of", chairs[0])
    for _ in range(60):
        a_round(work, now)

    assert Reading.objects.filter(watch=chairs[1].watch, signal="spo2", value=85.0).count() == 60
    assert "spo2_very_low" in raised(chairs[1])
    assert raised(chairs[0]) >= {ITS_SESSION, "spo2_very_low"}
    assert ITS_SESSION not in raised(chairs[1])
    assert Pulse.objects.get().tick_at == now["at"]


def test_once_it_can_be_computed_again_the_alarm_ends(chairs, work, now, monkeypatch):
    mended = fails_for(monkeypatch, queries, "course_of", chairs[0])
    for _ in range(3):
        a_round(work, now)
    mended()
    assert ITS_SESSION in raised(chairs[0])
    for _ in range(3):
        a_round(work, now)

    assert ITS_SESSION not in raised(chairs[0])
    assert AlarmEvent.objects.filter(watch=chairs[0].watch, rule=ITS_SESSION).count() == 2


@pytest.mark.parametrize("part", ["rules_of", "_one"])
def test_a_watch_whose_alarms_cannot_be_evaluated_is_told_and_the_other_is_evaluated(
    chairs, work, now, monkeypatch, part
):
    mended = fails_for(monkeypatch, evaluation, part, chairs[0].watch)
    for _ in range(60):
        a_round(work, now)
    assert "spo2_very_low" in raised(chairs[1])
    assert raised(chairs[0]) >= {ITS_ALARMS}
    assert Reading.objects.filter(watch=chairs[0].watch, signal="spo2", value=85.0).count() == 60

    mended()
    for _ in range(3):
        a_round(work, now)
    assert "spo2_very_low" in raised(chairs[0])
    assert ITS_ALARMS not in raised(chairs[0])


def test_the_board_shows_every_other_chair_and_says_which_one_cannot_be_computed(
    chairs, work, now, monkeypatch, client
):
    for _ in range(60):
        a_round(work, now)
    fails_for(monkeypatch, queries, "course_of", chairs[0])
    nurse = Desk(client, make_staff(Role.NURSE))
    board, wall = nurse.get("chart:board").text, nurse.get("chart:wall").text

    seats = [board.partition(f'id="seat-{one.watch.chair_id}"')[2].partition("</article>")[0] for one in chairs]
    assert ["this chair cannot be computed" in seat for seat in seats] == [True, False]
    assert ["SpO2" in seat for seat in seats] == [True, True]
    assert wall.count("watch the person: not computed") == 1


def test_the_headlines_of_one_chair_do_not_take_those_of_the_others(chairs, work, now, monkeypatch):
    a_round(work, now)
    fails_for(monkeypatch, queries, "course_of", chairs[0])
    found = [Headlines().html(one.watch_id, "", "en", at=now["at"]) for one in chairs]

    assert found[0] == ""
    assert '<span class="value">85</span>' in found[1]


def test_a_typed_check_is_charted_although_the_alarms_of_its_chair_cannot_be_evaluated(
    chairs, now, monkeypatch, client
):
    fails_for(monkeypatch, evaluation, "_one", chairs[0].watch)
    Desk(client, make_staff(Role.NURSE)).post("infusion:check", chairs[0].reference, heart_rate="71")

    assert Reading.objects.get(watch=chairs[0].watch, source="typed", signal="heart_rate", value=71)
    assert raised(chairs[0]) == {ITS_ALARMS}


def test_a_sweep_that_fails_is_told_once_and_stops_neither_alarms_nor_the_other_sweeps(chairs, work, now, monkeypatch):
    def failing(at):
        raise ArithmeticError

    swept = []
    monkeypatch.setattr(worker, "SWEEPS", (("calling further people", failing), ("help control lost", swept.append)))
    for _ in range(3):
        a_round(work, now)

    assert [task.says for task in Task.objects.filter(key__startswith="fault ")] == [
        "A part of this system does not run (calling further people): do not rely on it, and tell whoever looks after this system"
    ]
    assert len(swept) == 3
    assert Pulse.objects.get().tick_at == now["at"]
