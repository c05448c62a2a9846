"""Laws of every linear model: one for each kind of fault that infusion simulators have shipped."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.pharmacology.drawn import (
    KAMP,
    by_ode_solver,
    close,
    courses,
    levels,
    models,
    people,
    quick,
    with_the_outside,
)

from openketamine.core.pharmacology import propagator
from openketamine.core.pharmacology.infusion import Dose, from_rates
from openketamine.core.pharmacology.modal import modes_of, solve_by_modes
from openketamine.core.pharmacology.pieces import pieces_of
from openketamine.core.pharmacology.population import chance_of, draw_chunk
from openketamine.core.pharmacology.predict import solve
from openketamine.core.pharmacology.subject import Subject
from openketamine.core.pharmacology.substance import Person, Route
from openketamine.evidence.pharmacology import pk_model


@settings(max_examples=12, deadline=None)
@given(course=courses())
def test_any_course_agrees_with_an_independent_solver_to_a_millionth_of_the_peak(course):
    model, person, doses = course
    hours = np.array([0.0, 0.05, 0.3, 0.7, 1.1, 2.5, 4.0, 8.0])
    system = model.system(person)
    expected = by_ode_solver([(0.0, system)], pieces_of(doses, system), hours)

    assert close(levels(model, person, doses, hours), expected, 1e-6)


@quick
@given(course=courses())
def test_superposition(course):
    model, person, doses = course
    hours = [0.0, 0.2, 1.0, 1.7, 6.0]

    assert close(levels(model, person, doses, hours), sum(levels(model, person, [dose], hours) for dose in doses))


@quick
@given(course=courses(), factor=st.floats(0.01, 100))
def test_twice_the_dose_is_twice_the_level(course, factor):
    """Except through a nose: a second device absorbs less, so there the law holds for doses within one device."""
    model, person, doses = course
    doses = [
        Dose(
            d.start_h,
            min(d.amount_mg, 28 / max(factor, 1)) if d.route is Route.NASAL else d.amount_mg,
            d.duration_h,
            d.route,
        )
        for d in doses
    ]
    more = [Dose(d.start_h, d.amount_mg * factor, d.duration_h, d.route) for d in doses]
    hours = [0.0, 0.2, 1.0, 1.7, 6.0]

    assert close(levels(model, person, more, hours), factor * levels(model, person, doses, hours))


@quick
@given(course=courses(), later=st.floats(0.01, 30))
def test_the_clock_does_not_matter(course, later):
    model, person, doses = course
    moved = [Dose(d.start_h + later, d.amount_mg, d.duration_h, d.route) for d in doses]
    hours = np.array([0.013, 0.21, 1.03, 1.71, 6.2])

    assert close(levels(model, person, moved, hours + later), levels(model, person, doses, hours), 1e-8)


@quick
@given(model=models, person=people, parts=st.integers(2, 12), amount=st.floats(0.1, 100), length=st.floats(0.05, 4))
def test_an_infusion_in_pieces_is_the_same_infusion(model, person, parts, amount, length):
    whole = [Dose(0.5, amount, length)]
    pieces = [Dose(0.5 + i * length / parts, amount / parts, length / parts) for i in range(parts)]
    hours = [0.1, 0.6, 0.5 + length / 3, 0.5 + length, 1 + length, 9.0]

    assert close(levels(model, person, pieces, hours), levels(model, person, whole, hours))


@quick
@given(course=courses(), extra=st.lists(st.floats(0, 8), max_size=6))
def test_what_is_asked_changes_nothing(course, extra):
    """Step-size invariance: more times, another order, the same answer."""
    model, person, doses = course
    hours = [1.0, 0.2, 6.0]
    asked = levels(model, person, doses, [*hours, *extra])

    assert close(asked[:, :3], levels(model, person, doses, hours))


@quick
@given(model=models, person=people, rate=st.floats(1, 80), pause=st.tuples(st.floats(0.1, 0.4), st.floats(0.45, 0.8)))
def test_a_pause_is_nothing_given_and_resuming_carries_on(model, person, rate, pause):
    paused, resumed = pause
    doses = from_rates([(0.0, rate), (paused, 0.0), (resumed, rate)], 1.0)
    by_hand = [Dose(0, rate * paused, paused), Dose(resumed, rate * (1 - resumed), 1 - resumed)]
    hours = [paused / 2, paused, resumed, 0.9, 1.0, 3.0]

    assert sum(dose.amount_mg for dose in doses) == pytest.approx(rate * (1 - resumed + paused))
    assert close(levels(model, person, doses, hours), levels(model, person, by_hand, hours))


@quick
@given(model=models, person=people, first=st.floats(0.1, 60), second=st.floats(0.1, 60))
def test_two_things_at_one_instant_both_happen(model, person, first, second):
    """Boluses at one instant, at the end of an infusion that ends there, and at the instant asked for."""
    doses = [Dose(0, 20, 0.5), Dose(0.5, first), Dose(0.5, second), Dose(0.5, 10, 0.5)]
    system = model.system(person)
    before, at = levels(model, person, doses[:1], [0.5])[:, 0], levels(model, person, doses, [0.5])[:, 0]

    assert at[0] - before[0] == pytest.approx((first + second) * system.readout[0, 0].max(), rel=1e-9)


@quick
@given(person=people, amount=st.floats(1, 84), rate=st.floats(1, 60), start=st.floats(0, 2))
def test_a_vein_and_a_depot_at_once_add_up(person, amount, rate, start):
    for name, route in (("perezruixo2021_esk_multiroute", Route.NASAL), ("simons2022_esk_k_nk_hnk", Route.SUBLINGUAL)):
        model = pk_model(name)
        vein, depot = [Dose(0, rate, 1.0)], [Dose(start, amount, 0.0, route)]
        hours = [0.3, 1.0, start, start + 0.1, start + 0.6, start + 5]
        together = levels(model, person, vein + depot, hours)

        assert close(together, levels(model, person, vein, hours) + levels(model, person, depot, hours))
        assert np.ptp(together[0]) > 0


@quick
@given(course=courses())
def test_nothing_is_lost(course):
    """Mass balance: what is in the body and what has left it are what entered."""
    model, person, doses = course
    system = with_the_outside(model.system(person), model.compartments)
    pieces = pieces_of(doses, system)
    held = dict(
        zip(
            system.names, propagator.solve_by_propagator([(0.0, system)], pieces, np.array([7.0]))[0, :, 0], strict=True
        )
    )
    entered = sum(float(piece.amount(system)[0].sum()) for piece in pieces)

    assert sum(held[name] for name in (*model.compartments, "outside")) == pytest.approx(entered, rel=1e-9)
    assert held["outside"] > 0


@quick
@given(course=courses(), seed=st.integers(0, 10_000))
def test_the_two_routes_agree_for_people_of_every_kind(course, seed):
    """Closed form and matrix exponential, for drawn people whose releases end at different times."""
    model, person, doses = course
    who = Subject(model, person)
    system = model.system(person, who.etas(draw_chunk(who, 7, chance_of(seed))))
    modes, pieces, hours = modes_of(system), pieces_of(doses, system), np.array([0.0, 0.1, 0.5, 0.9, 2.0, 7.0])
    by_exponential = propagator.solve_by_propagator([(0.0, system)], pieces, hours)
    apart = modes.spread < 1e5
    if not apart.any():
        return
    wide = system.take(apart)
    by_modes = solve_by_modes(wide, wide.modes, pieces, hours)
    peak = np.abs(by_exponential[apart]).max(axis=2, keepdims=True)

    assert np.all(np.abs(by_modes - by_exponential[apart]) <= 1e-9 * np.maximum(peak, 1e-9))


@pytest.mark.parametrize("gap", [0.0, 1e-14, 1e-12, 1e-9, 1e-7, 1e-6, 1e-4, 1e-2])
def test_near_equal_rates_take_the_other_route_and_lose_nothing(gap):
    """An effect site whose rate is that of a mode of the body: the closed form would divide by nearly nothing."""
    rate = float(np.sort(modes_of(KAMP.typical(70)).rates_per_h[0])[1]) * (1 + gap)
    model = KAMP.with_lag("effect_site_ng_per_ml", "ketamine_ng_per_ml", rate)
    system, hours = model.typical(70), np.linspace(0, 6, 41)
    doses = [Dose(0, 35, 40 / 60)]
    pieces = pieces_of(doses, system)

    found = solve(system, doses, hours)["effect_site_ng_per_ml"]
    expected = propagator.solve_by_propagator([(0.0, system)], pieces, hours)[:, 1]

    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert (modes_of(system).spread[0] > 1e5) == (gap < 1e-5)


def test_our_matrix_exponential_is_scipys():
    from scipy.linalg import expm

    chance = np.random.default_rng(4)
    for scale in (0.0, 1e-8, 0.3, 4.0, 60.0, 900.0):
        matrices = chance.uniform(0, scale, (5, 6, 6))
        matrices -= np.eye(6) * matrices.sum(axis=1, keepdims=True)
        assert propagator.expm(matrices) == pytest.approx(
            np.array([expm(one) for one in matrices]), rel=1e-9, abs=1e-12
        )


def test_a_route_without_parameters_is_refused():
    with pytest.raises(ValueError, match="route im: the model has no im parameters"):
        solve(KAMP.typical(70), [Dose(0, 35, 0, Route.IM)], np.array([1.0]))


def test_a_depot_dose_is_given_at_once():
    with pytest.raises(ValueError, match="nasal dose is given at once"):
        solve(
            pk_model("perezruixo2021_esk_multiroute").typical(None, 40), [Dose(0, 28, 1, Route.NASAL)], np.array([1.0])
        )


def test_a_covariate_that_the_model_uses_must_be_there():
    with pytest.raises(ValueError, match="weight_kg: missing; model kamp2020_racemic needs it"):
        KAMP.system(Person(age_years=40))
    assert pk_model("perezruixo2021_esk_multiroute").covariates == {"age_years"}


def test_a_pump_log_of_ten_thousand_steps_is_one_infusion():
    steps = [(i / 3600, 40.0) for i in range(10_000)]
    hours = np.array([1.0, 2.5, 4.0])
    found = solve(KAMP.typical(70), from_rates(steps, 10_000 / 3600), hours)["ketamine_ng_per_ml"]
    whole = solve(KAMP.typical(70), [Dose(0, 40 * 10_000 / 3600, 10_000 / 3600)], hours)["ketamine_ng_per_ml"]

    assert found == pytest.approx(whole, rel=1e-9)


def test_two_equal_steps_of_a_chain_have_a_closed_form_of_their_own():
    system = pk_model("simons2022_esk_k_nk_hnk").typical(70)

    assert [system.states[cell.first] for cell in system.modes.cells] == ["to_nor_1", "to_hydroxy_1"]
    assert system.modes.spread[0] < 1e5


def test_without_a_rate_there_is_no_dose():
    assert from_rates([], 1.0) == ()
