"""What laws are tested on: drawn models, people and courses, and an ODE solver that shares nothing with the engine but the matrix.

The solver is told when each input starts and ends, and when the person's numbers change.
"""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from openketamine.core.pharmacology.infusion import Dose
from openketamine.core.pharmacology.predict import solve
from openketamine.core.pharmacology.substance import Person, Route
from openketamine.core.pharmacology.system import Input, System
from openketamine.evidence import load
from openketamine.evidence.pharmacology import pk_link, pk_model

MODELS = load.names("pk_models")
KAMP = pk_model("kamp2020_racemic")
LINKED = KAMP.with_link(pk_link("derived_venous")).with_link(pk_link("derived_racemic_nk"))
models = st.sampled_from([*(pk_model(name) for name in MODELS), LINKED])
people = st.builds(Person, st.floats(35, 160), st.floats(18, 90))
TOO_SHORT_H = 1e-9
"""A span in which LSODA cannot step and a straight line is exact to rounding."""
quick = settings(max_examples=12, deadline=None)


@st.composite
def courses(draw, routes=None):
    """A model, a person and up to four doses by the routes that the model has, in any order and overlapping."""
    model = draw(models)
    doses = []
    for _ in range(draw(st.integers(1, 4))):
        route = draw(st.sampled_from(sorted(model.routes if routes is None else routes)))
        duration = draw(st.sampled_from([0.0, 1 / 60, 0.25, 40 / 60, 2.0])) if route is Route.IV else 0.0
        doses.append(Dose(draw(st.sampled_from([0.0, 0.1, 0.5, 1.0, 3.0])), draw(st.floats(0.1, 120)), duration, route))
    return model, draw(people), tuple(doses)


def levels(model, person, doses, hours):
    """Outputs stacked (outputs, times) of the typical person."""
    found = solve(model.system(person), doses, np.asarray(hours, float))
    return np.array([found[name][0] for name in model.output_names])


def close(found, expected, relative=1e-9):
    """Agreement relative to each output's peak."""
    peak = np.abs(expected).max(axis=1, keepdims=True)
    return np.all(np.abs(found - expected) <= relative * np.maximum(peak, 1e-9))


def by_ode_solver(phases, pieces, hours):
    """Outputs by LSODA restarted at every start, end and change of numbers: phases (from hour, system); boluses added by hand."""
    changes = {0.0, *(float(hour) for hour in hours), *(at for at, _ in phases)}
    for piece in pieces:
        changes |= {piece.start_h} if piece.at_once else {piece.start_h, end_of(piece, phases)}
    amounts, now, seen = np.zeros(phases[0][1].matrix.shape[1]), 0.0, {}
    for stop in sorted(changes):
        if stop > now:
            amounts, now = carried(phases, pieces, (now, stop), amounts), stop
        system = in_force(phases, stop)
        entered = [piece.amount(system)[0] for piece in pieces if piece.at_once and piece.start_h == stop]
        amounts = amounts + sum(entered, np.zeros_like(amounts))
        seen[stop] = system.readout[0] @ amounts
    return np.array([seen[float(hour)] for hour in hours]).T


def carried(phases, pieces, span, amounts):
    """Amounts at the end of a span in which nothing starts, ends or changes; a piece enters as it does where it starts."""
    matrix, middle = in_force(phases, span[0]).matrix[0], sum(span) / 2
    running = [piece for piece in pieces if not piece.at_once and piece.start_h <= middle < end_of(piece, phases)]
    inflow = sum((piece.inflow(in_force(phases, piece.start_h))[0] for piece in running), np.zeros_like(amounts))
    if span[1] - span[0] < TOO_SHORT_H:
        return amounts + (span[1] - span[0]) * (matrix @ amounts + inflow)
    solved = solve_ivp(lambda _t, held: matrix @ held + inflow, span, amounts, "LSODA", rtol=1e-10, atol=1e-11)
    return solved.y[:, -1]


def end_of(piece, phases):
    return piece.start_h + float(piece.length_h(in_force(phases, piece.start_h))[0])


def in_force(steps, at):
    return [what for start, what in steps if start <= at][-1]


def with_the_outside(system, compartments):
    """The system with one more state that holds all that has left the body; outputs are the amounts themselves."""
    size = len(system.states)
    wide = np.zeros((1, size + 1, size + 1))
    wide[0, :size, :size] = system.matrix[0]
    real = [i for i, state in enumerate(system.states) if state in compartments]
    wide[0, size, real] = -system.matrix[0][np.ix_(real, real)].sum(axis=0)
    inputs = {route: tuple(padded(one) for one in every) for route, every in system.inputs.items()}
    names = (*system.states, "outside")
    return System(wide, np.eye(size + 1)[None], names, inputs, (*system.blocks, slice(size, size + 1)), names)


def padded(one):
    later = None if one.later is None else np.pad(one.later, ((0, 0), (0, 1)))
    return Input(np.pad(one.vector, ((0, 0), (0, 1))), one.release_h, one.spray_mg, later)
