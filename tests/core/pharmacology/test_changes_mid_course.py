"""The person changes while a course runs, or a course begins anew: what infusion simulators have got wrong most often.

Time-varying covariates during an infusion, resets with a vein, a depot and a lag at once. Two oracles: an ODE solver that is
given the engine's matrices, and matrix exponentials of the papers' equations that are given nothing of it.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.pharmacology import papers
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
from openketamine.core.pharmacology.pieces import pieces_of
from openketamine.core.pharmacology.population import chance_of, draw_chunk
from openketamine.core.pharmacology.predict import solve_changing
from openketamine.core.pharmacology.subject import Subject
from openketamine.core.pharmacology.substance import Person, Route
from openketamine.evidence.pharmacology import pk_model

EQUATIONS = {
    "kamp2020_racemic": papers.kamp,
    "domino_legacy": papers.domino,
    "clements250_legacy": papers.clements,
    "simons2022_esk_k_nk_hnk": papers.simons,
    "otto2021_fanta_esk_venous": papers.otto,
    "perezruixo2021_esk_multiroute": papers.perezruixo,
}
WITH_A_LAG = [
    model.with_lag("effect_site_ng_per_ml", model.output, 5.01)
    for model in (pk_model("simons2022_esk_k_nk_hnk"), pk_model("perezruixo2021_esk_multiroute"))
]


def lines(model, phases, doses, hours):
    found = solve_changing(phases, doses, np.asarray(hours, float))
    return np.array([found[name][0] for name in model.output_names])


def hours_around(changes, end):
    """Just before and after each change, and on to the end."""
    near = [at + step for at in changes for step in (-0.02, 0.0, 0.02, 0.3)]
    return np.array(sorted({*(hour for hour in near if 0 <= hour <= end + 3), end / 2, end, end + 1, end + 5}))


@quick
@given(
    model=models,
    length=st.floats(0.3, 4),
    rate=st.floats(1, 80),
    others=st.lists(st.tuples(st.floats(0.05, 0.95), people), min_size=1, max_size=3, unique_by=lambda one: one[0]),
    first=people,
)
def test_an_infusion_runs_on_while_the_person_changes(model, length, rate, others, first):
    """Weight and age change up to three times within an infusion: every level agrees with the ODE solver to a millionth of the peak."""
    phases = [(0.0, model.system(first))] + [(at * length, model.system(who)) for at, who in others]
    phases.sort(key=lambda one: one[0])
    doses = [Dose(0.0, rate * length, length)]
    hours = hours_around([at for at, _ in phases[1:]], length)
    expected = by_ode_solver(phases, pieces_of(doses, phases[0][1]), hours)

    assert close(lines(model, phases, doses, hours), expected, 1e-6)


@quick
@given(course=courses(), at=st.floats(0.05, 3), who=people)
def test_any_course_agrees_with_the_solver_when_the_person_changes(course, at, who):
    """Depots, boluses and overlapping infusions too."""
    model, person, doses = course
    phases = [(0.0, model.system(person)), (at, model.system(who))]
    hours = hours_around([at], 3.0)

    assert close(lines(model, phases, doses, hours), by_ode_solver(phases, pieces_of(doses, phases[0][1]), hours), 1e-6)


@quick
@given(
    name=st.sampled_from(sorted(EQUATIONS)),
    first=people,
    second=people,
    at=st.floats(0.05, 0.95),
    rates=st.tuples(st.floats(0, 80), st.floats(1, 80)),
)
def test_a_change_within_an_infusion_agrees_with_the_papers_equations(name, first, second, at, rates):
    """Rate and person both change, at different instants, against exponentials that share nothing with the engine: to 1e-9."""
    model, equations = pk_model(name), EQUATIONS[name]
    phases = [(0.0, first), (at, second)]
    hours = hours_around([at, 0.5], 1.0)
    given_rates = [(0.0, rates[0]), (0.5, rates[1]), (1.0, 0.0)]
    found = lines(model, [(start, model.system(who)) for start, who in phases], from_rates(given_rates[:2], 1.0), hours)
    described = [(start, equations(who.weight_kg, who.age_years)) for start, who in phases]

    assert close(found, papers.through_changes(described, given_rates, hours))


@quick
@given(seed=st.integers(0, 10_000), at=st.floats(0.01, 0.5), amount=st.floats(5, 100), person=people)
def test_a_depot_goes_on_releasing_what_was_given_while_the_occasion_changes(seed, at, amount, person):
    """Release times and fractions differ from occasion to occasion: a dose keeps its own, so that nothing is lost or made."""
    model = pk_model("simons2022_esk_k_nk_hnk")
    who = Subject(model, person)
    etas = who.etas(draw_chunk(who, 2, chance_of(seed)))
    systems = [with_the_outside(model.system(person, etas[i : i + 1]), model.compartments) for i in (0, 1)]
    phases = [(0.0, systems[0]), (at, systems[1])]
    pieces = pieces_of([Dose(0.0, amount, 0.0, Route.SUBLINGUAL)], systems[0])
    entered = sum(float(piece.amount(systems[0])[0].sum()) for piece in pieces)
    held = propagator.solve_by_propagator(phases, pieces, np.array([at, 12.0]))[0]
    kept = [systems[0].names.index(name) for name in (*model.compartments, "outside")]

    assert held[kept, 1].sum() == pytest.approx(entered, rel=1e-9)
    assert close(held, by_ode_solver(phases, pieces, [at, 12.0]), 1e-6)


@quick
@given(course=courses(), at=st.sampled_from([0.25, 0.4, 1.0, 3.0]), heavier=st.floats(0.7, 1.4))
def test_a_change_of_the_person_mid_course_conserves_what_is_in_the_body(course, at, heavier):
    """Volumes and flows change, amounts do not: at that instant the level jumps by the ratio of volumes and nothing else happens."""
    model, person, doses = course
    changed = model.system(Person(person.weight_kg * heavier, person.age_years))
    first = model.system(person)
    just_before, just_after = at * (1 - 1e-12), at
    quiet = [dose for dose in doses if dose.start_h != at]
    found = solve_changing([(0.0, first), (at, changed)], quiet, np.array([just_before, just_after]))
    for i, output in enumerate(model.outputs):
        row = found[output.name][0]
        ratio = changed.readout[0, i].max() / first.readout[0, i].max()
        assert row[1] == pytest.approx(row[0] * ratio, rel=1e-7, abs=1e-9)


@quick
@given(course=courses(), at=st.sampled_from([0.25, 0.4, 1.0, 3.0]))
def test_a_change_to_the_same_person_changes_nothing(course, at):
    """The two ways to compute it agree."""
    model, person, doses = course
    system, hours = model.system(person), np.array([0.1, 0.3, 0.5, 1.0, 2.0, 6.0])
    found = solve_changing([(0.0, system), (at, model.system(person))], doses, hours)

    assert close(np.array([found[name][0] for name in model.output_names]), levels(model, person, doses, hours))


@pytest.mark.parametrize("starts", [[], [0.5], [0.0, 0.0]])
def test_phases_begin_at_the_beginning_and_follow_each_other(starts):
    with pytest.raises(ValueError, match="phases start at hour 0"):
        solve_changing([(start, KAMP.typical(70)) for start in starts], [], np.array([1.0]))


@quick
@given(model=st.sampled_from(WITH_A_LAG), person=people, gap=st.floats(2, 96), amount=st.floats(5, 84))
def test_a_session_begun_anew_reads_its_own_course_and_what_the_last_one_left(model, person, gap, amount):
    """Reset: a vein, a depot and a lag at once, given again after any gap; neither flat, nor forgotten, nor counted twice."""
    route = Route.NASAL if Route.NASAL in model.routes else Route.SUBLINGUAL
    session = [Dose(0.0, 20.0, 0.5), Dose(0.1, amount, 0.0, route)]
    again = [Dose(d.start_h + gap, d.amount_mg, d.duration_h, d.route) for d in session]
    hours = np.array([0.0, 0.05, 0.4, 0.5, 0.9, 1.9])
    found = levels(model, person, [*session, *again], hours + gap)
    left_over = levels(model, person, session, hours + gap)
    system = model.system(person)

    assert close(found - left_over, levels(model, person, session, hours), 1e-7)
    assert close(found, by_ode_solver([(0.0, system)], pieces_of([*session, *again], system), hours + gap), 1e-6)
    assert (np.ptp(found, axis=1) > 0).all()


@quick
@given(course=courses(), other=courses())
def test_an_answer_remembers_nothing_of_the_question_before(course, other):
    """The same course asked again after another one, of whatever model and person: the same bits."""
    hours = [0.0, 0.2, 1.0, 6.0]
    before = levels(*course, hours)
    levels(*other, hours)

    assert (levels(*course, hours) == before).all()


@quick
@given(course=courses())
def test_after_a_long_time_a_course_starts_from_nothing(course):
    """Sixty days later the same doses read the same; nothing given reads nothing."""
    model, person, doses = course
    late = [Dose(d.start_h + 1440, d.amount_mg, d.duration_h, d.route) for d in doses]
    hours = np.array([0.2, 1.0, 5.0])

    assert close(levels(model, person, [*doses, *late], hours + 1440), levels(model, person, doses, hours), 1e-6)
    assert not levels(model, person, [], hours).any()
    assert not levels(model, person, [Dose(0, 0.0), Dose(0, 0.0, 1.0)], hours).any()
