"""In what a newer text of alarm rules differs: rules that came and went, numbers that changed; never mere words."""

from openketamine.evidence.limits_changes import differences

OLD = """
[snooze]
value = 300

[[limit]]
id = "hr_high"
value = 150
says = "The heart is fast"
cite = { source = "one" }

[[unset]]
id = "hr_low"
says = "no rule"
"""


def told(new):
    return [(one.rule, one.fields, one.came, one.went) for one in differences(OLD, new)]


def test_the_same_text_and_other_words_differ_in_nothing():
    assert told(OLD) == []
    assert told(OLD.replace("The heart is fast", "A fast heart").replace("one", "two") + "# a comment") == []


def test_a_number_is_told_with_old_and_new():
    assert told(OLD.replace("150", "140")) == [("hr_high", (("value", "150", "140"),), False, False)]
    assert told(OLD.replace("300", "600")) == [("snooze", (("value", "300", "600"),), False, False)]


def test_what_came_and_what_went_are_told():
    without = OLD.partition("[[unset]]")[0]

    assert told(without) == [("hr_low", (("kind", "unset", "—"),), False, True)]
    assert [(one.rule, one.came) for one in differences(without, OLD)] == [("hr_low", True)]


def test_a_danger_without_a_number_that_now_ships_with_one_says_so():
    found = told(OLD.replace("[[unset]]\nid", "[[limit]]\nvalue = 45\nid"))

    assert found == [("hr_low", (("value", "—", "45"), ("kind", "unset", "limit")), False, False)]
