"""Values of the laboratory held against the laboratory's own upper limits; what is not known stays not known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

NORMAL, RAISED, FAR_ABOVE = "normal", "raised", "above_three_times_the_limit"


@dataclass(frozen=True, slots=True)
class LaboratoryValue:
    """A value and the laboratory's upper limit of it, in one unit."""

    value: float
    upper_limit: float

    @property
    def times_the_limit(self) -> float:
        """How many times the upper limit the value is."""
        return self.value / self.upper_limit


def liver_standing(values: Mapping[str, LaboratoryValue], *, needed: Sequence[str], far_above: float) -> str | None:
    """Return whether liver tests are normal, raised, or more than `far_above` times the limit; None when too little is known.

    One value above its limit is enough to be raised; normal needs every one of `needed`.
    """
    highest = max((one.times_the_limit for one in values.values()), default=0.0)
    if highest > far_above:
        return FAR_ABOVE
    if highest > 1.0:
        return RAISED
    return NORMAL if all(code in values for code in needed) else None
