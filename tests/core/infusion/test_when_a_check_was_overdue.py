"""From when to when a check was overdue, as a replay tells it: by what was seen of its parts, and when that was told."""

from openketamine.core.infusion.overdue import Check, Seen, overdue

SHEET = ("heart_rate", "nausea")


def check(due_min, parts=SHEET, late_s=180.0):
    return Check(parts, (due_min - 3) * 60.0, due_min * 60.0 + late_s)


def seen(*minutes):
    return [Seen(minute * 60.0, minute * 60.0) for minute in minutes]


def told(checks, parts, until_min=120):
    return [(one.at_s / 60, one.state.value) for one in overdue(checks, parts, until_min * 60.0)]


def test_a_check_is_overdue_when_its_time_is_over_and_until_its_last_part_was_seen():
    assert told([check(10)], {"heart_rate": seen(9, 14), "nausea": seen(15.5)}) == [(13, "raised"), (15.5, "cleared")]


def test_a_check_in_time_is_never_overdue_and_one_of_before_its_window_does_not_count():
    assert told([check(10)], {"heart_rate": seen(7), "nausea": seen(13)}) == []
    assert told([check(10)], {"heart_rate": seen(6.9), "nausea": seen(12)}) == [(13, "raised")]


def test_it_stays_overdue_while_the_next_of_its_kind_is_missed_too_and_the_next_makes_up_for_both():
    parts = {"heart_rate": seen(31), "nausea": seen(31)}

    assert told([check(10), check(20), check(30)], parts) == [(13, "raised"), (31, "cleared")]


def test_what_was_missed_before_a_check_that_was_made_is_made_up_for():
    parts = {"heart_rate": seen(18), "nausea": seen(18)}

    assert told([check(10), check(20)], parts) == [(13, "raised"), (18, "cleared")]


def test_checks_of_two_kinds_are_one_alarm_until_both_are_made():
    sedated = check(12, ("spo2",))
    parts = {"heart_rate": seen(16), "nausea": seen(16), "spo2": seen(20)}

    assert told([check(10), sedated], parts) == [(13, "raised"), (20, "cleared")]


def test_what_was_seen_in_time_and_told_late_ends_it_when_it_was_told():
    parts = {"heart_rate": seen(10), "nausea": [Seen(600.0, 960.0)]}

    assert told([check(10)], parts) == [(13, "raised"), (16, "cleared")]


def test_at_the_end_it_stands_as_it_stood():
    assert told([check(10)], {}, until_min=13) == []
    assert told([check(10)], {}, until_min=14) == [(13, "raised")]
    assert told([check(10)], {"heart_rate": seen(15), "nausea": seen(15)}, until_min=14) == [(13, "raised")]


def test_the_alarm_is_a_technical_warning_that_says_what_can_be_done():
    (event,) = overdue([check(10)], {}, 900.0)

    assert (event.rule, event.signal, event.kind.value, event.priority.value, event.value) == (
        "check_overdue", None, "technical", "warning", None
    )  # fmt: skip
    assert event.reason == "A check is overdue: options are doing it now, or saying why a part of it is not measured"
