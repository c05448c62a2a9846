"""Whether a person lies outside what a model's paper studied. Said wherever the model is shown; never a reason to refuse."""

from dataclasses import dataclass

from openketamine.core.pharmacology.model import PkModel
from openketamine.core.pharmacology.substance import Person

STUDIED_IN = {"weight_kg": "kg", "age_years": "years"}
"""What papers tell of their people as a range, and in which unit."""


@dataclass(frozen=True, slots=True)
class Outside:
    """One covariate of a person beside the range that a model's paper studied; `studied` None: the range is not known here."""

    model: str
    covariate: str
    value: float
    studied: tuple[float, float] | None

    @property
    def warns(self) -> bool:
        """Whether the person is known to lie outside; else it is a note that nobody here knows."""
        return self.studied is not None

    @property
    def words(self) -> tuple[str, str]:
        """The covariate and its unit as words."""
        return self.covariate.partition("_")[0], STUDIED_IN[self.covariate]

    @property
    def says(self) -> str:
        """One sentence with the range, or that it is not known."""
        name, unit = self.words
        if self.studied is None:
            return f"model {self.model}: the paper's studied range of {name} is not known here"
        low, high = self.studied
        return f"model {self.model} was studied in people of {low:g} to {high:g} {unit}; {name} here {self.value:g}"


def outside(model: PkModel, person: Person) -> tuple[Outside, ...]:
    """Return each known covariate of a person that lies outside what the paper studied, or of which that is not known."""
    known = {name: value for name, value in person.measures().items() if name in STUDIED_IN}
    found = [Outside(model.id, name, value, model.studied.get(name)) for name, value in known.items()]
    return tuple(one for one in found if one.studied is None or not one.studied[0] <= one.value <= one.studied[1])
