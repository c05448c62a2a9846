"""The scales on which somebody observes at the chair. Of those of sedation a session uses the one that its protocol names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from openketamine.clinic.infusion import names
from openketamine.core.monitoring.signal import SEDATION


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale on which somebody observes: its lowest and highest level."""

    signal: str
    label: Any
    high: int
    low: int = 0

    @property
    def levels(self) -> list[tuple[int, str]]:
        """Its levels in order, each as it is shown."""
        return [(one, names.level(one, signed=self.low < 0)) for one in range(self.low, self.high + 1)]


SCALES = (
    Scale("moaas", _("MOAA/S, 0-5"), 5),
    Scale("rass", _("RASS, -5 to +4"), 4, -5),
    Scale("distress", _("Distress, 0-10"), 10),
    Scale("nausea", _("Nausea, 0-3"), 3),
)
OBSERVED = (
    Scale("moaas", _("Awake (MOAA/S)"), 5),
    Scale("rass", _("Sedation (RASS)"), 4, -5),
    Scale("dissociation", _("Dissociation"), 10),
    Scale("distress", _("Distress"), 10),
    Scale("anxiety", _("Anxiety"), 10),
    Scale("nausea", _("Nausea"), 3),
    Scale("pain", _("Pain"), 10),
    Scale("cadss6", _("CADSS-6, total"), 24),
)


def used(scales: Sequence[Scale], sedation: str) -> tuple[Scale, ...]:
    """Return the scales of a session: of those of sedation only the one that its protocol uses."""
    return tuple(one for one in scales if one.signal == sedation or one.signal not in SEDATION)
