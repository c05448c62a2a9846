"""The plots of the page, each with words that say the same."""

from dataclasses import replace
from functools import cache, lru_cache

import numpy as np
from django.utils.translation import gettext as _

from openketamine.clinic.learn import curves
from openketamine.clinic.learn.drawing import Frame, Plot, Shape, Tick
from openketamine.core.pharmacology.mechanism import Hypothesis
from openketamine.evidence.learn import Example

LEVEL, FELT = "ketamine_ng_per_ml", "cadss_total"
PRESSURES = {"systolic": "systolic_rise_mmhg", "diastolic": "diastolic_rise_mmhg"}
SOURCES = {
    "level": ("kamp2020", "simons2022", "olofsen2022"),
    "felt": ("olofsen2022", "goldway2025", "vanschalkwyk2018"),
    "pressure": ("langsjo2003", "langsjo2005", "bja2024_esketamine_hypoxia", "vankawala2021"),
    "mood": ("murrough2013_rct", "singh2016", "an2021", "murrough2013_repeated"),
    "times": ("openketamine-design",),
}
"""What each drawing is made from; how long the steps of an explanation last is assumed."""
HEADROOM = 1.1
MOOD_TOP, LOWEST_PRESSURE = 40.0, 60.0
Line = np.ndarray


@lru_cache(maxsize=64)
def during(example: Example, dose_mg_per_kg: float, minutes: float, _language: str | None) -> dict[str, Plot]:
    """Return the plots of one infusion: level, what may be felt, pressure. They are kept for each language."""
    found = curves.during(example.person.weight_kg or 0.0, dose_mg_per_kg, minutes)
    drawn = {
        "level": _level(found, minutes),
        "felt": _felt(found, minutes),
        "pressure": _pressure(example, found, minutes),
    }
    return {name: replace(one, sources=SOURCES[name]) for name, one in drawn.items()}


def mood(example: Example) -> Plot:
    """Return the plot of mood over weeks."""
    days, lines = curves.mood(example)
    frame = Frame((0.0, float(days[-1])), (0.0, MOOD_TOP))
    lowest = float(lines["responds"].min())
    says = _(
        "The score starts at %(start).0f. In somebody who responds it falls to about %(low).0f in three weeks and climbs back "
        "after the last dose. In somebody who does not, only the small fall of hope and care is left."
    ) % {"start": example.mood_score, "low": lowest}
    shapes = (frame.line("line responds", days, lines["responds"]), frame.line("line care", days, lines["does_not"]))
    drawn = _plot(_("Mood over six weeks"), says, _("days"), _("mood score, lower is better"), frame, shapes)
    return replace(drawn, sources=SOURCES["mood"])


@cache
def explanations(_language: str | None) -> tuple[tuple[Hypothesis, Plot], ...]:
    """Return each explanation with its plot: when each step comes and goes, on a stretched scale of time."""
    found = []
    for one, lines in curves.explanations():
        days = np.sqrt(curves.HOURS / 24)
        frame = Frame((0.0, float(days[-1])), (0.0, HEADROOM))
        shapes = tuple(frame.line(f"line step-{i}", days, curve) for i, curve in enumerate(lines.values()))
        says = _(
            "Steps, in order: %(steps)s. The height says nothing: only when each step comes and goes. How long each one lasts "
            "is a guess."
        ) % {"steps": ", ".join(_(name) for name in lines)}
        plot = _plot(_(one.title), says, _("days, the first ones stretched"), _("when"), frame, shapes)
        marks = {0.0: "0", 1 / 24: "1 h", 0.25: "6 h", 1.0: "1 day", 3.0: "3", 7.0: "7", 13.0: "13"}
        places = frame.across(np.sqrt(np.array(list(marks))))
        ticks = tuple(Tick(round(float(at), 1), label) for at, label in zip(places, marks.values(), strict=True))
        sources = tuple(dict.fromkeys(key for step in one.steps for key in step.sources)) + SOURCES["times"]
        found.append((one, replace(plot, x=ticks, y=(), sources=sources)))
    return tuple(found)


def _level(found: curves.Curves, minutes: float) -> Plot:
    band = found.bands[LEVEL]
    frame = Frame((0.0, float(curves.SHOWN_MIN)), (0.0, float(band["p95"].max()) * HEADROOM))
    shapes = (*_banded(frame, found.minutes, band), frame.line("line brain", found.minutes, found.brain))
    peak, brain = int(band["p50"].argmax()), int(found.brain.argmax())
    says = _(
        "In arterial blood the level is highest at minute %(at).0f: about %(mid).0f nanograms in a millilitre. In 9 of 10 example "
        "persons it lies between %(low).0f and %(high).0f. In the brain it is highest at minute %(brain).0f."
    ) % {
        "at": found.minutes[peak], "mid": band["p50"][peak], "low": band["p05"][peak], "high": band["p95"][peak],
        "brain": found.minutes[brain],
    }  # fmt: skip
    return _plot(
        _("Level"), says, _("minutes"), _("nanograms in a millilitre of arterial blood"), frame, shapes, minutes
    )


def _felt(found: curves.Curves, minutes: float) -> Plot:
    band = found.bands[FELT]
    frame = Frame((0.0, float(curves.SHOWN_MIN)), (0.0, float(band["p95"].max()) * HEADROOM))
    at = int(band["p50"].argmax())
    says = _(
        "Feeling cut off is strongest near minute %(at).0f. People differ a lot: the score is %(mid).0f in the middle, and "
        "from %(low).0f to %(high).0f in 9 of 10 example persons. The scale ends at 92."
    ) % {"at": found.minutes[at], "mid": band["p50"][at], "low": band["p05"][at], "high": band["p95"][at]}
    return _plot(
        _("Feeling cut off"), says, _("minutes"), _("score"), frame, _banded(frame, found.minutes, band), minutes
    )


def _pressure(example: Example, found: curves.Curves, minutes: float) -> Plot:
    rest = {"systolic": example.resting_systolic, "diastolic": example.resting_diastolic}
    bands = {
        name: {q: rest[name] + line for q, line in found.bands[output].items()} for name, output in PRESSURES.items()
    }
    frame = Frame((0.0, float(curves.SHOWN_MIN)), (LOWEST_PRESSURE, float(bands["systolic"]["p95"].max()) + 10))
    shapes = [shape for band in bands.values() for shape in _banded(frame, found.minutes, band)]
    top = bands["systolic"]
    at = int(top["p50"].argmax())
    says = _(
        "The upper number starts at %(rest).0f. It is highest at minute %(at).0f: about %(mid).0f, and from %(low).0f to "
        "%(high).0f in 9 of 10 example persons. The lower number rises too."
    ) % {
        "rest": rest["systolic"], "at": found.minutes[at], "mid": top["p50"][at], "low": top["p05"][at], "high": top["p95"][at]
    }  # fmt: skip
    return _plot(_("Blood pressure"), says, _("minutes"), _("millimetres of mercury"), frame, tuple(shapes), minutes)


def _banded(frame: Frame, x: Line, band: dict[str, Line]) -> tuple[Shape, Shape]:
    return frame.band("band", x, band["p05"], band["p95"]), frame.line("line", x, band["p50"])


def _plot(
    title: str, says: str, across: str, up: str, frame: Frame, shapes: tuple[Shape, ...], stop: float | None = None
) -> Plot:
    x, y = frame.ticks()
    at = None if stop is None else round(float(frame.across(np.array([stop]))[0]), 1)
    return Plot(title, says, across, up, shapes, x, y, at)
