"""Alarms at the chair

The bedside monitor is the primary alarm; this is the second pair of eyes.
A clinic sets and signs its own limits; the default ones are unsigned and say so.
"""

import pytest


def tape(command, *rows):
    return command("replay", "time_s,signal,value\n" + "".join(f"{row}\n" for row in rows))


def said(events, rule):
    return [(one["time_s"], one["state"]) for one in events if one["rule"] == rule]


def test_a_pressure_that_is_high_warns_at_once_and_is_urgent_when_it_stays_high(command):
    events = tape(command, "0,nibp_systolic,184", "300,nibp_systolic,186")

    assert said(events, "bp_recheck_due") == [(0, "raised")]
    assert said(events, "bp_high") == [(300, "raised")]
    assert next(one["priority"] for one in events if one["rule"] == "bp_high") == "urgent"


def test_systolic_and_diastolic_are_one_pressure_whichever_of_them_is_high(command):
    """184/100, five minutes later 178/112, then 184/100: the pressure was high three times in a row, so it is urgent at the second."""
    readings = [(184, 100), (178, 112), (184, 100), (150, 90)]
    events = tape(
        command,
        *(
            f"{300 * number},{signal},{value}"
            for number, reading in enumerate(readings)
            for signal, value in zip(("nibp_systolic", "nibp_diastolic"), reading, strict=True)
        ),
    )

    assert said(events, "bp_recheck_due") == [(0, "raised"), (900, "cleared")]
    assert said(events, "bp_high") == [(300, "raised"), (900, "cleared")]
    assert said(events, "bp_recheck_overdue") == []
    assert next((one["signal"], one["value"]) for one in events if one["rule"] == "bp_high") == ("nibp_diastolic", 112)


def test_one_high_pressure_is_one_alarm_and_the_next_rule_speaks_when_it_falls_silent(command):
    """Of several limits that one reading is beyond, the one that says most is told; a lesser one follows when that has cleared."""
    events = tape(
        command, "0,nibp_systolic,184", "0,nibp_diastolic,112", "300,nibp_systolic,172", "300,nibp_diastolic,90"
    )

    assert [(one["time_s"], one["rule"], one["state"]) for one in events] == [
        (0, "bp_recheck_due", "raised"), (300, "bp_recheck_due", "cleared"), (300, "bp_systolic_warn", "raised"),
    ]  # fmt: skip


def test_an_ecg_without_a_rate_beside_a_pulse_is_a_disagreement_and_no_asystole(command):
    """Zero is never a vital sign: the alarm is technical and says that the probe still reads a pulse."""
    rows = [
        f"{second},{signal}"
        for second in range(8)
        for signal in (f"heart_rate,{0 if second > 3 else 70}", "pulse_rate,72")
    ]
    events = tape(command, *rows)

    assert [(one["rule"], one["kind"], one["state"]) for one in events] == [
        ("heart_rate_missing", "technical", "raised")
    ]
    assert "still reads a pulse" in events[0]["reason"]


def test_one_short_dip_of_saturation_raises_nothing_and_a_lasting_one_does(command):
    """The time it must last is counted in seconds of readings, so that one stray value raises nothing."""
    dip = tape(command, *(f"{second},spo2,{89 if second == 5 else 97}" for second in range(30)))
    lasting = tape(command, *(f"{second},spo2,{89 if second >= 5 else 97}" for second in range(30)))

    assert said(dip, "spo2_very_low") == []
    assert [state for _, state in said(lasting, "spo2_very_low")] == ["raised"]


def test_an_alarm_clears_only_beyond_its_clear_level(command):
    """So that a value at the limit does not ring again and again."""
    values = [170, 163, 159]
    events = tape(command, *(f"{300 * number},nibp_systolic,{value}" for number, value in enumerate(values)))

    assert said(events, "bp_systolic_warn") == [(0, "raised"), (600, "cleared")]


def test_a_signal_that_is_lost_is_an_alarm_and_carries_no_value(command):
    lost = [one for one in tape(command, "0,spo2,97", "20,spo2,") if one["rule"] == "spo2_missing"]

    assert [(one["kind"], one["state"], one["value"]) for one in lost] == [("technical", "raised", None)]


def test_a_zero_from_a_monitor_is_no_reading(command):
    zero, empty = (tape(command, "0,spo2,97", f"5,spo2,{nothing}", "9,spo2,97") for nothing in ("0", ""))

    assert zero == empty
    assert [one for one in zero if one["kind"] == "physiological"] == []


@pytest.mark.parametrize("signal", ["spo2", "heart_rate", "nibp_systolic"])
def test_a_signal_that_was_never_there_cannot_be_lost(command, signal):
    events = tape(command, *(f"{second},respiratory_rate,14" for second in range(0, 60, 5)))

    assert [one for one in events if one["signal"] == signal] == []


def test_what_no_source_gives_a_number_for_is_not_watched_until_the_clinic_sets_one(command):
    """A slow heart, an early fall of saturation, a low pressure: no source that was read names a number. The chair page says so."""
    slow = tape(command, *(f"{second},heart_rate,38" for second in range(30)))
    low = tape(command, "0,nibp_systolic,70", "300,nibp_systolic,68")

    assert [one for one in (*slow, *low) if one["kind"] == "physiological"] == []
