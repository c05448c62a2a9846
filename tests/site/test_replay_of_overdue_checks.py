"""A session with checks that came late, in part, or not at all: the replay of its tape tells the same alarms at the same instants."""

import json
from datetime import timedelta

import pytest
from tests.builders import AT, make_clinic, make_infusing

from openketamine.clinic.infusion import actions as infusions
from openketamine.clinic.infusion import overdue
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.monitoring import actions, alarms, limits
from openketamine.clinic.monitoring.models import AlarmEvent, Device, StreamReading
from openketamine.clinic.people.models import Clinic
from openketamine.clinic.ui import clock
from openketamine.core.infusion.events import Kind
from openketamine.core.infusion.overdue import SAYS
from openketamine.site import cli
from openketamine.site.commands import tape as command

pytestmark = pytest.mark.django_db
VITALS = {"nibp_systolic": 128.0, "nibp_diastolic": 78.0, "heart_rate": 52.0, "spo2": 98.0, "respiratory_rate": 14.0}
SHEET = {**VITALS, "moaas": 5.0, "distress": 0.0, "nausea": 0.0}


@pytest.fixture
def chair(monkeypatch, settings, tmp_path):
    """An infusion that runs since `AT`, in a clinic whose alarms are on and whose own rule calls a heart rate below 55 slow."""
    settings.SIGNING_KEY_PATH = tmp_path / "signing.key"
    monkeypatch.setattr(clock, "now", lambda: AT)
    monkeypatch.setattr(command, "setup", lambda *_: None)
    make_clinic(session_alarms=True)
    limits.sign(
        numbers={"hr_low": 55.0}, reason="agreed", signed_name="Ada Example", by="ada", at=AT - timedelta(days=1)
    )
    return make_infusing()


def at(minute):
    return AT + timedelta(minutes=minute)


def looked(infusion, minute):
    """Look as a worker does: now and then, and later than things become overdue."""
    alarms.evaluate(infusion.watch_id, at=at(minute))
    overdue.tell([infusion.pk], at=at(minute))


def typed(infusion, minute, values, **reasons):
    overdue.tell([infusion.pk], at=at(minute))
    actions.chart_typed(
        watch=infusion.watch, values=values, reasons=reasons, by="nils", observed_at=at(minute), at=at(minute)
    )
    looked(infusion, minute)


def recorded(infusion, minute, kind, **fields):
    return infusions.record(infusion=infusion, kind=kind, by="nils", at=at(minute), now=at(minute), **fields)


def streamed(infusion, minute, number):
    device = Device.objects.get_or_create(identity="MON", defaults={"first_seen_at": AT})[0]
    StreamReading(
        watch=infusion.watch, device=device, seq=number, places=0, spo2=97.0, respiratory_rate=15.0, observed_at=at(minute), received_at=at(minute),
    ).save()  # fmt: skip


@pytest.fixture
def session(chair):
    """The first check was made; that of minute 10 late and in two parts; a sedative at 31, whose checks a stream makes in part; the end at 40."""
    acts = {
        1: lambda: typed(chair, 1, SHEET),
        15: lambda: typed(chair, 15, {name: value for name, value in SHEET.items() if name != "nausea"}),
        16: lambda: typed(chair, 16, {"nausea": None}, nausea="declined"),
        20: lambda: typed(chair, 20, SHEET),
        30: lambda: typed(chair, 30, SHEET),
        31: lambda: recorded(chair, 31, Kind.DRUG_GIVEN, says="midazolam", dose="1 mg i.v."),
        35: lambda: typed(chair, 35, {"moaas": 4.0}),
        36: lambda: streamed(chair, 36, 1),
        38: lambda: typed(chair, 38, SHEET),
        40: lambda: recorded(chair, 40, Kind.STOPPED),
        42: lambda: typed(chair, 42, {"moaas": 4.0}),
        45: lambda: streamed(chair, 45, 2),
        47: lambda: typed(chair, 47, SHEET),
        49: lambda: streamed(chair, 49, 3),
        51: lambda: typed(chair, 51, SHEET),
        55: lambda: recorded(chair, 55, Kind.LEFT, says="wished to go"),
    }
    for minute in range(1, 56):
        acts.get(minute, lambda: None)()
        if minute < 55:
            looked(chair, minute + 0.37)
    return Infusion.objects.get()


def told(watch):
    return [
        ((row.at - watch.started_at).total_seconds(), row.rule, row.signal or None, row.kind, row.priority, row.state, row.value, row.reason)
        for row in AlarmEvent.objects.filter(watch=watch)
    ]  # fmt: skip


def replayed(capsys, *words):
    code = cli.run(["replay", *(str(word) for word in words)])
    return code, [tuple(json.loads(line).values()) for line in capsys.readouterr().out.splitlines()]


def taken(session, folder):
    assert cli.run(["tape", session.reference, "--out", str(folder)]) == 0
    return folder


def minutes(events, watch):
    began_s = (AT - watch.started_at).total_seconds()
    return [(round((one[0] - began_s) / 60, 2), one[5]) for one in events if one[1] == "check_overdue"]


OVERDUE = [(13, "raised"), (16, "cleared"), (43.5, "raised"), (45, "cleared")]


def test_the_replay_tells_every_alarm_on_an_overdue_check_at_its_instant(session, capsys, tmp_path):
    code, events = replayed(capsys, taken(session, tmp_path))

    assert code == 0
    assert minutes(sorted(told(session.watch)), session.watch) == OVERDUE
    assert minutes(events, session.watch) == OVERDUE


def test_the_replay_of_the_folder_is_identical_with_what_was_told(session, capsys, tmp_path):
    _code, events = replayed(capsys, taken(session, tmp_path))

    assert sorted(map(str, events)) == sorted(map(str, told(session.watch)))
    assert [one[0] for one in events] == sorted(one[0] for one in events)


def test_a_session_is_replayed_by_the_limits_that_were_in_force_whatever_the_clinic_has_signed_since(
    session, capsys, tmp_path
):
    limits.sign(
        numbers={"hr_low": 40.0}, reason="agreed", signed_name="Ada Example", by="ada", at=AT + timedelta(days=1)
    )
    folder = taken(session, tmp_path)

    slow = {"hr_low"} & {one[1] for one in told(session.watch)}
    by_folder = replayed(capsys, folder)[1]
    by_files = replayed(capsys, folder / "readings.csv", "--session", folder / "session.json")[1]
    by_shipped = replayed(capsys, folder, "--limits", "vital_signs")[1]

    assert slow == {"hr_low"}
    assert by_files == by_folder
    assert "hr_low" in {one[1] for one in by_folder}
    assert "hr_low" not in {one[1] for one in by_shipped}, "asked for by name, the rules that ship count"


def test_without_a_limits_file_beside_it_a_session_is_replayed_by_the_rules_that_ship(session, capsys, tmp_path):
    folder = taken(session, tmp_path)
    (folder / "limits.toml").unlink()

    assert "hr_low" not in {one[1] for one in replayed(capsys, folder)[1]}


def test_a_clinic_whose_alarms_are_off_is_told_of_no_overdue_check_by_the_replay_either(session, capsys, tmp_path):
    Clinic.objects.update(session_alarms=False)

    assert minutes(replayed(capsys, taken(session, tmp_path))[1], session.watch) == []


@pytest.mark.parametrize(
    ("checks", "says"),
    [
        ([], "checks: must be an object"), ({"due": {}}, "due must be a list"), ({"late": []}, "late: unknown key"),
        ({"due": [{"parts": []}]}, "parts = []: must be a list of names"), ({"due": ["spo2"]}, "must be a list of objects"),
        ({"due": [{"parts": ["spo2"], "from_s": 0}]}, "late_s = None: must be a finite number"),
        ({"seen": {"nausea": 3}}, "seen: nausea: must be a list"), ({"seen": {"nausea": [3]}}, "must be a list of pairs"),
        ({"seen": {"nausea": [[3, "x"]]}}, "seen: nausea = 'x': must be a finite number"),
    ],
)  # fmt: skip
def test_checks_that_are_wrong_are_one_line_of_bad_input(capsys, tmp_path, checks, says):
    (tmp_path / "readings.csv").write_text("time_s,signal,value\n")
    (tmp_path / "session.json").write_text(json.dumps({"until_s": 60, "checks": checks}))

    assert cli.run(["replay", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert says in error


def test_the_words_of_the_core_stand_in_the_catalogue_of_texts():
    assert overdue.WORDS == SAYS
