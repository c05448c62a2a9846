"""The planned exposure of one person under one or two regimens: what the model expects, with its bands. Writes nothing."""

from dataclasses import dataclass
from typing import Any

from openketamine.clinic.pharmacology.prediction import PRESSURE, Prior, Question, predict

WIDTH, HEIGHT, LEFT, BOTTOM = 420, 190, 44, 24
STEP_MIN = 5
AFTER_MIN = 120
MINUTES_PER_HOUR = 60.0
BAND = ("p05", "p50", "p95")


@dataclass(frozen=True, slots=True)
class Asked:
    """One regimen to look at: mg/kg over minutes."""

    mg_per_kg: float
    duration_min: float


@dataclass(frozen=True, slots=True)
class Output:
    """What is drawn of one model output: its name in the model, its words and its unit as shown."""

    name: str
    says: str
    unit: str


OUTPUTS = (
    Output("ketamine_ng_per_ml", "Level in arterial blood", "ng/mL"),
    Output(PRESSURE, "Rise of systolic pressure", "mmHg"),
    Output("cadss_total", "Dissociation (CADSS total)", "points"),
)


def picture(weight_kg: float, asked: tuple[Asked, ...], prior: Prior | None = None) -> list[dict[str, Any]]:
    """Return for each output the peaks with their 5 to 95 % bands and what is drawn, one entry for each regimen.

    `prior` is what earlier infusions taught of this person; without it the bands are the population's.
    """
    until = max(one.duration_min for one in asked) + AFTER_MIN
    times = tuple(float(minute) for minute in range(0, int(until) + 1, STEP_MIN))
    bands = [_bands(weight_kg, one, times, prior) for one in asked]
    return [
        _drawn(output, times, [found[output.name] for found in bands]) for output in OUTPUTS if output.name in bands[0]
    ]


def _bands(
    weight_kg: float, one: Asked, times: tuple[float, ...], prior: Prior | None
) -> dict[str, dict[str, list[float]]]:
    rate = one.mg_per_kg * weight_kg * MINUTES_PER_HOUR / one.duration_min
    return predict(Question(weight_kg, ((0.0, rate),), one.duration_min, times, prior=prior)).person


def _drawn(output: Output, times: tuple[float, ...], found: list[dict[str, list[float]]]) -> dict[str, Any]:
    top = max(max(band["p95"]) for band in found) or 1.0

    def point(minute: float, value: float) -> str:
        x = LEFT + (WIDTH - LEFT) * minute / times[-1]
        y = (HEIGHT - BOTTOM) * (1 - max(value, 0.0) / top)
        return f"{x:.1f},{y:.1f}"

    return {
        "output": output, "top": top, "end": times[-1], "width": WIDTH, "height": HEIGHT, "left": LEFT, "base": HEIGHT - BOTTOM,
        "regimens": [
            {
                "peak": tuple(max(band[q]) for q in BAND),
                "line": " ".join(point(at, value) for at, value in zip(times, band["p50"], strict=True)),
                "area": " ".join([
                    *(point(at, value) for at, value in zip(times, band["p95"], strict=True)),
                    *(point(at, value) for at, value in zip(reversed(times), reversed(band["p05"]), strict=True)),
                ]),
            }
            for band in found
        ],
    }  # fmt: skip
