"""How questionnaires are scored

A missing answer gives no score. The tests name the errors that others have made.
"""

import pytest

from openketamine.core.instruments.questionnaire import TextSource, Tier
from openketamine.core.instruments.scoring import AnswerError, score
from openketamine.evidence import load, questionnaires
from openketamine.evidence.questionnaires import questionnaire, questionnaire_ids

WITH_WORDS = {
    "phq9", "phq2", "gad7", "pcl5", "asq", "audit_c", "peg", "pain_nrs", "hamd17", "cgi_s", "cgi_i", "bprs4", "msm", "moaas", "rass",
    "aldrete", "padss", "day_after", "urinary_screen",
}  # fmt: skip
SCORE_ENTRY = {
    "cssrs_screener", "kset_r", "icsi", "icpi", "madrs", "ymrs", "ybocs", "oci_r", "mdq", "moca", "hit6", "midas", "dast10",
    "qids_sr16", "isi", "cadss", "cadss6", "wsas", "who5",
}  # fmt: skip


def test_these_questionnaires_ship_with_their_words_and_these_take_scores():
    by_text = {name: questionnaire(name).text for name in questionnaire_ids()}

    assert {name for name, text in by_text.items() if text is TextSource.BUNDLED} == WITH_WORDS
    assert {name for name, text in by_text.items() if text is TextSource.NONE} == SCORE_ENTRY


@pytest.mark.parametrize("name", questionnaire_ids())
def test_every_worked_example_holds(name):
    assert questionnaires.failed_examples(name) == []
    assert load.table("instruments", name)["example"]


@pytest.mark.parametrize("name", sorted(SCORE_ENTRY))
def test_no_words_of_a_licensed_form_are_in_the_program(name):
    found = questionnaire(name)

    assert found.licence.tier in {Tier.PACK, Tier.ENTRY}
    assert found.licence.holder or "Copyright" in found.licence.notice
    assert all(len(item.words.split()) <= 16 for item in found.items)


@pytest.mark.parametrize("name", sorted(WITH_WORDS))
def test_no_non_commercial_words_are_in_the_program(name):
    notice = questionnaire(name).licence.notice

    assert "non-commercial" not in notice.lower()
    assert "NC" not in notice


def test_who_5_is_the_raw_sum_times_four():
    assert [score(questionnaire("who5"), {"raw": raw}).score for raw in (0, 5, 13, 25)] == [0, 20, 52, 100]


def test_audit_c_item_1_is_not_the_single_question_screen():
    assert [item.loinc for item in questionnaire("audit_c").items] == ["68518-0", "68519-8", "68520-6"]


def test_audit_c_points_that_all_come_from_how_often_are_asked_again():
    flags = {tuple(a.values()): [flag.id for flag in score(questionnaire("audit_c"), a).flags] for a in (
        {"1": 4, "2": 0, "3": 0}, {"1": 3, "2": 1, "3": 0},
    )}  # fmt: skip

    assert flags == {(4, 0, 0): ["points_from_frequency_only"], (3, 1, 0): []}


@pytest.mark.parametrize(
    ("name", "panel", "total"),
    [
        ("gad7", "69737-5", "70274-6"),
        ("pcl5", "101697-1", "101698-9"),
        ("audit_c", "72109-2", "75626-2"),
        ("phq9", "44249-1", "44261-6"),
    ],
)
def test_the_code_of_the_panel_is_not_the_code_of_the_score(name, panel, total):
    assert (questionnaire(name).loinc_panel, questionnaire(name).loinc_score) == (panel, total)


def test_pcl_5_is_not_the_old_pcl_c():
    found = questionnaire("pcl5")

    assert len(found.items) == 20
    assert "70221-7" not in {found.loinc_panel, found.loinc_score}


def test_pcl_5_pattern_needs_all_four_groups():
    groups = {"B": ["1"], "C": ["6"], "D": ["8", "9"], "E": ["15", "17"]}
    full = {item: 2 for items in groups.values() for item in items}
    answers = {str(item): full.get(str(item), 0) for item in range(1, 21)}

    assert "provisional_diagnosis" in [flag.id for flag in score(questionnaire("pcl5"), answers).flags]
    for items in groups.values():
        less = {**answers, items[0]: 1}
        assert "provisional_diagnosis" not in [flag.id for flag in score(questionnaire("pcl5"), less).flags]


def test_pcl_5_groups_are_summed_by_themselves():
    answers = {str(item): 1 for item in range(1, 21)}

    assert score(questionnaire("pcl5"), answers).subscores == {"B": 5, "C": 2, "D": 7, "E": 6}


@pytest.mark.parametrize(
    ("yes", "band"),
    [
        ((), "none"),
        (("1",), "low"),
        (("1", "2"), "low"),
        (("1", "2", "3"), "moderate"),
        (("6",), "moderate"),
        (("6", "6b"), "high"),
        (("2", "4"), "high"),
        (("2", "5"), "high"),
    ],
)
def test_the_c_ssrs_is_read_by_item_and_never_summed(yes, band):
    asked = ["1", "2", "6", *(["3", "4", "5"] if "2" in yes else []), *(["6b"] if "6" in yes else [])]
    found = score(questionnaire("cssrs_screener"), {item: int(item in yes) for item in asked})

    assert (found.score, found.band, found.missing) == (None, band, ())


def test_one_yes_on_the_c_ssrs_is_not_a_crisis():
    found = score(questionnaire("cssrs_screener"), {"1": 1, "2": 0, "6": 0})

    assert found.flags == ()


def test_phq_9_very_difficult_has_the_code_that_is_out_of_order():
    function = questionnaire("phq9").item("10")

    assert [(choice.words, choice.loinc) for choice in function.choices][2:] == [
        ("Very difficult", "LA6575-0"),
        ("Extremely difficult", "LA6574-3"),
    ]
    assert score(questionnaire("phq9"), {**{str(i): 1 for i in range(1, 10)}, "10": 3}).score == 9


def test_gad_7_begins_with_not_at_all():
    assert questionnaire("gad7").items[0].choices[0].words == "Not at all"


def test_moaas_names_its_variant():
    found = questionnaire("moaas")

    assert "0 to 5" in found.variant
    assert "painful squeeze" in found.variant
    assert [score(found, {"1": level}).band for level in (5, 4, 3)] == [
        "alert", "mild sedation", "moderate sedation or deeper",
    ]  # fmt: skip


def test_rass_goes_both_ways_from_alert_and_calm():
    found = questionnaire("rass")

    assert [choice.value for choice in found.items[0].choices] == [4, 3, 2, 1, 0, -1, -2, -3, -4, -5]
    assert [score(found, {"1": level}).band for level in (4, 1, 0, -1, -5)] == [
        "restless or agitated", "restless or agitated", "alert and calm", "sedated", "sedated",
    ]  # fmt: skip


def test_aldrete_measures_circulation_in_per_cent():
    found = questionnaire("aldrete")

    assert "per cent" in found.variant
    assert "20 %" in found.item("circulation").choices[0].words


def test_madrs_remission_is_a_list_of_names():
    variants = {one.name.split(" (")[0]: one.at_most for one in questionnaire("madrs").remissions}

    assert variants == {"7 or less": 7, "below 10": 9, "10 or less": 10, "12 or less": 12}


def test_hamd17_has_two_forms_of_item_16_and_not_assessed_adds_nothing():
    found, rest = questionnaire("hamd17"), {str(item): 1 for item in range(1, 18) if item != 16}

    assert score(found, {**rest, "16a": 2}).score == 18
    assert score(found, {**rest, "16b": 1}).score == 17
    assert score(found, {**rest, "16a": 3}).score == 16
    assert score(found, rest).missing == ("16a", "16b")
    with pytest.raises(AnswerError, match="two forms"):
        score(found, {**rest, "16a": 0, "16b": 0})


def test_the_highest_score_of_each_variant_is_its_own():
    highest = {"hamd17": 52, "phq9": 27, "gad7": 21, "pcl5": 80, "bprs4": 28, "msm": 15, "audit_c": 12}
    for name, most in highest.items():
        found = questionnaire(name)
        answers = {item.id: max(choice.value for choice in item.choices if choice.counts) for item in found.items}
        answers.pop("16b", None)
        assert score(found, answers).score == most
    entered = {"madrs": 60, "ymrs": 60, "ybocs": 40, "moca": 30, "hit6": 78, "icsi": 20, "icpi": 16}
    for name, most in entered.items():
        assert score(questionnaire(name), {"total": most}).score == most
        with pytest.raises(AnswerError, match=f"from .* to {most}"):
            score(questionnaire(name), {"total": most + 1})


def test_a_total_and_items_are_not_mixed():
    with pytest.raises(AnswerError, match="not both"):
        score(questionnaire("madrs"), {"total": 30, "1": 3})


def test_peg_is_a_mean_and_the_mdq_needs_three_things():
    yes = {str(item): int(item <= 7) for item in range(1, 14)}
    bands = [score(questionnaire("mdq"), {**yes, "together": together, "problem": problem}).band for together, problem in (
        (1, 2), (1, 1), (0, 3),
    )]  # fmt: skip

    assert score(questionnaire("peg"), {"1": 7, "2": 8, "3": 6}).score == 7
    assert bands == ["positive", "negative", "negative"]


def test_two_answers_within_the_days_they_ask_about_overlap():
    assert questionnaire("phq9").overlaps(3)
    assert not questionnaire("phq9").overlaps(14)
    assert not questionnaire("pain_nrs").overlaps(0)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('source = "camcops_phq"', 'source = "somebody"', "somebody"),
        ('title = "', 'name = "', "'title' is missing"),
        ('says = "Thoughts', 'says = "Stop the thoughts', "order verb"),
        ('tier = "A"', 'tier = "Z"', "not a valid Tier"),
        ("value = 20\n", "value = 2\n", "bands must rise"),
    ],
)
def test_a_text_that_does_not_say_what_it_must_is_refused(old, new, words):
    text = load.text("instruments", "phq9")
    assert old in text

    with pytest.raises(load.EvidenceError, match=words):
        questionnaires.questionnaire_of(text.replace(old, new), "instruments/phq9.toml")
