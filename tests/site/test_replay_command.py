"""`replay`: a contract that scripts rely on."""

import json
from datetime import date

import pytest

from openketamine.evidence import load
from openketamine.evidence.limits_edit import with_numbers
from openketamine.evidence.regimen_edit import Signed
from openketamine.site import cli

SHIPPED = load.text("limits", "vital_signs")


@pytest.fixture
def replay(tmp_path, capsys):
    def ask(text, *options):
        path = tmp_path / "tape.csv"
        path.write_text(text)
        code = cli.run(["replay", str(path), *options])
        captured = capsys.readouterr()
        return code, [json.loads(line) for line in captured.out.splitlines()], captured.err

    return ask


def test_a_pressure_that_stays_high_warns_at_once_and_is_urgent_at_the_second_reading(replay):
    code, events, _ = replay(
        "time_s,signal,value\n0,nibp_systolic,184\n0,nibp_diastolic,112\n300,nibp_systolic,182\n300,nibp_diastolic,111\n"
    )

    assert code == 0
    assert [(e["time_s"], e["rule"], e["priority"]) for e in events] == [
        (0, "bp_recheck_due", "warning"),
        (300, "bp_high", "urgent"),
    ]
    assert list(events[0]) == ["time_s", "rule", "signal", "kind", "priority", "state", "value", "reason"]
    assert (events[1]["value"], events[1]["kind"], events[1]["state"]) == (182, "physiological", "raised")


def test_a_lost_probe_is_a_technical_alarm_without_a_value(replay):
    _, events, _ = replay("time_s,signal,value\n0,spo2,97\n20,spo2,\n25,spo2,96\n")

    assert [(e["time_s"], e["kind"], e["state"], e["value"]) for e in events] == [
        (10, "technical", "raised", None),
        (25, "technical", "cleared", 96),
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("time,signal,value\n", "line 1: the columns must be time_s,signal,value"),
        ("time_s,signal,value\n5,spo2,97\n4,spo2,97\n", "line 3: time_s = 4: goes backwards from 5"),
        ("time_s,signal,value\n5,spo3,97\n", "line 2: signal = 'spo3': must be one of"),
        ("time_s,signal,value\n5,spo2,high\n", "line 2: value = 'high': must be a number"),
        ("time_s,signal,value\nnan,spo2,97\n", "line 2: time_s = 'nan': must be a finite number"),
        ("time_s,signal,value\n5,spo2\n", "line 2: 2 values; must be 3"),
        ("time_s,signal,value\n0,spo2,97\n9e9,spo2,97\n", "must not be longer"),
    ],
)
def test_bad_input_names_its_line(replay, text, line):
    code, events, error = replay(text)

    assert (code, events) == (2, [])
    assert line in error


def test_unknown_limits_are_bad_input_and_known_ones_are_listed(replay, capsys):
    assert replay("time_s,signal,value\n", "--limits", "mine")[0] == 2
    assert cli.run(["replay", "--list-limits"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0]) == "vital_signs"
    assert cli.run(["replay"]) == 2


def test_a_first_high_pressure_that_nobody_reads_again_is_urgent_after_six_minutes(replay):
    _, events, _ = replay("time_s,signal,value\n0,nibp_systolic,184\n0,spo2,\n400,nibp_diastolic,\n")

    assert [(e["time_s"], e["rule"], e["kind"], e["priority"]) for e in events if e["priority"] == "urgent"] == [
        (360, "bp_recheck_overdue", "technical", "urgent")
    ]


def test_a_monitor_that_sends_once_a_minute_is_not_lost_each_minute(replay):
    rows = "".join(f"{60 * minute},spo2,97\n{60 * minute},heart_rate,70\n" for minute in range(20))
    _, events, _ = replay(f"time_s,signal,value\n{rows}")

    assert {e["time_s"] for e in events} == {10, 60}


def test_no_heart_rate_with_a_pulse_is_no_slow_heart(replay):
    rows = "".join(f"{second},heart_rate,0\n{second},pulse_rate,68\n" for second in range(1, 60))
    _, events, _ = replay(f"time_s,signal,value\n0,heart_rate,70\n{rows}")

    assert [(e["rule"], e["state"]) for e in events] == [("heart_rate_missing", "raised")]


def test_a_clinic_without_an_ecg_is_warned_by_the_pulse(replay):
    rows = "".join(f"{second},pulse_rate,158\n" for second in range(30))
    _, events, _ = replay(f"time_s,signal,value\n{rows}")

    assert [(e["rule"], e["signal"], e["priority"], e["value"]) for e in events] == [
        ("hr_extreme", "pulse_rate", "urgent", 158)
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "line 1: the columns must be"),
        ("\x00\x01rubbish", "line 1: the columns must be"),
        ("time_s,signal,value\n\x00,spo2,97\n", "line 2: time_s"),
        ('time_s,signal,value\n"0,spo2,97\n', "line 2: 1 values; must be 3"),
        ("time_s,signal,value\n1,spo2,1e999\n", "line 2: value = '1e999': must be a finite number"),
        ("time_s,signal,value\n1,spo2,97,98\n", "line 2: 4 values; must be 3"),
    ],
)
def test_rubbish_is_one_line_of_bad_input(replay, text, line):
    code, events, error = replay(text)

    assert (code, events, len(error.splitlines())) == (2, [], 1)
    assert line in error


@pytest.fixture
def limits_file(tmp_path):
    def write(text):
        path = tmp_path / "mine.toml"
        path.write_text(text)
        return path

    return write


def test_a_clinic_s_own_limits_are_taken_from_a_file(replay, limits_file):
    own = with_numbers(SHIPPED, {"hr_low": 60.0}, Signed("Ada Example", date(2026, 3, 2)))
    tape = "time_s,signal,value\n" + "".join(f"{second},heart_rate,55\n" for second in range(20))

    assert [event["rule"] for event in replay(tape, "--limits", str(limits_file(own)))[1]] == ["hr_low"]
    assert replay(tape)[1] == []


def test_a_file_of_limits_that_is_wrong_is_one_line_of_bad_input(replay, limits_file):
    for text, says in (
        (SHIPPED.replace("[[limit]]", "[[limt]]", 1), "limt: unknown key"),
        ("[[", "Invalid"),
        ("", "no rule in it"),
    ):
        code, events, error = replay("time_s,signal,value\n", "--limits", str(limits_file(text)))

        assert (code, events, len(error.splitlines())) == (2, [], 1)
        assert "mine.toml" in error
        assert says in error


TYPED = "time_s,signal,value,source\n5,spo2,97,typed\n6,oxygen,air,typed\n"


def test_in_a_session_what_is_required_is_missing_from_its_first_second_and_typing_is_no_stream(replay, tmp_path):
    about = tmp_path / "session.json"
    about.write_text(json.dumps({"required": ["spo2"], "until_s": 30}))

    assert [(e["time_s"], e["rule"]) for e in replay(TYPED, "--session", str(about))[1]] == [(10, "spo2_missing")]


def test_in_a_session_a_rise_counts_from_the_baseline_on_and_air_makes_the_rule_on_oxygen_silent(replay, tmp_path):
    about = tmp_path / "session.json"
    about.write_text(json.dumps({"baseline": {"nibp_systolic": 100}, "baseline_from_s": 100, "until_s": 200}))
    pressures = "50,nibp_systolic,145,typed\n150,nibp_systolic,146,typed\n"

    events = replay(
        TYPED + pressures + "".join(f"{150 + n},spo2,85,device\n" for n in range(20)), "--session", str(about)
    )[1]

    assert [(e["time_s"], e["rule"]) for e in events] == [(150, "bp_systolic_rise"), (160, "spo2_very_low")]


@pytest.mark.parametrize(
    ("about", "says"),
    [
        ({"require": []}, "require: unknown key"),
        ({"required": ["spo3"]}, "required: signal = 'spo3': must be one of"),
        ({"required": "spo2"}, "required: must be a list"),
        ({"baseline": {"spo2": "high"}}, "spo2 = 'high': must be a finite number"),
        ({"until_s": -1}, "until_s = -1: must be from 0"),
        ({"baseline_from_s": True}, "baseline_from_s = True: must be a finite number"),
    ],
)
def test_a_session_that_is_wrong_is_one_line_of_bad_input(replay, tmp_path, about, says):
    path = tmp_path / "session.json"
    path.write_text(json.dumps(about))

    code, events, error = replay("time_s,signal,value\n", "--session", str(path))

    assert (code, events, len(error.splitlines())) == (2, [], 1)
    assert says in error


def test_a_source_that_nobody_knows_is_bad_input(replay):
    code, _events, error = replay("time_s,signal,value,source\n0,spo2,97,guessed\n")

    assert (code, "line 2: source = 'guessed': must be device or typed" in error) == (2, True)
