"""The dose card: from weight and dose per weight to milligrams, millilitres and a pump rate, each line with its units."""

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from openketamine.core.plan.protocol import MINUTES_PER_HOUR, Caps, DurationLines, DurationStanding

TENTH = Decimal("0.1")
THOUSANDTH = Decimal("0.001")


class DoseError(ValueError):
    """A dose cannot be computed; the message names the field and the value."""


class Basis(StrEnum):
    """The weight that a protocol doses by."""

    ACTUAL = "actual"
    IDEAL = "ideal"
    ADJUSTED = "adjusted"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a card cannot be signed. An absolute fault no reason overrides; another one a signed reason does."""

    id: str
    says: str
    way_out: str
    absolute: bool = True


@dataclass(frozen=True, slots=True)
class Preparation:
    """The vial, the bag it is made up in, and the time it runs. `diluent` is empty when the drug runs undiluted."""

    strength_mg_per_ml: Decimal
    bag_ml: Decimal
    duration_min: Decimal
    diluent: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What a protocol says about a card: caps, durations, which strengths exist and which must never run undiluted."""

    caps: Caps
    durations: DurationLines
    strengths_mg_per_ml: tuple[Decimal, ...]
    never_undiluted_mg_per_ml: Decimal
    oldest_weight_h: float
    basis: Basis = Basis.ACTUAL


@dataclass(frozen=True, slots=True)
class DoseCard:
    """What goes into the bag and how fast it runs. Milligrams of free base."""

    weight_kg: Decimal
    basis: Basis
    dose_mg_per_kg: Decimal
    exact_mg: Decimal
    dose_mg: Decimal
    preparation: Preparation
    draw_ml: Decimal
    concentration_mg_per_ml: Decimal
    rate_ml_per_h: Decimal
    rate_mg_per_h: Decimal
    rate_mg_per_kg_per_h: Decimal
    duration_standing: DurationStanding
    faults: tuple[Fault, ...]

    def signable(self, reason: str = "") -> bool:
        """Whether the card may be signed, with the reason given."""
        return all(not fault.absolute and bool(reason) for fault in self.faults)

    def lines(self) -> tuple[str, ...]:
        """Return the arithmetic as a person would check it."""
        made = self.preparation
        fluid = (
            f"made up to {made.bag_ml:f} mL with {made.diluent}" if made.diluent else f"undiluted, {made.bag_ml:f} mL"
        )
        return (
            (
                f"{self.dose_mg_per_kg:f} mg/kg x {self.weight_kg:f} kg ({self.basis.value} weight) = {self.exact_mg:f} mg,"
                f" drawn as {self.dose_mg:f} mg"
            ),
            f"{self.dose_mg:f} mg / {made.strength_mg_per_ml:f} mg/mL = {self.draw_ml:f} mL from the vial",
            f"{fluid}: {self.dose_mg:f} mg / {made.bag_ml:f} mL = {self.concentration_mg_per_ml:f} mg/mL",
            f"{made.bag_ml:f} mL over {made.duration_min:f} min = {self.rate_ml_per_h:f} mL/h",
            f"{self.rate_ml_per_h:f} mL/h = {self.rate_mg_per_h:f} mg/h = {self.rate_mg_per_kg_per_h:f} mg/kg/h",
        )


def dose_card(
    weight_kg: Decimal, dose_mg_per_kg: Decimal, made: Preparation, rules: Rules, *,
    given_today_mg: Decimal = Decimal(0), weight_age_h: float = 0.0,
) -> DoseCard:  # fmt: skip
    """Compute a dose card with what stands against signing it; raises DoseError for what is not positive.

    Milligrams are drawn to a tenth. `weight_kg` is the weight of the protocol's basis.
    """
    _positive(weight_kg=weight_kg, dose_mg_per_kg=dose_mg_per_kg, strength_mg_per_ml=made.strength_mg_per_ml,
              bag_ml=made.bag_ml, duration_min=made.duration_min)  # fmt: skip
    exact = weight_kg * dose_mg_per_kg
    dose = exact.quantize(TENTH, ROUND_HALF_EVEN)
    rate = made.bag_ml * MINUTES_PER_HOUR / made.duration_min
    mg_per_h = dose * MINUTES_PER_HOUR / made.duration_min
    standing = rules.durations.standing(made.duration_min)
    draw = vial_volume_ml(dose, made.strength_mg_per_ml)
    faults = (
        *_vial_faults(made, draw, rules), *_weight_faults(weight_age_h, rules.oldest_weight_h),
        *_cap_faults(weight_kg, dose_mg_per_kg, dose, mg_per_h, made.duration_min, given_today_mg, rules.caps),
        *_duration_faults(made.duration_min, standing, rules.durations),
    )  # fmt: skip
    return DoseCard(
        weight_kg=weight_kg, basis=rules.basis, dose_mg_per_kg=dose_mg_per_kg, exact_mg=exact.normalize(), dose_mg=dose,
        preparation=made, draw_ml=draw, concentration_mg_per_ml=(dose / made.bag_ml).quantize(THOUSANDTH, ROUND_HALF_EVEN),
        rate_ml_per_h=rate.quantize(TENTH, ROUND_HALF_EVEN), rate_mg_per_h=mg_per_h.quantize(TENTH, ROUND_HALF_EVEN),
        rate_mg_per_kg_per_h=(mg_per_h / weight_kg).quantize(THOUSANDTH, ROUND_HALF_EVEN), duration_standing=standing,
        faults=faults,
    )  # fmt: skip


def vial_volume_ml(dose_mg: Decimal, strength_mg_per_ml: Decimal) -> Decimal:
    """Return the millilitres to draw from a vial of this strength."""
    if strength_mg_per_ml <= 0:
        raise DoseError(f"strength_mg_per_ml = {strength_mg_per_ml}: must be greater than 0")
    return (dose_mg / strength_mg_per_ml).quantize(THOUSANDTH, ROUND_HALF_EVEN)


def _positive(**named: Decimal) -> None:
    for field, value in named.items():
        if not value.is_finite() or value <= 0:
            raise DoseError(f"{field} = {value}: must be greater than 0")


def _vial_faults(made: Preparation, draw_ml: Decimal, rules: Rules) -> list[Fault]:
    found = []
    if made.strength_mg_per_ml not in rules.strengths_mg_per_ml:
        known = ", ".join(f"{one:f}" for one in rules.strengths_mg_per_ml)
        found.append(Fault("strength", f"strength = {made.strength_mg_per_ml:f} mg/mL: is not one of {known} mg/mL",
                           "choose the strength that is printed on the vial"))  # fmt: skip
    undiluted = not made.diluent or made.bag_ml <= draw_ml
    if undiluted and made.strength_mg_per_ml >= rules.never_undiluted_mg_per_ml:
        found.append(Fault("undiluted", f"{made.strength_mg_per_ml:f} mg/mL never runs undiluted",
                           "choose a diluent and a bag larger than the drawn volume"))  # fmt: skip
    if made.bag_ml < draw_ml or (not made.diluent and made.bag_ml != draw_ml):
        found.append(Fault("bag", f"bag = {made.bag_ml:f} mL: does not fit the {draw_ml:f} mL drawn",
                           "choose a larger bag with a diluent, or the drawn volume without one"))  # fmt: skip
    return found


def _weight_faults(age_h: float, oldest_h: float) -> list[Fault]:
    if 0 <= age_h <= oldest_h:
        return []
    says = f"weight: was measured {age_h:.0f} h ago; at most {oldest_h:g} h are allowed"
    return [Fault("weight", says, "weigh again and sign a new order")]


def _cap_faults(
    weight_kg: Decimal, per_kg: Decimal, dose: Decimal, mg_per_h: Decimal, minutes: Decimal, given: Decimal, caps: Caps
) -> list[Fault]:
    held = (
        ("dose per weight", per_kg, caps.per_kg, "mg/kg"),
        ("dose per weight and hour", mg_per_h / weight_kg, caps.per_kg_per_hour, "mg/kg/h"),
        ("dose per hour", mg_per_h, caps.per_hour, "mg/h"),
        ("dose of the session", dose, caps.per_session, "mg"),
        ("dose of the day", dose + given, caps.per_day, "mg"),
    )
    highest = caps.highest_mg_per_kg(weight_kg, minutes, given)
    way_out = f"cannot be signed without changing the dose or a signed protocol version; no cap refuses {highest} mg/kg or less"
    return [
        Fault("cap", f"{name} = {value.quantize(THOUSANDTH).normalize():f} {unit}: is above the cap of {cap:f} {unit}", way_out)
        for name, value, cap, unit in held
        if cap is not None and value > cap
    ]  # fmt: skip


def _duration_faults(minutes: Decimal, standing: DurationStanding, lines: DurationLines) -> list[Fault]:
    if not standing.needs_reason:
        return []
    says = f"duration = {minutes:f} min: {standing.value} (studied: {lines.studied_min:f} min)"
    return [Fault("duration", says, "change the duration, or sign with a reason", absolute=False)]
