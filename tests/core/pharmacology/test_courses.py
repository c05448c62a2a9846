"""Whole courses of many people: both engines against piecewise matrix exponentials and against each other."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest
from bench.workload import model, workload
from scipy.linalg import expm

from openketamine.core.pharmacology import compiled
from openketamine.core.pharmacology.courses import Sigmoid, courses
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.substance import Person, Route
from openketamine.evidence.pharmacology import pk_model

needs_numba = pytest.mark.skipif(
    not compiled.available(), reason="the optional extra `compiled` (numba) is not installed"
)
WORK = workload(5, sessions=2)


def piecewise_exponentials(work, person):
    """Outputs of one person by scipy's matrix exponential from event to event."""
    k, size = work.system.matrix[person], len(work.system.states)
    b = work.system.inputs[Route.IV][0].vector[person]
    stops = sorted(
        {d.start_h for d in work.doses} | {d.start_h + d.duration_h for d in work.doses} | set(work.times_h.tolist())
    )
    amounts, now, rows = np.zeros(size), 0.0, {0.0: np.zeros(size)}
    for stop in stops:
        rate = sum(d.amount_mg / d.duration_h for d in work.doses if d.start_h <= now < d.start_h + d.duration_h)
        wide = np.zeros((size + 1, size + 1))
        wide[:size, :size], wide[:size, size] = k, rate * b
        amounts = (expm(wide * (stop - now)) @ np.append(amounts, 1.0))[:size]
        now = stop
        rows[stop] = amounts
    levels = work.system.readout[person] @ np.array([rows[t] for t in work.times_h.tolist()]).T
    (one,) = work.sigmoids
    x = (levels[work.system.names.index(one.of)] / one.ec50[person]) ** one.hill[person]
    return np.vstack([levels, one.emax[person] * x / (1 + x)])


def worst(found, expected):
    """Relative error on a floor of a millionth of the person's peak."""
    return (np.abs(found - expected) / np.maximum(expected, 1e-6 * expected.max(axis=-1, keepdims=True))).max()


@pytest.mark.parametrize("engine", [False, pytest.param(True, marks=needs_numba)])
def test_a_course_agrees_with_piecewise_matrix_exponentials(engine):
    found = courses(WORK.system, WORK.doses, WORK.times_h, WORK.sigmoids, use_compiled=engine)

    assert max(worst(found[i], piecewise_exponentials(WORK, i)) for i in range(2)) < 1e-9


@needs_numba
def test_the_compiled_engine_fills_the_callers_array_in_threads():
    out = np.full((5, 5, WORK.times_h.size), np.nan)

    def spread(some, people):
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda first: some(first, min(first + 3, people)), range(0, people, 3)))

    found = courses(WORK.system, WORK.doses, WORK.times_h, WORK.sigmoids, out=out, use_compiled=True, run=spread)

    assert found is out
    assert worst(out, courses(WORK.system, WORK.doses, WORK.times_h, WORK.sigmoids, use_compiled=False)) < 1e-9


@needs_numba
@pytest.mark.parametrize("more", [1, 2, 3, 10])
def test_the_compiled_engine_takes_any_number_of_outputs_and_modes(more):
    """It works on two outputs and eight modes at a time: odd numbers, one too many, and more than twice eight."""
    many = model()
    for i in range(more):
        many = many.with_lag(f"site {i}", "cp", 1.7 + 0.9 * i)
    system = many.system(Person(70), np.array([[0.1] * 6, [-0.2] * 6, [0.0] * 6]))
    out = np.full((3, 4 + more, WORK.times_h.size), np.nan)

    found = courses(system, WORK.doses, WORK.times_h, out=out, use_compiled=True)

    expected = courses(system, WORK.doses, WORK.times_h, use_compiled=False)
    assert (np.abs(found - expected) <= 1e-11 * expected.max(axis=2, keepdims=True)).all()


@needs_numba
@pytest.mark.parametrize("times", [1, 3, 8, 9, 63, 64, 65, 130])
def test_the_compiled_engine_fills_rows_of_any_length_wherever_they_lie_and_nothing_beside_them(times):
    """Rows begin and end where memory's own lines do not; an array may also be a view of every other place."""
    system, at = model().system(Person(70), np.zeros((9, 6))), WORK.times_h[:times]
    plain, wide = np.full(9 * 4 * times + 6, -1.0), np.full((9, 4, 2 * times), -1.0)
    expected = courses(system, WORK.doses, at, use_compiled=False)
    inside = plain[3:-3].reshape(9, 4, times)

    courses(system, WORK.doses, at, out=inside, use_compiled=True)
    courses(system, WORK.doses, at, out=wide[:, :, ::2], use_compiled=True)

    limit = 1e-11 * expected.max(axis=2, keepdims=True)
    assert (np.abs(inside - expected) <= limit).all()
    assert (np.abs(wide[:, :, ::2] - expected) <= limit).all()
    assert (plain[[0, 1, 2, -3, -2, -1]] == -1).all()
    assert (wide[:, :, 1::2] == -1).all()


@needs_numba
def test_once_compiled_both_engines_agree():
    assert compiled.warm()
    assert compiled.ready()
    assert worst(
        courses(WORK.system, WORK.doses, WORK.times_h),
        courses(WORK.system, WORK.doses, WORK.times_h, use_compiled=False),
    ) < 1e-9  # fmt: skip


def by_numpy():
    return courses(WORK.system, WORK.doses, WORK.times_h, WORK.sigmoids, use_compiled=False)


def test_while_the_compiled_engine_is_absent_numpy_answers(monkeypatch):
    monkeypatch.setattr(compiled, "_warm", [])
    monkeypatch.setattr(compiled, "find_spec", lambda _name: None)

    assert not compiled.warm()
    assert not compiled.ready()
    assert np.array_equal(courses(WORK.system, WORK.doses, WORK.times_h, WORK.sigmoids), by_numpy())


def test_while_the_kernel_compiles_in_another_thread_numpy_answers(monkeypatch):
    began, may_end = Event(), Event()

    def compiling(*_arguments):
        began.set()
        assert may_end.wait(60)

    monkeypatch.setattr(compiled, "_warm", [])
    monkeypatch.setattr(compiled, "find_spec", lambda _name: object())
    monkeypatch.setattr(compiled, "kernel", lambda: compiling)
    monkeypatch.setattr(compiled, "values_at_ranks", lambda *_arguments: None)
    with ThreadPoolExecutor(1) as threads:
        warming = threads.submit(compiled.warm)
        assert began.wait(60)
        while_compiling = courses(WORK.system, WORK.doses, WORK.times_h, WORK.sigmoids)
        ready_too_early = compiled.ready()
        may_end.set()

        assert warming.result()
    assert not ready_too_early
    assert np.array_equal(while_compiling, by_numpy())
    assert compiled.ready()


def test_importing_the_core_brings_in_neither_numba_nor_scipy_nor_django():
    code = """
import pkgutil, importlib, sys
import openketamine.core
for one in pkgutil.walk_packages(openketamine.core.__path__, "openketamine.core."):
    if "kernel" not in one.name:
        importlib.import_module(one.name)
assert "openketamine.core.pharmacology.compiled" in sys.modules
print(*sorted({"numba", "llvmlite", "scipy", "django"} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""


@needs_numba
@pytest.mark.parametrize("name", ["kamp2020_racemic", "otto2021_fanta_esk_venous", "perezruixo2021_esk_multiroute"])
def test_both_engines_answer_every_model_that_has_well_separated_rates(name):
    system = pk_model(name).system(Person(80, 50))
    doses, times = (
        (Dose(0.25, 20.0), Dose(0.5, 30.0, 0.75), Dose(30.0, 10.0, 0.1)),
        np.array([0.0, 0.1, 0.25, 0.6, 1.3, 40.0]),
    )
    found = courses(system, doses, times, use_compiled=True)

    assert worst(found, courses(system, doses, times, use_compiled=False)) < 1e-9
    assert not found[:, :, :2].any()


def test_a_course_that_modes_cannot_hold_is_answered_all_the_same():
    """Transit chains have equal rates; a nasal release differs between people: the exact routes answer."""
    system = pk_model("simons2022_esk_k_nk_hnk").system(Person(70))
    times = np.array([0.5, 1.0])
    one = np.ones(1)
    found = courses(
        system, [Dose(0, 17.5, 40 / 60)], times, [Sigmoid("esketamine_ng_per_ml", "high", one, 71 * one, one)]
    )

    assert found.shape == (1, 4, 2)
    assert found[0, 3] == pytest.approx(found[0, 0] / (71 + found[0, 0]))


@pytest.mark.parametrize("engine", [False, pytest.param(True, marks=needs_numba)])
def test_one_person_with_near_equal_rates_holds_nobody_up(engine):
    """The effect site of one person follows at exactly a rate of the body; that person alone takes the other route."""
    system = model().system(Person(70), np.zeros((3, 6)))
    ce = system.states.index("ce")
    body = np.sort(-np.linalg.eigvals(system.matrix[0, :3, :3]).real)
    system.matrix[1, ce] *= body[1] / -system.matrix[1, ce, ce]
    ones, times = np.ones(3), np.linspace(0, 5, 9)
    doses, effect = (Dose(0, 30, 0.5),), (Sigmoid("ce", "effect", 40 * ones, 150 * ones, 1.7 * ones),)

    found = courses(system, doses, times, effect, use_compiled=engine)

    assert (system.modes.spread > 1e5).tolist() == [False, True, False]
    assert found[0] == pytest.approx(found[2], rel=1e-12)
    assert found[1, 0] == pytest.approx(found[0, 0], rel=1e-9)
    assert found[1, 4] == pytest.approx(
        40 / (1 + (150 / np.maximum(found[1, system.names.index("ce")], 1e-30)) ** 1.7), rel=1e-9
    )


def test_times_must_ascend_and_an_array_must_fit():
    with pytest.raises(ValueError, match="ascend"):
        courses(WORK.system, WORK.doses, WORK.times_h[::-1])
    with pytest.raises(ValueError, match="out has shape"):
        courses(WORK.system, WORK.doses, WORK.times_h, out=np.empty((1, 1, 1)))


def test_nothing_given_is_nothing_read():
    assert not courses(WORK.system, [], WORK.times_h).any()
    assert model().output_names == ("cp", "cm", "ce", "cem")
