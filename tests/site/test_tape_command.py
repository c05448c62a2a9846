"""A clinic's session replayed with its own limits tells what its alarms told."""

import json
import random
from datetime import timedelta

import pytest
from django.urls import reverse
from tests.builders import AT, make_clinic, make_infusing, make_staff

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.infusion import overdue
from openketamine.clinic.monitoring import actions, alarms, limits
from openketamine.clinic.monitoring.models import AlarmEvent, Device, Reading, StreamReading, Watch
from openketamine.clinic.people.models import Role
from openketamine.clinic.ui import clock
from openketamine.site import cli
from openketamine.site.commands import tape as command

pytestmark = pytest.mark.django_db
OWN = {
    "hr_low": 52.0,
    "spo2_low": 94.0,
    "bp_low": 95.0,
    "two_warnings": 2.0,
    "pulse_and_ecg": 15.0,
    "bp_fall": 15.0,
    "pulse_fall": 20.0,
}
OWN_RULES_THAT_SPOKE = {"hr_low", "spo2_low", "bp_fall", "pulse_and_ecg"}
SECONDS = 600
LEFT_OUT = {395: ["heart_rate", "nibp_systolic"], 450: ["heart_rate", "nibp_systolic", "spo2"]}


@pytest.fixture
def session(monkeypatch, settings, tmp_path):
    """Ten minutes by the clinic's own limits: signals and intervals that change, streams that wander, drop out and differ, cuffs, typed checks, oxygen."""
    settings.SIGNING_KEY_PATH = tmp_path / "signing.key"
    monkeypatch.setattr(clock, "now", lambda: AT)
    make_clinic(session_alarms=True)
    limits.sign(numbers=OWN, reason="agreed", signed_name="Ada Example", by="ada", at=AT - timedelta(days=1))
    infusion = make_infusing()
    watch = Watch.objects.get()
    actions.require(watch=watch, signals=["spo2", "heart_rate", "nibp_systolic"], at=AT)
    live(watch, Device.objects.create(identity="MON", first_seen_at=AT), random.Random(7))
    Watch.objects.update(ended_at=watch.started_at + timedelta(seconds=SECONDS))
    infusion.refresh_from_db()
    return infusion


def live(watch, device, chance):
    """Write each second what comes, and evaluate now and then, as workers do."""
    first = int((AT - watch.started_at).total_seconds()) + 1
    for second in range(first, SECONDS):
        at = watch.started_at + timedelta(seconds=second, milliseconds=chance.randrange(900))
        common = {"watch": watch, "device": device, "observed_at": at, "received_at": at}
        wave = 30 * ((second // 60) % 3 - 1)
        if second % 200 < 180:
            StreamReading(
                seq=second, places=0, spo2=95.0 - (second // 45) % 6 + chance.random(), heart_rate=70.0 + wave + chance.random(),
                pulse_rate=70.0 + wave / 3, respiratory_rate=14.0 - (second // 100) % 7, **common,
            ).save()  # fmt: skip
        if second % 120 == 0:
            for place, value in (("nibp_systolic", 130.0 + wave), ("nibp_diastolic", 80.0 + wave / 2)):
                Reading(
                    signal=place, value=value, source="device", seq=10_000 + second, obx=len(place), **common
                ).save()
        if second % 170 == 0:
            values, words = (
                {"nibp_systolic": 188.0, "nibp_diastolic": 101.0},
                {"oxygen": "air" if second % 340 else "mask"},
            )
            actions.chart_typed(watch=watch, values=values, reasons={}, words=words, by="nils", observed_at=at, at=at)
        asks(watch, second, at)
        if chance.random() < 0.2:
            alarms.evaluate(watch.pk, at=at)
    alarms.evaluate(watch.pk, at=watch.started_at + timedelta(seconds=SECONDS))


def asks(watch, second, at):
    if second == 300:
        actions.expect(watch=watch, every_s={"nibp_systolic": 60.0, "moaas": 60.0}, at=at)
    if second in LEFT_OUT:
        actions.require(watch=watch, signals=LEFT_OUT[second], at=at)


@pytest.fixture
def run(monkeypatch, capsys):
    monkeypatch.setattr(command, "setup", lambda *_: None)

    def ask(*words):
        code = cli.run([str(word) for word in words])
        return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    return ask


def told(watch):
    rows = AlarmEvent.objects.filter(watch=watch).order_by("pk")
    return [
        ((row.at - watch.started_at).total_seconds(), row.rule, row.signal or None, row.kind, row.priority, row.state, row.value, row.reason)
        for row in rows
    ]  # fmt: skip


def test_replay_with_the_session_s_own_limits_gives_the_identical_events(session, run, tmp_path):
    assert run("tape", session.reference, "--out", tmp_path) == (0, [])

    code, events = run(
        "replay",
        tmp_path / "readings.csv",
        "--limits",
        tmp_path / "limits.toml",
        "--session",
        tmp_path / "session.json",
    )

    happened = told(session.watch)
    assert code == 0
    assert [tuple(event.values()) for event in events] == happened
    assert (395, "spo2_missing", "cleared") in [(int(row[0]), row[1], row[5]) for row in happened]
    assert {row[1] for row in happened} >= OWN_RULES_THAT_SPOKE | {"spo2_missing", "bp_recheck_due"}
    assert Entry.objects.filter(patient=session.patient.reference, detail__format="tape").count() == 1
    assert (tmp_path / "readings.csv").stat().st_mode & 0o777 == 0o600


def test_the_limits_page_gives_the_text_that_replay_takes(session, run, tmp_path, client):
    client.force_login(make_staff(Role.PRESCRIBER))
    (tmp_path / "tape.csv").write_text("time_s,signal,value\n0,heart_rate,50\n30,heart_rate,50\n")
    (tmp_path / "own.toml").write_bytes(client.get(reverse("monitoring:rules-text")).content)

    _code, events = run("replay", tmp_path / "tape.csv", "--limits", tmp_path / "own.toml")

    assert [(event["rule"], event["state"]) for event in events if event["rule"] == "hr_low"] == [("hr_low", "raised")]


def test_an_unknown_session_is_one_line(run, tmp_path):
    assert run("tape", "nobody", "--out", tmp_path) == (2, [])


@pytest.fixture
def typed_chair(monkeypatch, settings, tmp_path):
    """A pressure is due every ten minutes; from minute 11 on every four, and from minute 23 on it need not be read."""
    settings.SIGNING_KEY_PATH = tmp_path / "signing.key"
    monkeypatch.setattr(clock, "now", lambda: AT)
    make_clinic(session_alarms=True)
    infusion = make_infusing()
    watch = infusion.watch
    actions.require(watch=watch, signals=["nibp_systolic"], at=AT)
    actions.expect(watch=watch, every_s={"nibp_systolic": 600.0}, at=AT)
    pressure = {"nibp_systolic": 120.0, "nibp_diastolic": 70.0}
    for minute in range(31):
        at = AT + timedelta(minutes=minute)
        if minute in {1, 9, 17}:
            actions.chart_typed(watch=watch, values=pressure, reasons={}, by="nils", observed_at=at, at=at)
        alarms.evaluate(watch.pk, at=at)
        overdue.tell([infusion.pk], at=at)
        if minute == 11:
            actions.expect(watch=watch, every_s={"nibp_systolic": 240.0}, at=at)
        if minute == 23:
            actions.require(watch=watch, signals=[], at=at)
    Watch.objects.update(ended_at=AT + timedelta(minutes=30))
    infusion.refresh_from_db()
    return infusion


def test_an_interval_that_changed_and_a_signal_that_was_left_out_are_replayed_each_at_its_time(
    typed_chair, run, tmp_path
):
    run("tape", typed_chair.reference, "--out", tmp_path)
    names = [str(tmp_path / name) for name in ("readings.csv", "limits.toml", "session.json")]

    _code, events = run("replay", names[0], "--limits", names[1], "--session", names[2])

    happened = sorted(told(typed_chair.watch), key=lambda row: row[:2])
    began_s = (AT - typed_chair.watch.started_at).total_seconds()
    assert sorted((tuple(event.values()) for event in events), key=lambda row: row[:2]) == happened
    assert [((row[0] - began_s) / 60, row[5]) for row in happened if row[1] == "cuff_missing"] == [
        (14, "raised"),
        (17, "cleared"),
        (22, "raised"),
        (23, "cleared"),
    ]
