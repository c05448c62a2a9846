"""Effects, their spread and their scatter, from `effects/*.toml` and `effect_flags/*.toml` to core values."""

from functools import cache
from typing import Any

from openketamine.core.pharmacology.effects import Driver, Effect, Response, Spread, rate_of_half_life
from openketamine.core.pharmacology.flags import Affinity, BreathingFlag, Flag, FlagWords, Responsiveness
from openketamine.core.pharmacology.observation import Scatter
from openketamine.evidence import load
from openketamine.evidence.load import cited

KIND, FLAGS, SCATTER = "effects", "effect_flags", "scatter"
PRESSURE = "pressure"
MOOD_DISORDER = "mood_disorder"


@cache
def effect(name: str, people: str = MOOD_DISORDER) -> Effect:
    """Return one block of effects; `people` matters where a block tells people apart. Raises EvidenceError as the loader does."""
    row, where = load.table(KIND, name), f"{KIND}/{name}.toml"
    factor = cited(row["people"][people], "1", where) if "people" in row else 1.0
    responses = [_response(one, where, factor) for one in row["response"]]
    if "mean_pressure" in row:
        responses = [*_divided(row["mean_pressure"], where), *responses]
    half_life = cited(row["equilibration_half_life"], "h", where) if "equilibration_half_life" in row else None
    return Effect(
        id=row["id"],
        title=row["title"],
        driver=Driver(row["driver"]),
        racemate_share=cited(row["racemate_share"], "1", where),
        equilibration_per_h=rate_of_half_life(half_life) if half_life else 0.0,
        responses=tuple(responses),
        spread=_spread(row.get("spread"), where),
        sources=tuple(row["sources"]),
        comparator=row.get("comparator", False),
    )


def haemodynamics() -> Effect:
    """Return the default block on pressure and heart rate."""
    return effect("haemodynamics_derived")


@cache
def limits_of_use(name: str) -> str:
    """Return where an effect block ends, in words for a screen."""
    return str(load.table(KIND, name)["limits_of_use"])


@cache
def scatter(name: str = "readings") -> Scatter:
    """Return how readings of a person scatter about the truth; raises EvidenceError for an uncited number."""
    row, where = load.table(SCATTER, name), f"{SCATTER}/{name}.toml"
    return Scatter(
        pressure_sd=cited(row["pressure"], "mm[Hg]", where),
        heart_rate_sd=cited(row["heart_rate"], "/min", where),
        degrees_of_freedom=cited(row["degrees_of_freedom"], "1", where),
        correlation_h=cited(row["correlation_time"], "h", where),
        person_log_sd=cited(row["person_log_sd"], "1", where),
        level_log_sd={site: cited(one, "1", where) for site, one in row["level"].items()},
        score_size=cited(row["score_size"], "1", where),
    )


@cache
def responsiveness() -> Responsiveness:
    """Return the levels at which people stopped and began to respond again."""
    row, where = load.table(FLAGS, "responsiveness_sleigh"), f"{FLAGS}/responsiveness_sleigh.toml"
    loss, back = cited(row["loss"], "ng/mL", where), cited(row["return"], "ng/mL", where)
    return Responsiveness(loss, back, rate_of_half_life(cited(row["equilibration_half_life"], "h", where)))


@cache
def breathing() -> BreathingFlag:
    """Return when breathing deserves a second look."""
    row, where = load.table(FLAGS, "breathing"), f"{FLAGS}/breathing.toml"
    return BreathingFlag(
        cited(row["fast_bolus"], "mg/kg", where),
        cited(row["fast_bolus_within"], "h", where),
        cited(row["opioid"]["doubling"], "ng/mL", where),
    )


@cache
def flag_words() -> dict[Flag, FlagWords]:
    """Return what each flag says; raises EvidenceError for an uncited one or one that begins with an order verb."""
    found: dict[Flag, FlagWords] = {}
    for name in ("breathing", "responsiveness_sleigh"):
        for flag, row in load.table(FLAGS, name)["words"].items():
            where = f"{FLAGS}/{name}.toml {flag}"
            said = load.not_an_order(row["says"], where)
            found[Flag(flag)] = FlagWords(said, tuple(row.get("names", ())), load.citation(row.get("cite"), where))
    return found


@cache
def affinities() -> tuple[Affinity, ...]:
    """Return published NMDA affinities as half-occupying plasma levels in ng/mL."""
    row, where = load.table(FLAGS, "nmda_occupancy"), f"{FLAGS}/nmda_occupancy.toml"
    per_umol = float(row["molar_mass"]["value"]) / cited(row["unbound_in_brain"], "1", where)
    return tuple(
        Affinity(one["name"], cited(one["half"], "1", where) * per_umol, cited(one["hill"], "1", where))
        for one in row["affinity"]
    )


def checked_flag(name: str) -> object:
    """Read one flag file; raises EvidenceError when it does not say what it must."""
    readers = {"responsiveness_sleigh": responsiveness, "breathing": breathing, "nmda_occupancy": affinities}
    flag_words()
    return readers[name]()


def _response(row: dict[str, Any], where: str, factor: float) -> Response:
    def maybe(key: str, unit: str, default: float) -> float:
        return cited(row[key], unit, where) if key in row else default

    baseline = maybe("baseline", row["unit"], 0.0)
    emax = baseline * maybe("emax", "%", 0.0) / 100 if baseline else maybe("emax", row["unit"], 0.0)
    return Response(
        output=row["output"], unit=row["unit"], group=row["group"], emax=emax * factor,
        ec50_ng_per_ml=maybe("ec50", "ng/mL", 1.0), hill=maybe("hill", "1", 1.0), offset=maybe("offset", row["unit"], 0.0),
        ceiling=maybe("ceiling", row["unit"], float("inf")), slope_per_ng_per_ml=maybe("slope", row["unit"], 0.0),
    )  # fmt: skip


def _divided(row: dict[str, Any], where: str) -> list[Response]:
    """Mean pressure is (systolic + 2 diastolic) / 3; the two rises keep their published ratio."""
    mean = cited(row["emax"], "%", where) / 100 * cited(row["baseline"], "mm[Hg]", where)
    ratio, ec50 = cited(row["systolic_per_diastolic"], "1", where), cited(row["ec50"], "ng/mL", where)
    diastolic = 3 * mean / (2 + ratio)
    sizes = {"systolic_rise_mmhg": diastolic * ratio, "diastolic_rise_mmhg": diastolic}
    return [Response(output, "mm[Hg]", PRESSURE, emax, ec50) for output, emax in sizes.items()]


def _spread(row: dict[str, Any] | None, where: str) -> Spread | None:
    if row is None:
        return None
    sizes = {group: cited(one, "1", where) for group, one in row["size"].items()}
    doubt = cited(row["doubt"], "1", where) if "doubt" in row else 0.0
    return Spread(sizes, cited(row["ec50"], "1", where), cited(row["occasion"], "1", where), doubt)
