"""Mood over days is calibrated to trial means; explanations stand side by side; interactions are cited sentences; weights side by side."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from openketamine.core.pharmacology.body_weight import body_weights
from openketamine.core.pharmacology.interaction import Changes, by_route
from openketamine.core.pharmacology.mechanism import NOT_FULLY_UNDERSTOOD, Evidence, Step
from openketamine.core.pharmacology.response import residuals
from openketamine.core.pharmacology.substance import Route, Sex
from openketamine.evidence import load
from openketamine.evidence.interactions import ideal_weight, interactions
from openketamine.evidence.mechanisms import hypotheses
from openketamine.evidence.response import response_model, trial_means

ROOT = Path(__file__).resolve().parents[3]
MODEL = response_model()
SIX = (0, 3, 7, 10, 14, 17)


@pytest.fixture(scope="module")
def calibration():
    sys.path.insert(0, str(ROOT / "scripts"))
    import calibrate_response

    return calibrate_response


def test_the_constants_in_the_evidence_are_those_of_the_calibration(calibration):
    found = calibration.calibrated()

    for name in calibration.FITTED:
        assert getattr(MODEL, name) == pytest.approx(getattr(found, name), rel=0.01)


def test_the_table_of_residuals_in_the_documents_is_that_of_the_calibration(calibration):
    written = json.loads((ROOT / "docs" / "calibration" / "mood_over_days.json").read_text(encoding="utf-8"))
    found = calibration.summary(calibration.calibrated())

    for kind in ("constants", "means"):
        assert [list(row) for row in written[kind]] == [list(row) for row in found[kind]]
        for was, now in zip(written[kind], found[kind], strict=True):
            assert list(was.values()) == [
                pytest.approx(one, rel=0.01) if isinstance(one, float) else one for one in now.values()
            ]


def test_the_half_life_of_the_drug_effect_sits_at_its_bound_and_the_evidence_says_so(calibration):
    """The trial means do not determine it: they would like it longer than the 3 to 5 days that one dose is known to last."""
    assert MODEL.decay_days == calibration.HIGH[calibration.FITTED.index("decay_days")] == 5.0
    assert "upper bound" in load.table("response", "mood_over_days")["limits_of_use"]


def test_every_trial_mean_is_met_within_two_points():
    assert {name: abs(off) < 2 for name, off in residuals(MODEL, trial_means()).items() if abs(off) >= 2} == {}


def test_the_open_series_that_was_held_back_fell_by_more_than_the_model_says():
    assert residuals(MODEL, trial_means(kind="held_back"))["murrough_repeated_two_hours"] < -5


def test_four_weeks_of_nasal_doses_differed_from_placebo_by_a_third_of_what_the_model_says():
    """An 2021: 4.09 points at day 28, held back. The model is of no use for the size of the effect after a whole course."""
    (seen,) = [one for one in trial_means(kind="held_back") if one.id == "nasal_four_weeks"]
    off = residuals(MODEL, [seen])["nasal_four_weeks"]

    assert (seen.fall, seen.day, seen.over_comparator) == (4.09, 28, True)
    assert 8 < off < 9
    assert "three times" in load.table("response", "mood_over_days")["limits_of_use"]


def test_the_effect_of_one_dose_peaks_within_two_days_and_fades():
    days = np.linspace(0, 21, 400)
    drug = MODEL.drug((0,), days)

    assert 0.1 < days[drug.argmax()] < 2
    assert drug[-1] < 0.3 * drug.max()


def test_more_doses_never_do_less_and_never_more_than_the_most():
    days = np.linspace(0, 40, 200)
    one, six = MODEL.drug((0,), days), MODEL.drug(SIX, days)

    assert (six >= one - 1e-12).all()
    assert six.max() < MODEL.most


def test_somebody_who_does_not_respond_has_expectancy_alone():
    days = np.array([1.0, 7.0])

    assert MODEL.fall(SIX, days, responder=False) == pytest.approx(MODEL.expected(days))
    assert MODEL.mean_fall((), days) == pytest.approx(MODEL.expected(days))
    assert (MODEL.fall(SIX, days, responder=True) > MODEL.fall(SIX, days, responder=False)).all()


def test_no_dose_does_nothing_before_it_is_given():
    assert MODEL.drug((5,), np.array([0.0, 4.9]))[1] == 0


def test_explanations_stand_side_by_side_graded_and_not_fully_understood():
    found = hypotheses()

    assert len(found) >= 5
    assert {one.evidence for one in found} >= {
        Evidence.RODENT_SOME_HUMAN,
        Evidence.HUMAN_AGAINST,
        Evidence.HUMAN_CONTESTED,
    }
    for one in found:
        assert one.standing == NOT_FULLY_UNDERSTOOD
        assert one.sources
        assert one.speaks_for
        assert one.speaks_against


def test_each_step_rises_to_one_and_fades():
    hours = np.linspace(0, 24 * 21, 20_000)
    for one in hypotheses():
        for curve in one.curves(hours).values():
            assert curve[0] == 0
            assert curve.max() == pytest.approx(1, abs=0.01)
            assert curve[-1] < 0.5


def test_steps_follow_each_other_in_the_surge():
    hours = np.linspace(0, 100, 5000)
    surge = next(one for one in hypotheses() if one.id == "glutamate_surge").curves(hours)
    peaks = [hours[curve.argmax()] for curve in surge.values()]

    assert peaks == sorted(peaks)


def test_a_step_cannot_fade_faster_than_it_rises():
    with pytest.raises(ValueError, match="rises faster"):
        Step("odd", "odd", Evidence.RODENT, ("none",), 2.0, 1.0).course(np.array([1.0]))


CHAINS = {
    "glutamate_surge": (
        "NMDA receptor block on GABA interneurons", "glutamate surge", "AMPA", "BDNF", "mTORC1", "synapses",
    ),
    "resting_signals": ("spontaneous NMDA", "eEF2K", "BDNF translation"),
    "breakdown_product": ("hydroxynorketamine", "AMPA"),
    "opioid_system": ("opioid receptor",),
    "serotonin": ("5-HT",),
}  # fmt: skip


@pytest.mark.parametrize("name", CHAINS)
def test_each_chain_names_its_links_in_the_fields_own_terms_and_in_plain_words(name):
    (found,) = [one for one in hypotheses() if one.id == name]

    for step, term in zip(found.steps, CHAINS[name], strict=True):
        assert term in step.term
        assert step.name != step.term
    assert name != "glutamate_surge" or "TrkB" in found.steps[3].term


def test_each_link_of_a_chain_has_a_grade_a_source_and_is_not_fully_understood():
    for one in hypotheses():
        for step in one.steps:
            assert step.evidence in set(Evidence)
            assert set(step.sources) <= set(load.sources())
            assert step.sources
            assert step.standing == NOT_FULLY_UNDERSTOOD


def test_into_a_vein_enzymes_hardly_matter_and_swallowed_they_matter_a_lot():
    found = interactions()
    ratios = {
        route: [one.ratio for one in found if route in one.routes and one.ratio] for route in (Route.IV, Route.ORAL)
    }

    assert all(0.8 < ratio < 1.25 for ratio in ratios[Route.IV])
    assert max(ratios[Route.ORAL]) > 2
    assert min(ratios[Route.ORAL]) < 0.5


def test_every_interaction_is_a_sentence_with_its_source():
    for one in interactions():
        assert one.says.endswith(".")
        assert all(citation.locus for citation in one.citations)
    assert {one.changes for one in interactions()} == set(Changes)


@pytest.mark.parametrize(
    ("factor", "sources"),
    [
        ("benzodiazepines", {"andrashko2020", "feeney2022", "diekamp_aspire"}),
        ("cyp2b6_6", {"li2015", "rao2016"}),
        ("opioids_breathing", {"spravato_interactions", "ketalar_label", "jonkman2018"}),
        ("sex", {"sigtermans2009_volunteers", "perezruixo2021"}),
    ],
)
def test_a_sentence_that_rests_on_several_studies_names_each(factor, sources):
    (found,) = [one for one in interactions() if one.id == factor]

    assert {citation.source for citation in found.citations} == sources


def test_what_was_read_of_illness_and_of_other_medicines_is_there():
    assert {"barbiturates", "kidney_failure", "cardiogenic_shock", "mood_stabilisers"} <= {
        one.id for one in interactions()
    }


def test_what_matters_for_a_route_leaves_other_routes_out():
    factors = {one.id for one in by_route(interactions(), Route.IV)}

    assert "rifampicin_iv" in factors
    assert "benzodiazepines" in factors
    assert "grapefruit_oral" not in factors


@pytest.mark.parametrize(
    ("actual", "height", "sex", "ideal", "adjusted"),
    [
        (70.0, 177.8, Sex.MALE, 73.0, 70.0),
        (120.0, 177.8, Sex.MALE, 73.0, 91.8),
        (90.0, 165.1, Sex.FEMALE, 57.0, 70.2),
        (50.0, 150.0, Sex.FEMALE, None, None),
        (50.0, None, Sex.FEMALE, None, None),
        (50.0, 170.0, None, None, None),
    ],
)
def test_three_weights_side_by_side_and_nothing_guessed(actual, height, sex, ideal, adjusted):
    found = body_weights(ideal_weight(), actual, height, sex)

    assert found.actual_kg == actual
    assert (found.ideal_kg, found.adjusted_kg) == (pytest.approx(ideal, abs=0.1), pytest.approx(adjusted, abs=0.1))


@pytest.mark.parametrize(("weight", "height"), [(0.0, 170.0), (70.0, -1.0)])
def test_a_weight_or_height_of_nothing_is_refused(weight, height):
    with pytest.raises(ValueError, match="greater than 0"):
        body_weights(ideal_weight(), weight, height, Sex.MALE)
