"""A text of alarm rules from outside is taken whole or refused in one line that names the place."""

import re
from datetime import date

import pytest

from openketamine.evidence import load
from openketamine.evidence.limits_check import checked
from openketamine.evidence.limits_edit import with_numbers
from openketamine.evidence.regimen_edit import Signed

SHIPPED = load.text("limits", "vital_signs")


def test_what_ships_and_what_a_clinic_signs_are_taken():
    own = with_numbers(
        SHIPPED, {"hr_low": 48.0, "two_warnings": 2.0, "bp_fall": 30.0}, Signed("Ada Example", date(2026, 3, 2))
    )

    assert len(checked(SHIPPED, "mine.toml").unset) == 10
    assert {one.id for one in checked(own, "mine.toml").rules} > {"hr_low", "two_warnings"}
    assert "bp_fall" in {one.id for one in checked(own, "mine.toml").rises}


def changed(old, new):
    assert old in SHIPPED
    return SHIPPED.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[limit", "mine.toml: "),
        ("", "mine.toml: there is no rule in it"),
        ("limit = 3", "mine.toml: limit must be written as [[limit]]"),
        (changed("[[limit]]", "[[limt]]"), "mine.toml: limt: unknown key"),
        (changed("inclusive = true", "inclusiv = true"), "mine.toml [[limit]] bp_systolic_warn: inclusiv: unknown key"),
        (changed("direction = \"above\"\n", ""), "mine.toml [[limit]] bp_systolic_warn: direction is missing"),
        (changed("value = 165", "value = nan"), "mine.toml [[limit]] bp_systolic_warn: value = nan: must be a finite number"),
        (changed("value = 165", "value = \"high\""), "mine.toml [[limit]] bp_systolic_warn: could not convert"),
        (changed("clear = 160", "clear = 170"), "bp_systolic_warn: clear level 170 must lie on the quiet side of the limit 165"),
        (changed("\"nibp_systolic\"", "\"nibp\""), "mine.toml [[limit]] bp_systolic_warn: 'nibp' is not a valid Signal"),
        (changed("id = \"bp_diastolic_warn\"", "id = \"bp_systolic_warn\""), "mine.toml: the rule 'bp_systolic_warn' is given twice"),
        (changed("source = \"crtce2020\"", "source = \"nobody\""), "mine.toml bp_systolic_warn: source 'nobody' is not in sources.toml"),
        (changed("says = \"Systolic", "says = \"Stop at once: systolic"), "begins with an order verb"),
        (changed("under = [\"bp_recheck_due\"", "under = [\"bp_systolic_warn\""), "mine.toml: rules are under each other"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(text, says):
    with pytest.raises(load.EvidenceError, match=re.escape(says)):
        checked(text, "mine.toml")
