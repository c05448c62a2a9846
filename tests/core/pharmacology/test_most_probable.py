"""The most probable person behind plasma levels, against a general minimiser of a density written anew."""

from dataclasses import replace

import numpy as np
import pytest
from bench.workload import model as placeholder
from scipy.optimize import minimize
from scipy.stats import multivariate_normal, t

from openketamine.core.pharmacology import most_probable as module
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.model import Variability
from openketamine.core.pharmacology.most_probable import most_probable
from openketamine.core.pharmacology.observation import Kind, Observation
from openketamine.core.pharmacology.predict import solve
from openketamine.core.pharmacology.subject import Subject
from openketamine.core.pharmacology.substance import Person, SamplingSite
from openketamine.evidence.pharmacology import pk_model
from openketamine.evidence.subjects import subject

DOSES = (Dose(0, 40, 40 / 60),)
HOURS = np.array([5, 20, 40, 45, 60, 90, 120, 240]) / 60
KAMP = subject("kamp2020_racemic", Person(80.0))
SPREAD = 0.06 * np.eye(5) + 0.02
FIVE = Subject(
    replace(placeholder(), variability=Variability(("v1", "v3", "cl", "q3", "q2"), tuple(map(tuple, SPREAD)), (0.01,) * 5)),
    Person(80.0), (), KAMP.scatter,
)  # fmt: skip


def levels(who, etas, errors, site=SamplingSite.ARTERIAL, output=None, model=None):
    model = model or who.model
    true = solve(model.system(who.person, np.array([etas])), DOSES, HOURS)[output or who.model.output][0]
    return [Observation(at, Kind.LEVEL, value, site) for at, value in zip(HOURS, true * np.exp(errors), strict=True)]


def five_people():
    chance = np.random.default_rng(3)
    return [
        levels(FIVE, 0.25 * chance.standard_normal(5), 0.1 * chance.standard_t(4, size=HOURS.size)) for _one in range(3)
    ]


def minimised(who, seen, covariance):
    """Minimise minus the log of prior times likelihood; the freedom of the errors is 4."""
    scale = [who.scatter.level_log_sd[one.site.value] / np.sqrt(2) for one in seen]
    linked, vein = who.venous or (who.model, "")

    def badness(etas):
        found = solve(linked.system(who.person, etas[None]), DOSES, HOURS)
        shown = [
            found[vein if one.site is SamplingSite.VENOUS else who.model.output][0, i] for i, one in enumerate(seen)
        ]
        off = [(np.log(one.value) - np.log(level)) / s for one, level, s in zip(seen, shown, scale, strict=True)]
        return -t(4).logpdf(off).sum() - multivariate_normal(np.zeros(etas.size), covariance).logpdf(etas)

    return minimize(badness, np.zeros(covariance.shape[0]), jac="3-point", method="BFGS", options={"gtol": 1e-9}).x


@pytest.mark.parametrize("seen", five_people())
def test_five_etas_of_eight_levels_are_those_of_a_general_minimiser(seen):
    found = most_probable(FIVE, DOSES, seen)

    assert found.etas == pytest.approx(minimised(FIVE, seen, SPREAD + 0.01 * np.eye(5)), abs=1e-6)
    assert found.rounds <= 10


def test_a_poor_start_arrives_at_the_same_person():
    seen, chance = five_people()[0], np.random.default_rng(4)
    expected = most_probable(FIVE, DOSES, seen).etas

    for start in 1.5 * chance.standard_normal((20, 5)):
        assert most_probable(FIVE, DOSES, seen, start).etas == pytest.approx(expected, abs=1e-6)


def test_what_is_not_found_in_time_is_not_answered(monkeypatch):
    monkeypatch.setattr(module, "ROUNDS", 3)

    with pytest.raises(ArithmeticError, match="3 rounds"):
        most_probable(FIVE, DOSES, five_people()[0])


def test_a_sample_from_a_vein_is_held_against_the_link_to_a_vein():
    linked, vein = KAMP.venous
    truth = [0.3, -0.2, 0.1]
    arterial, venous = levels(KAMP, truth, 0.05), levels(KAMP, truth, 0.05, SamplingSite.VENOUS, vein, linked)
    seen = [*arterial[:3], *venous[3:]]
    found = most_probable(KAMP, DOSES, seen)

    covariance = np.array(KAMP.model.variability.between_subject)
    assert found.etas == pytest.approx(minimised(KAMP, seen, covariance), abs=1e-6)


def test_one_odd_level_does_not_rule():
    truth = np.array([0.2, 0.1, -0.1, 0.2, 0.1])
    good = levels(FIVE, truth, 0.0)
    odd = [replace(one, value=one.value * (5 if i == 3 else 1)) for i, one in enumerate(good)]

    assert most_probable(FIVE, DOSES, odd).etas == pytest.approx(most_probable(FIVE, DOSES, good).etas, abs=0.1)


def test_many_exact_levels_find_the_person_and_leave_little_open():
    truth = np.array([0.2, 0.1, -0.1, 0.2, 0.1])
    few, many = (most_probable(FIVE, DOSES, times * levels(FIVE, truth, 0.0)) for times in (1, 1000))

    assert many.etas == pytest.approx(truth, abs=0.01)
    assert (np.diag(many.covariance) < np.diag(few.covariance)).all()
    assert (np.diag(few.covariance) < np.diag(SPREAD) + 0.01).all()


def test_without_levels_it_is_the_typical_person_as_open_as_the_population():
    found = most_probable(FIVE, DOSES, [])

    assert found.etas == pytest.approx(np.zeros(5))
    assert found.covariance == pytest.approx(SPREAD + 0.01 * np.eye(5))


def test_a_level_below_what_can_be_measured_counts_as_one_nanogram():
    early = [Observation(0.0, Kind.LEVEL, 0.2, SamplingSite.ARTERIAL)]

    assert most_probable(FIVE, DOSES, early).etas == pytest.approx(np.zeros(5))


@pytest.mark.parametrize(
    ("who", "one", "message"),
    [
        (FIVE, Observation(0.5, Kind.SYSTOLIC, 9.0), "systolic: only levels"),
        (FIVE, Observation(0.5, Kind.LEVEL, 9.0, SamplingSite.VENOUS), "venous"),
        (KAMP, Observation(0.5, Kind.LEVEL, 9.0, SamplingSite.NOT_STATED), "not_stated"),
        (replace(FIVE, scatter=None), Observation(0.5, Kind.LEVEL, 9.0, SamplingSite.ARTERIAL), "scatter"),
        (
            replace(FIVE, model=pk_model("domino_legacy")),
            Observation(0.5, Kind.LEVEL, 9.0, SamplingSite.NOT_STATED),
            "variability",
        ),
    ],
)
def test_what_cannot_be_said_is_refused(who, one, message):
    with pytest.raises(ValueError, match=message):
        most_probable(who, DOSES, [one])
