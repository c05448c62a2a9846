"""A clinic reads, edits, checks and signs its own text of a protocol; what becomes looser than its source needs a reason."""

import pytest
from django.urls import reverse
from tests.clinic.candidacy.conftest import AT, ID, WELL

from openketamine.clinic.candidacy import criteria, decisions, standing
from openketamine.clinic.candidacy.models import Choice, Decision
from openketamine.core.candidacy.changes import Way, rule_changes
from openketamine.evidence.protocols import parse_protocol, protocol, protocol_text


def edited(*pairs):
    text = protocol_text(ID)
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


TIGHTER = (("threshold = 180\n", "threshold = 170\n"), ("resting_systolic = 180 }", "resting_systolic = 170 }"))
LOOSER = (("threshold = 100\n", "threshold = 105\n"), ("resting_diastolic = 101 }", "resting_diastolic = 106 }"))


@pytest.mark.parametrize(
    ("pair", "rule", "way"),
    [
        (("threshold = 180\n", "threshold = 170\n"), "systolic_too_high", Way.TIGHTER),
        (("threshold = 180\n", "threshold = 190\n"), "systolic_too_high", Way.LOOSER_THAN_SOURCE),
        (("threshold = 18\nunit = \"{score}\"", "threshold = 20\nunit = \"{score}\""), "cognition", Way.TIGHTER),
        (("threshold = 18\nunit = \"{score}\"", "threshold = 16\nunit = \"{score}\""), "cognition", Way.LOOSER_THAN_SOURCE),
        (("threshold = 15\n", "threshold = 12\n"), "severity_phq9", Way.LOOSER),
        (('threshold = ["unexplained"]', 'threshold = ["unexplained", "negative"]'), "drug_screen", Way.TIGHTER),
        (('threshold = ["mdd_without_psychosis"]', 'threshold = ["mdd_without_psychosis", "other"]'), "diagnosis_in_scope", Way.LOOSER_THAN_SOURCE),
        (('says = "a psychostimulant: blood pressure may rise further"', 'says = "a psychostimulant"'), "stimulant", Way.WORDS),
    ],
)  # fmt: skip
def test_which_way_a_change_goes(pair, rule, way):
    [one] = rule_changes(protocol(ID).rules, parse_protocol(edited(pair)).rules)
    assert (one.rule, one.way) == (rule, way)


def test_a_rule_left_out_is_looser_and_one_added_is_tighter():
    rules = protocol(ID).rules
    [gone], [added] = rule_changes(rules, rules[1:]), rule_changes(rules[1:], rules)
    assert (gone.says, gone.way, added.way) == ("left out", Way.LOOSER_THAN_SOURCE, Way.TIGHTER)


def test_a_signed_text_is_in_force_for_pages_and_decisions_and_old_decisions_keep_theirs(patient, tell):
    tell(**{**WELL, "resting_systolic": 175.0})
    before = decisions.decide(patient=patient, name=ID, choice=Choice.TREAT, reason="seen", by="ada", at=AT)
    signed = standing.sign_own(name=ID, text=tighter(), reason="", by="ada", at=AT)

    found = criteria.page(patient, ID, AT)
    assert found.assessment.summary.value == "absolute"
    assert "your clinic's own text" in found.standing.set_by
    assert signed.changes == ["systolic_too_high: resting_systolic > 180 becomes resting_systolic > 170 (tighter)"]
    assert decisions.recomputed(before).summary.value == Decision.objects.get().summary

    standing.sign(name=ID, by="ada", at=AT)
    assert criteria.page(patient, ID, AT).assessment.summary.value == "relative"


def tighter():
    """The shipped text with a lower limit of pressure, and with an example that still holds."""
    text = edited(("threshold = 180\n", "threshold = 170\n"))
    return text.replace('resting_systolic = 180 }, outcome = "pass"', 'resting_systolic = 170 }, outcome = "pass"')


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not = [toml", "protocol:"),
        (edited(('id = "depression_iv_racemic"', 'id = "mine"')), "id = mine: must stay depression_iv_racemic"),
        (edited(("threshold = 180\n", "threshold = 400\n")), "must be from 50 to 300"),
        (edited(("outcome = \"absolute\" },\n  { facts = { diagnosis = \"mdd_without_psychosis\" }, outcome = \"pass\"", "outcome = \"pass\" },\n  { facts = { diagnosis = \"mdd_without_psychosis\" }, outcome = \"pass\"")), "psychotic_depression"),
    ],
)  # fmt: skip
def test_a_text_that_cannot_be_is_named_and_stays_on_the_page(prescriber, patient, text, words):
    address = reverse("candidacy:text", args=[ID])
    response = prescriber.post(address, {"text": text, "reason": "ours", "act": "sign"})

    assert (response.status_code, words in response.text, 'value="ours"' in response.text) == (422, True, True)
    assert not standing.standing(ID).own


def test_looser_than_its_source_needs_a_reason_and_the_page_is_reached_by_links(prescriber, nurse, patient):
    address = reverse("candidacy:text", args=[ID])
    assert address in prescriber.get(reverse("candidacy:protocols")).text
    text = edited(("criterion = \"no psychostimulant\"", "criterion = \"no stimulant\""), ("threshold = 18\nunit = \"{score}\"", "threshold = 17\nunit = \"{score}\""), ("moca_total = 17 }, outcome = \"relative\"", "moca_total = 16 }, outcome = \"relative\""))  # fmt: skip

    looked = prescriber.post(address, {"text": text, "act": "check"})
    assert "Nothing is signed yet" in looked.text
    assert "reason: is empty" in prescriber.post(address, {"text": text, "act": "sign"}).text
    assert nurse.post(address, {"text": text, "act": "sign", "reason": "x"}).status_code == 403
    prescriber.post(address, {"text": text, "act": "sign", "reason": "our population"})

    assert standing.standing(ID).own
    page = nurse.get(address).text
    assert "our population" in page
    assert "cognition: moca_total &gt;= 18 becomes moca_total &gt;= 17 (looser than its source)" in page
