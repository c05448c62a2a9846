"""How fast and how small the pharmacology engine is. `make bench` runs these at full size, one core, numbalsoda beside us.

Times are taken in turns, best of five; on a machine that others use too, ratios are of processor time, so that waiting for a
core counts against nobody. Ratios are demanded at full size only: a small size shows that the bench runs and is right.
"""

import importlib.util
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from unittest.mock import patch

import numpy as np
from bench.measure import busy, take_turns
from bench.workload import model, workload
from scipy.linalg import expm
from tests.proofs.registry import Unavailable, proof

from openketamine.core.pharmacology import compiled
from openketamine.core.pharmacology.bands import Asked, bands, quantiles_of_people
from openketamine.core.pharmacology.courses import courses
from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.model import Variability
from openketamine.core.pharmacology.most_probable import most_probable
from openketamine.core.pharmacology.observation import Kind, Observation
from openketamine.core.pharmacology.predict import solve
from openketamine.core.pharmacology.subject import Subject
from openketamine.core.pharmacology.substance import Person, Route, SamplingSite
from openketamine.evidence.effects import scatter
from openketamine.evidence.subjects import subject

LAYOUT = "array (people, outputs, times) of float64, C order"
PEER_PEOPLE, SEVERAL = 200, 100
MS, FEW = 1000.0, 20
SHORT, OFTEN = (
    ("compiled_into", "two_cores", "two_jobs", "store"),
    8,
)  # milliseconds each: others on the machine disturb a turn more


def needs_numba() -> None:
    if not compiled.warm():
        raise Unavailable("the extra `compiled` (numba) is not installed")


def fresh(system):
    """The same people, nothing remembered of them: a turn includes finding their modes."""
    return replace(system)


@proof(seed=7, small={"people": 12, "turns": 1}, full={"people": 1000, "turns": 5})
def course_speed(rng, *, people, turns):
    """Whole courses of many people, to 1e-9 of matrix exponentials, on one core: at least 22 times numbalsoda in NumPy, 80 times compiled into a fresh array and 120 into the caller's, that at 30 per cent of the speed of plain stores; two cores carry 1.8 times as much, or 85 per cent of what two jobs that share nothing make of them."""
    needs_numba()
    work = workload(people, seed=int(rng.integers(1000)))
    ask = (work.doses, work.times_h, work.sigmoids)
    out, threads = np.empty((people, 5, work.times_h.size)), ThreadPoolExecutor(2)
    store, other = np.empty_like(out), np.empty_like(out)
    candidates = {
        "numpy": lambda: courses(fresh(work.system), *ask, use_compiled=False),
        "compiled_fresh": lambda: courses(fresh(work.system), *ask, use_compiled=True),
        "compiled_into": lambda: courses(fresh(work.system), *ask, out=out, use_compiled=True),
        "two_cores": lambda: in_two(work, out, threads),
        "two_jobs": lambda: list(
            threads.map(lambda into: courses(fresh(work.system), *ask, out=into, use_compiled=True), [out, other])
        ),
        "store": lambda: store.fill(1.0),
    }
    few = workload(PEER_PEOPLE, seed=1)
    if people > SEVERAL:
        if not importlib.util.find_spec("numbalsoda"):
            raise Unavailable("numbalsoda (group `bench`) is not installed: `make bench` installs it")
        from bench.peer_numbalsoda import prepared

        peer, _answers = prepared(few)
        peer()
        candidates["numbalsoda"] = peer
    best = take_turns(candidates, turns)
    best |= take_turns({name: candidates[name] for name in SHORT}, turns * OFTEN)
    points = people * work.times_h.size
    rate = {name: points / took.processor_s / 1e6 for name, took in best.items() if name != "numbalsoda"}
    figures = {
        "layout": LAYOUT, "people": people, "times_each": int(work.times_h.size), "outputs": 5, "machine_load": busy(),
        "error_to_matrix_exponential": error(work, out, candidates),
        "numpy_million_points_per_s": round(rate["numpy"], 1),
        "compiled_fresh_million_points_per_s": round(rate["compiled_fresh"], 1),
        "compiled_into_million_points_per_s": round(rate["compiled_into"], 1),
        "two_cores_over_one_by_the_wall": round(best["compiled_into"].wall_s / best["two_cores"].wall_s, 2),
        "two_jobs_over_one_by_the_wall": round(2 * best["compiled_into"].wall_s / best["two_jobs"].wall_s, 2),
        "share_of_plain_store_per_cent": round(100 * best["store"].processor_s / best["compiled_into"].processor_s, 1),
        "versions": versions(),
    }  # fmt: skip
    assert figures["error_to_matrix_exponential"] <= 1e-9
    if "numbalsoda" in best:
        peer_rate = few.system.people * few.times_h.size / best["numbalsoda"].processor_s / 1e6
        ratios = {name: round(rate[name] / peer_rate, 1) for name in ("numpy", "compiled_fresh", "compiled_into")}
        figures |= {"numbalsoda_million_points_per_s": round(peer_rate, 3), "versions": versions("numbalsoda")}
        figures |= {f"{name}_over_numbalsoda": ratio for name, ratio in ratios.items()}
        least = {"numpy": 22, "compiled_fresh": 80, "compiled_into": 120}
        assert all(ratios[name] >= value for name, value in least.items()), ratios
        assert figures["share_of_plain_store_per_cent"] >= 30, figures
        attainable = min(1.8, 0.85 * figures["two_jobs_over_one_by_the_wall"])
        assert figures["two_cores_over_one_by_the_wall"] >= attainable, figures
    return figures


def versions(*more: str) -> str:
    """The versions of what is measured, as far as it is installed."""
    there = [name for name in ("numpy", "numba", *more) if importlib.util.find_spec(name)]
    return ", ".join(f"{name} {version(name)}" for name in there)


def in_two(work, out, threads):
    """The same on two cores: people divided into eight parts for two threads."""

    def spread(some, people):
        edges = np.linspace(0, people, 9).astype(int).tolist()
        list(threads.map(some, edges[:-1], edges[1:]))

    courses(fresh(work.system), work.doses, work.times_h, work.sigmoids, out=out, use_compiled=True, run=spread)


def error(work, out, candidates):
    """Worst relative error of both engines over two people, on a floor of a millionth of the person's peak."""
    candidates["two_cores"]()
    answers = [candidates["numpy"](), out]
    return max(
        float((np.abs(answer[i] - expected) / np.maximum(expected, 1e-6 * expected.max(axis=1, keepdims=True))).max())
        for i, expected in ((i, piecewise(work, i)) for i in (0, work.system.people - 1))
        for answer in answers
    )


def piecewise(work, person):
    """One person by scipy's matrix exponential from event to event."""
    matrix, size = work.system.matrix[person], len(work.system.states)
    entering = work.system.inputs[Route.IV][0].vector[person]
    stops = sorted(
        {d.start_h for d in work.doses} | {d.start_h + d.duration_h for d in work.doses} | set(work.times_h.tolist())
    )
    amounts, now, rows, known = np.zeros(size), 0.0, {0.0: np.zeros(size)}, {}
    for stop in stops:
        rate = sum(d.amount_mg / d.duration_h for d in work.doses if d.start_h <= now < d.start_h + d.duration_h)
        key = (round(stop - now, 13), rate)
        if key not in known:
            wide = np.zeros((size + 1, size + 1))
            wide[:size, :size], wide[:size, size] = matrix, rate * entering
            known[key] = expm(wide * (stop - now))
        amounts, now = (known[key] @ np.append(amounts, 1.0))[:size], stop
        rows[stop] = amounts
    levels = work.system.readout[person] @ np.array([rows[t] for t in work.times_h.tolist()]).T
    (one,) = work.sigmoids
    x = (levels[work.system.names.index(one.of)] / one.ec50[person]) ** one.hill[person]
    return np.vstack([levels, one.emax[person] * x / (1 + x)])


@proof(seed=8, small={"turns": 1, "members": 40}, full={"turns": 9, "members": 4096})
def latency(rng, *, turns, members):
    """One patient's session under 0.3 ms, a 500-member band under 30 ms, 4,096 members under 250 ms in NumPy and 120 ms compiled, of people laid out beforehand and (`asked`) as users call it, with drawing people and effects of a real model; the most probable five etas behind eight levels under 5 ms, importing the core within twice importing NumPy."""
    needs_numba()
    one, band = workload(1, sessions=1), workload(min(500, members), sessions=1, seed=int(rng.integers(1000)))
    many, placeholder = workload(members, sessions=1), model()
    asked = {name: asked_of(people) for name, people in (("asked_band", min(500, members)), ("asked_many", members))}
    ask = (one.doses, one.times_h)
    best = take_turns(
        {
            "one": lambda: [solve(placeholder.system(Person(70)), *ask) for _ in range(FEW)],
            "new_patients": lambda: [
                solve(placeholder.system(Person(50 + 50 * rng.random())), *ask) for _ in range(FEW)
            ],
            "band": lambda: band_of(band, use_compiled=False),
            "many": lambda: band_of(many, use_compiled=False),
            "many_compiled": lambda: band_of(many, use_compiled=True),
            "asked_band": lambda: by_numpy(asked["asked_band"]),
            "asked_many": lambda: by_numpy(asked["asked_many"]),
            "asked_many_compiled": lambda: bands(asked["asked_many"]),
            "most_probable": most_probable_of(rng),
        },
        turns,
    )
    took = {name: each.processor_s * MS for name, each in best.items()}
    took |= {name: took[name] / FEW for name in ("one", "new_patients", "most_probable")}
    figures = {f"{name}_ms": round(value, 3) for name, value in took.items()}
    statements = ("import openketamine.core.pharmacology.predict", "import numpy")
    core, alone = np.array([[started(one) for one in statements] for _turn in range(turns)]).min(axis=0)
    figures["import_core_over_numpy"] = round(float(core / alone), 2)
    figures |= {"members": members, "times": 241, "outputs": 5, "layout": LAYOUT, "machine_load": busy()}
    figures |= {"versions": versions()}
    if members > SEVERAL:
        limits = {"one_ms": 0.3, "band_ms": 30, "many_ms": 250, "many_compiled_ms": 120}
        limits |= {"asked_band_ms": 30, "asked_many_ms": 250, "asked_many_compiled_ms": 120}
        limits |= {"most_probable_ms": 5, "import_core_over_numpy": 2}
        assert all(figures[name] < limit for name, limit in limits.items()), figures
    return figures


def most_probable_of(rng):
    """A call that finds the five most probable etas of each of some people, each given eight levels; NumPy alone."""
    etas = ("v1", "v3", "cl", "q3", "q2")
    spread = Variability(etas, tuple(map(tuple, 0.06 * np.eye(5))), (0.0,) * 5)
    who = Subject(replace(model(), variability=spread), Person(80), (), scatter())
    doses, hours = (Dose(0, 40, 40 / 60),), np.array([5, 20, 40, 45, 60, 90, 120, 240]) / 60
    true = solve(who.model.system(who.person, rng.normal(0, 0.25, (FEW, 5))), doses, hours)["cp"]
    read = true * np.exp(0.1 * rng.standard_normal(true.shape))
    seen = [
        [Observation(at, Kind.LEVEL, value, SamplingSite.ARTERIAL) for at, value in zip(hours, row, strict=True)]
        for row in read
    ]
    return lambda: [most_probable(who, doses, one) for one in seen]


def asked_of(people):
    """What users ask: a real model, level, pressures, heart rate and dissociation of drawn people at 241 minutes."""
    who = subject("kamp2020_racemic", Person(70))
    names = (who.model.output, *(name for effect in who.effects for name in effect.outputs))
    assert len(names) == 5
    return Asked(who, (Dose(0, 35, 40 / 60),), np.arange(241) / 60, names, people, seed=1)


def by_numpy(asked):
    """The band as it is answered while no kernel is ready."""
    with patch.object(compiled, "_warm", []):
        return bands(asked)


def band_of(work, *, use_compiled):
    answers = courses(fresh(work.system), work.doses, work.times_h, work.sigmoids, use_compiled=use_compiled)
    return quantiles_of_people(answers, use_compiled=use_compiled)


def started(statement: str) -> float:
    """Return the processor time of a new interpreter that runs a statement."""
    before = os.times()
    subprocess.run([sys.executable, "-c", statement], check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


MILLION = """
import sys
from openketamine.site import cli
code = cli.run(["simulate", "-"])
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")), file=sys.stderr)
sys.exit(code)
"""


@proof(seed=9, small={"people": 70_000}, full={"people": 1_000_000})
def a_million_people(rng, *, people):
    """A band over a million virtual people with a peak of memory below 1 GB; counted quantiles within 0.1 per cent of exact ones."""
    if not Path("/proc/self/status").exists():
        raise Unavailable("this system does not say a process's peak of memory in /proc")
    request = {
        "model": "kamp2020_racemic", "patient": {"weight_kg": 70}, "times_min": [20, 40, 60, 120],
        "doses": [{"route": "iv", "start_min": 0, "amount_mg": 35, "duration_min": 40}],
        "population": {"n": people, "seed": int(rng.integers(1000))}, "effects": ["systolic_rise_mmhg"],
    }  # fmt: skip
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", MILLION], input=json.dumps(request), capture_output=True, text=True, check=True
    )
    seconds, peak_gb = time.perf_counter() - began, int(done.stderr.split()[-1]) * 1024 / 1e9
    answer = json.loads(done.stdout)
    worst = error_of_counting(request, answer["bands"])

    assert peak_gb < 1, f"peak memory {peak_gb:.2f} GB"
    assert worst < 1e-3, f"relative error {worst:g}"
    return {
        "people": people, "peak_gb": round(peak_gb, 3), "seconds": round(seconds, 1), "machine_load": busy(),
        "layout": "counts by output, time and bin; chunks of 4,096 people", "versions": versions(),
        "worst_relative_error_of_a_quantile": worst,
    }  # fmt: skip


def error_of_counting(request, bands):
    """Compare with exact quantiles of the same people, one time at once."""
    from openketamine.core.pharmacology.bands import Asked, exact_quantiles
    from openketamine.site.commands.simulate_request import checked

    asked = checked(request)
    names, worst = tuple(bands), 0.0
    for i, minute in enumerate(asked.times_min):
        question = Asked(asked.subject, asked.doses, np.array([minute / 60]), names, asked.people, asked.seed)
        exact = exact_quantiles(question)
        for j, name in enumerate(names):
            counted = np.array([bands[name][q][i] for q in ("p05", "p50", "p95")])
            worst = max(worst, float(np.abs(counted / exact[:, j, 0] - 1).max()))
    return worst
