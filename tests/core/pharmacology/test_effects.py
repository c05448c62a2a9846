"""Effects of a level, each from its evidence file, held against the worked cases of the literature review."""

import numpy as np
import pytest

from openketamine.core.pharmacology.effects import Driver, rate_of_half_life
from openketamine.core.pharmacology.flags import Flag, occupancy_span
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.population import typical
from openketamine.core.pharmacology.subject import Subject
from openketamine.core.pharmacology.substance import Person, Route, SamplingSite, Substance
from openketamine.evidence import effects, load
from openketamine.evidence.pharmacology import pk_link, pk_model

KAMP = pk_model("kamp2020_racemic")
STANDARD = (Dose(0, 35, 40 / 60),)
VOLUNTEER = (Dose(0, 0.4 * 61.6, 10 / 60), Dose(10 / 60, 0.4 * 61.6 * 166 / 60, 166 / 60))


def at(effect, doses, minutes, weight=70.0):
    who = Subject(KAMP, Person(weight), (effect,))
    found = who.outputs(typical(who), doses, np.array(minutes) / 60)
    return {name: line[0] for name, line in found.items()}


def test_pressure_of_a_resting_mean_of_90_rises_by_8_7_at_126_ng_per_ml_of_esketamine():
    rises = effects.haemodynamics().rises(np.array([126.5]))

    mean = (rises["systolic_rise_mmhg"] + 2 * rises["diastolic_rise_mmhg"]) / 3
    assert mean[0] == pytest.approx(8.7, abs=0.1)
    assert rises["systolic_rise_mmhg"][0] / rises["diastolic_rise_mmhg"][0] == pytest.approx(1.485)


def test_at_the_level_of_the_volunteers_of_2024_mean_pressure_rises_by_11_9_where_10_was_seen():
    """231 ng/mL of S-ketamine on a resting mean of 85, not the 90 of the file: the block answers in per cent of its baseline."""
    of_90 = mean_rise(effects.haemodynamics().rises(np.array([231.0])))
    per_cent = 100 * of_90 / load.table("effects", "haemodynamics_derived")["mean_pressure"]["baseline"]["value"]

    assert per_cent == pytest.approx(14.0, abs=0.05)
    assert 0.85 * per_cent == pytest.approx(11.9, abs=0.05)
    assert abs(0.85 * per_cent - 10) <= 3


def mean_rise(rises):
    return float((rises["systolic_rise_mmhg"] + 2 * rises["diastolic_rise_mmhg"])[0] / 3)


DERIVED, BIOGEARS = "haemodynamics_derived", "haemodynamics_biogears"
PRESSURE_HELD_OUT = {
    "meta-analysis, 2,252 treatments (Vankawala 2021)": (12.61, 8.49),
    "741 infusions in 135 patients": (7.4, 6.0),
    "684 infusions in 66 patients (Riva-Posse 2018)": (3.28, 3.17),
    "8 experienced users: systolic 20 to 30, diastolic 6 to 20, the middles": (25.0, 13.0),
}
"""Rises of systolic and diastolic pressure at 0.5 mg/kg over 40 minutes. The size of the mean pressure of none of them was used in
deriving a block. The meta-analysis did give the derived block its ratio of systolic to diastolic, which the mean does not show."""
HEART_RATE_USED, HEART_RATE_HELD_OUT = 4.09, 1.9
"""Rises of the heart rate. The meta-analysis was used: the derived block was scaled towards it, so it is no check of that block.
The 741 infusions are held out. From BioGears both are held out: it was tuned by its experts to a much larger dose."""


def mean_rise_missed_by(block):
    """Root mean square error of the mean pressure over the groups that were held out, and the rise of the heart rate."""
    peak = at(effects.effect(block), STANDARD, [40])
    missed = [mean_rise(peak) - (systolic + 2 * diastolic) / 3 for systolic, diastolic in PRESSURE_HELD_OUT.values()]
    return np.sqrt(np.mean(np.square(missed))), peak["heart_rate_rise_per_min"][0]


@pytest.mark.parametrize(("block", "pressure_rmse"), [(DERIVED, 5.1), (BIOGEARS, 6.4)])
def test_what_each_block_of_haemodynamics_misses_in_groups_that_were_held_out(block, pressure_rmse):
    """Against the error of the best published model: 6.2 mm[Hg] of mean pressure, 7.5 a minute of heart rate (Kurian 2025).

    5.1 and 6.4 by hand from the rises of C1 (8.7) and C3 (12.1 over 1.9). The derived block is within it, the comparator just
    outside for pressure: one reason why it is a comparator.
    """
    pressure, heart_rate = mean_rise_missed_by(block)

    assert pressure == pytest.approx(pressure_rmse, abs=0.1)
    assert (pressure <= 6.2) == (block == DERIVED)
    assert effects.effect(block).comparator == (block == BIOGEARS)
    assert abs(heart_rate - HEART_RATE_HELD_OUT) <= 7.5
    if block == BIOGEARS:
        assert abs(heart_rate - HEART_RATE_USED) <= 7.5


def test_the_comparator_rises_by_12_1_over_1_9_and_4_4_a_minute_at_253_and_breathes_3_4_per_cent_slower():
    """C3."""
    rises = effects.effect(BIOGEARS).rises(np.array([253.0]))

    names = (
        "systolic_rise_mmhg",
        "diastolic_rise_mmhg",
        "heart_rate_rise_per_min",
        "breathing_rate_change_percent",
    )
    assert [rises[name][0] for name in names] == pytest.approx([12.1, 1.9, 4.4, -3.4], abs=0.05)


def test_the_effect_site_follows_plasma_with_a_half_life_of_8_3_minutes():
    who = Subject(KAMP, Person(61.6), (effects.effect("perception_olofsen"),))
    site = who._model_with(who.effects).system(who.person)
    from openketamine.core.pharmacology.predict import solve

    minutes = np.array([10, 20, 60, 120, 176, 186, 206])
    found = solve(site, VOLUNTEER, minutes / 60)

    assert found[KAMP.output][0] == pytest.approx([485.2, 216.8, 204.0, 225.4, 243.8, 165.9, 133.3], rel=1e-3)
    (name,) = [name for name in found if name.startswith("site:")]
    assert found[name][0] == pytest.approx([194.2, 244.7, 202.7, 221.2, 240.0, 210.8, 155.8], rel=1e-3)


def test_healthy_volunteers_dissociate_as_the_fit_says():
    cadss = at(effects.effect("cadss_derived", "healthy"), VOLUNTEER, [20, 206], 61.6)["cadss_total"]

    assert cadss == pytest.approx([24.1, 12.7], abs=0.06)


def test_patients_at_40_minutes_score_about_eight():
    assert at(effects.effect("cadss_derived"), STANDARD, [40])["cadss_total"][0] == pytest.approx(7.8, abs=0.05)


def test_a_scale_never_exceeds_its_top():
    top = effects.effect("drug_high_simons").rises(np.array([1e9]))["drug_high_vas"]

    assert top[0] == pytest.approx(10)


def test_breathing_at_rest_is_stimulated_by_3_1_l_per_min_at_231_ng_per_ml():
    assert effects.effect("ventilation_esketamine").rises(np.array([231.0]))["ventilation_change_l_per_min"][
        0
    ] == pytest.approx(3.1, abs=0.01)


def test_pain_relief_outlasts_the_level_by_days():
    week = at(effects.effect("chronic_pain_dahan"), (Dose(0, 1400, 100),), [100 * 60, (100 + 24 * 7) * 60])

    assert week[KAMP.output][1] < 1
    assert week["pain_relief_share"][1] > 0.5 * week["pain_relief_share"][0]


def test_a_block_driven_by_the_racemate_refuses_a_model_of_esketamine():
    racemic = effects.effect("haemodynamics_biogears")

    assert racemic.driver is Driver.RACEMATE
    with pytest.raises(ValueError, match="driven by racemic ketamine"):
        racemic.share(Substance.ESKETAMINE)
    assert effects.haemodynamics().share(Substance.ESKETAMINE) == 1.0
    assert effects.haemodynamics().share(Substance.RACEMATE) == 0.5


def test_every_block_says_where_it_ends_and_bears_its_marks():
    for name in load.names("effects"):
        row = load.table("effects", name)
        assert len(effects.limits_of_use(name)) > 20
        assert "mark" in str(row["response"])


def test_unresponsiveness_is_a_flag_far_above_the_clinic():
    flag = effects.responsiveness()

    assert not flag.flagged(253)
    assert flag.flagged(1100)
    assert flag.loss_ng_per_ml > flag.return_ng_per_ml


@pytest.mark.parametrize(
    ("doses", "opioid", "expected"),
    [
        (STANDARD, False, ()),
        ((Dose(0, 80, 1 / 60),), False, (Flag.FAST_BOLUS,)),
        ((Dose(0, 80, 0, Route.NASAL),), False, ()),
        (STANDARD, True, (Flag.OPIOID_ON_BOARD,)),
    ],
)
def test_breathing_deserves_a_second_look_after_a_fast_bolus_or_with_an_opioid(doses, opioid, expected):
    assert effects.breathing().flags(doses, 70, opioid=opioid) == expected


def test_a_benzodiazepine_is_a_flag_of_its_own():
    assert effects.breathing().flags(STANDARD, 70, benzodiazepine=True) == (Flag.BENZODIAZEPINE_ON_BOARD,)


def test_every_flag_has_words_and_a_source_and_knows_medicines_by_name():
    words = effects.flag_words()

    assert set(words) == set(Flag)
    assert all(len(one.says) > 20 and one.citation.source in load.sources() for one in words.values())
    assert words[Flag.OPIOID_ON_BOARD].raised_by("Oxycodone 5 mg, twice a day")
    assert not words[Flag.OPIOID_ON_BOARD].raised_by("sertraline")


def test_every_level_of_a_model_with_links_bears_its_sampling_site():
    model = KAMP.with_link(pk_link("derived_venous")).with_lag("brain_ng_per_ml", KAMP.output, 5.0)

    assert model.sites == {KAMP.output: SamplingSite.ARTERIAL, "ketamine_venous_ng_per_ml": SamplingSite.VENOUS}


def test_the_opioid_c50_has_doubled_at_the_published_level():
    assert effects.breathing().opioid_c50_factor(127) == pytest.approx(2)


def test_receptor_occupancy_is_a_wide_span_and_never_one_number():
    low, high = occupancy_span(effects.affinities(), 253)

    assert low == pytest.approx(0.16, abs=0.02)
    assert high == pytest.approx(0.84, abs=0.02)


def test_a_half_life_of_nothing_is_refused():
    with pytest.raises(ValueError, match="greater than 0"):
        rate_of_half_life(0)
