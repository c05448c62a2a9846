"""A person who cannot be is refused with field, value and limit; one whom no paper studied is answered, and told so."""

import numpy as np
import pytest

from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.predict import solve
from openketamine.core.pharmacology.studied import outside
from openketamine.core.pharmacology.substance import Person
from openketamine.evidence import load
from openketamine.evidence.pharmacology import pk_model

MODELS = load.names("pk_models")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("weight_kg", -70, "weight_kg = -70: must be greater than 0"),
        ("weight_kg", 0, "weight_kg = 0: must be greater than 0"),
        ("weight_kg", float("nan"), "weight_kg = nan: must be a finite number"),
        ("height_cm", float("inf"), "height_cm = inf: must be a finite number"),
        ("height_cm", 0, "height_cm = 0: must be greater than 0"),
        ("age_years", -1, "age_years = -1: must be greater than 0"),
    ],
)
def test_a_measure_that_nobody_can_have_is_refused_where_the_person_is_made(field, value, words):
    with pytest.raises(ValueError, match=words):
        Person(**{field: value})


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("person", "words"),
    [
        (Person(weight_kg=7000, age_years=45), "weight_kg = 7000: must be at most 350"),
        (Person(weight_kg=7, age_years=45), "weight_kg = 7: must be at least 20"),
        (Person(weight_kg=70, age_years=450), "age_years = 450: must be at most 120"),
        (Person(weight_kg=70, age_years=45, height_cm=1.7), "height_cm = 1.7: must be at least 50"),
    ],
)
def test_a_measure_that_cannot_be_meant_is_refused_by_every_model(model, person, words):
    with pytest.raises(ValueError, match=words):
        pk_model(model).system(person)


@pytest.mark.parametrize("weight", [-70, 0, float("nan"), 7000])
def test_a_notebook_is_told_the_field_the_value_and_the_limit_and_never_solves_nonsense(weight):
    with pytest.raises(ValueError, match=r"weight_kg = .*: must be"):
        solve(pk_model("kamp2020_racemic").typical(weight), (Dose(0, 35, 40 / 60),), np.array([1.0]))


def test_a_person_outside_what_was_studied_is_answered_with_the_range():
    found = outside(pk_model("simons2022_esk_k_nk_hnk"), Person(weight_kg=120, age_years=25))

    assert [(one.covariate, one.value, one.studied, one.warns) for one in found] == [("weight_kg", 120, (53, 93), True)]
    assert "53 to 93 kg" in found[0].says


def test_a_person_inside_what_was_studied_needs_no_word():
    assert outside(pk_model("perezruixo2021_esk_multiroute"), Person(70, 45)) == ()


@pytest.mark.parametrize(
    "model", ["kamp2020_racemic", "otto2021_fanta_esk_venous", "domino_legacy", "clements250_legacy"]
)
def test_where_the_papers_range_was_not_seen_that_is_said_and_none_is_invented(model):
    found = outside(pk_model(model), Person(weight_kg=70, age_years=45))

    assert [(one.covariate, one.studied, one.warns) for one in found] == [
        ("weight_kg", None, False),
        ("age_years", None, False),
    ]
    assert all("range" in one.says and "not known here" in one.says for one in found)
