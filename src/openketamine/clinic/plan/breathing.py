"""What the plan page says of breathing from what is known: a fast bolus, an opioid, a benzodiazepine. Information with its source."""

from dataclasses import dataclass

from openketamine.clinic.candidacy.actions import rows_of
from openketamine.clinic.candidacy.models import Listed, ListRow
from openketamine.clinic.people.models import Patient
from openketamine.clinic.plan.models import Order
from openketamine.core.citation import Citation
from openketamine.core.pharmacology.flags import Flag
from openketamine.core.pharmacology.infusion import Dose
from openketamine.evidence import effects

ASKED = "benzodiazepine_mg_per_day"
MINUTES_PER_HOUR = 60.0


@dataclass(frozen=True, slots=True)
class Flagged:
    """One flag: what it says, what raised it, where it comes from."""

    says: str
    because: str
    citation: Citation


def flagged(patient: Patient, order: Order | None) -> list[Flagged]:
    """Return what is flagged for a person; a medicine that is not on record raises nothing, and its absence says nothing."""
    because = _medicines(patient) | _bolus(order)
    words = effects.flag_words()
    return [Flagged(words[flag].says, because[flag], words[flag].citation) for flag in words if flag in because]


def _medicines(patient: Patient) -> dict[Flag, str]:
    rows = ListRow.objects.filter(patient=patient, kind=Listed.MEDICINE, ended_on=None, none_known=False)
    named = list(dict.fromkeys(f"{row.name} {row.detail}".strip() for row in rows))
    found = {flag: [name for name in named if words.raised_by(name)] for flag, words in effects.flag_words().items()}
    told = rows_of(patient).get(ASKED)
    if told is not None and isinstance(told.value, float | int) and told.value > 0:
        found[Flag.BENZODIAZEPINE_ON_BOARD].append(f"{told.value:g} mg/d (diazepam)")
    return {flag: ", ".join(names) for flag, names in found.items() if names}


def _bolus(order: Order | None) -> dict[Flag, str]:
    if order is None:
        return {}
    dose = Dose(0.0, float(order.dose_mg), float(order.duration_min) / MINUTES_PER_HOUR)
    told = f"{order.dose_mg} mg / {order.duration_min} min"
    return dict.fromkeys(effects.breathing().flags((dose,), float(order.weight_kg)), told)
