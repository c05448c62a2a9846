"""Simulated hours at the chair whose truth is known: what the body does, and what a monitor shows of it.

The kinds of artefact and their sizes were fixed before the rules were tuned against them and are not tuned since; every proof
draws its hours from a seed of its own.
"""

from dataclasses import dataclass, field

import numpy as np

SECONDS = 3600
CUFF_EVERY_S = 300
NONE, SILENT = -1.0, -2.0  # "the device says it has no value"; "nothing comes at all"


@dataclass(frozen=True)
class Sign:
    """A vital sign at rest: its value, its slow wander and the noise of the monitor, both as standard deviations."""

    rest: float
    wander: float
    noise: float
    low: float
    high: float


SIGNS = {
    "spo2": Sign(97.0, 0.6, 0.7, 60, 100),
    "heart_rate": Sign(78.0, 4.0, 1.5, 30, 190),
    "respiratory_rate": Sign(15.0, 1.0, 1.0, 4, 45),
    "nibp_systolic": Sign(128.0, 6.0, 4.0, 70, 230),
}


@dataclass(frozen=True)
class Danger:
    """What counts as a true event: the noise-free signal beyond `limit` for `for_s` seconds; the rule that must be raised."""

    rule: str
    signal: str
    above: bool
    limit: float
    for_s: int

    def beyond(self, values):
        """Say where values lie on the wrong side."""
        return values > self.limit if self.above else values < self.limit


DANGERS = (
    Danger("spo2_very_low", "spo2", False, 92, 30),
    Danger("hr_extreme", "heart_rate", True, 150, 30),
    Danger("hr_low", "heart_rate", False, 45, 30),
    Danger("rr_low", "respiratory_rate", False, 10, 30),
    Danger("rr_high", "respiratory_rate", True, 30, 30),
    Danger("bp_high", "nibp_systolic", True, 180, 2 * CUFF_EVERY_S),
)
# Per hour: how often each kind of artefact comes, and for how many seconds it lasts.
ARTEFACTS = {
    "probe_off": ("spo2", 2.0, (5, 60)),
    "motion": ("spo2", 3.0, (2, 15)),
    "spike": ("heart_rate", 4.0, (1, 2)),
    "ecg_noise": ("heart_rate", 3.0, (1, 6)),
    "lead_off": ("heart_rate", 1.0, (5, 40)),
    "swallowing": ("respiratory_rate", 4.0, (2, 12)),
    "cuff_motion": ("nibp_systolic", 0.6, (1, CUFF_EVERY_S)),
    "link_lost": ("all", 1.0, (5, 40)),
}


@dataclass
class Hour:
    """One hour: the noise-free signals, what the monitor showed, and which artefact was at work when."""

    truth: dict
    shown: dict
    at_work: dict = field(default_factory=dict)


def hour(chance):
    """Return one simulated hour."""
    truth = {name: _truth(chance, name, sign) for name, sign in SIGNS.items()}
    shown = {name: np.round(truth[name] + chance.normal(0, SIGNS[name].noise, SECONDS)) for name in SIGNS}
    shown["spo2"] = np.minimum(shown["spo2"], 100)
    found = Hour(truth, shown)
    for kind, (signal, per_hour, lasts) in ARTEFACTS.items():
        for _ in range(chance.poisson(per_hour)):
            start = int(chance.integers(60, SECONDS - 60))
            span = slice(start, start + int(chance.integers(lasts[0], lasts[1] + 1)))
            _disturb(chance, found, kind, signal, span)
    return found


def _truth(chance, name, sign):
    """A slow wander about rest with dangers of random depth and length laid over it."""
    steps = chance.normal(0, sign.wander * np.sqrt(2 / 120), SECONDS)
    wander = np.zeros(SECONDS)
    for second in range(1, SECONDS):
        wander[second] = wander[second - 1] * (1 - 1 / 120) + steps[second]
    values = sign.rest + wander
    for danger in (one for one in DANGERS if one.signal == name):
        for _ in range(chance.poisson(0.7)):
            _lay(chance, values, sign, danger)
    return np.clip(values, sign.low, sign.high)


def _lay(chance, values, sign, danger):
    """Lay one excursion over a signal: down (or up) within seconds, a plateau, and back."""
    length = int(chance.uniform(0.3, 4.0) * danger.for_s)
    start = int(chance.integers(120, max(121, SECONDS - length - 120)))
    depth = chance.uniform(-1.5, 12.0) * (
        4.0 if danger.signal in {"heart_rate", "nibp_systolic"} else 1.0 if danger.signal == "spo2" else 0.4
    )
    edge = np.minimum(1.0, np.minimum(np.arange(length), np.arange(length)[::-1]) / 8)
    level = danger.limit + (depth if danger.above else -depth)
    part = slice(start, start + length)
    values[part] += edge * (level - values[part])


def _disturb(chance, found, kind, signal, span):
    for name in SIGNS if signal == "all" else [signal]:
        found.shown[name][span] = SHOWN[kind](chance, found.truth[name][span], found.shown[name][span])
        found.at_work.setdefault(name, []).append((kind, span.start, span.stop))


def _motion(chance, truth, shown):
    return np.where(chance.random(len(truth)) < 0.8, chance.integers(70, 92, len(truth)), shown)


def _ecg_noise(chance, truth, _shown):
    return np.round(np.clip(truth * chance.choice([0.5, 2.0]), 15, 300))


SHOWN = {
    "probe_off": lambda *_: NONE,
    "lead_off": lambda *_: NONE,
    "link_lost": lambda *_: SILENT,
    "motion": _motion,
    "spike": lambda chance, *_: chance.choice([25.0, 220.0]),
    "ecg_noise": _ecg_noise,
    "swallowing": lambda chance, *_: chance.choice([4.0, 40.0]),
    "cuff_motion": lambda chance, truth, _shown: np.round(truth + chance.choice([-60.0, 60.0])),
}
