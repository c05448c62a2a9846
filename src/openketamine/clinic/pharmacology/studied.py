"""What a screen that shows the model says of the people its paper studied, and of the person beside them."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from openketamine.clinic.pharmacology.models import SITES
from openketamine.clinic.pharmacology.prediction import MODEL
from openketamine.core.pharmacology.studied import STUDIED_IN, Outside, outside
from openketamine.core.pharmacology.substance import Person
from openketamine.evidence.pk_models import pk_model

WORDS = {"weight_kg": (gettext_lazy("weight"), "kg"), "age_years": (gettext_lazy("age"), gettext_lazy("years"))}


def beside(weight_kg: float | Decimal) -> str:
    """Return in words where a person of this weight lies outside what was studied, or that the range is not known here."""
    found = outside(pk_model(MODEL), Person(float(weight_kg)))
    return " ".join(_unknown(one.covariate) if one.studied is None else _warning(one) for one in found)


def ranges() -> list[str]:
    """Return for each measure of a person the range that the model's paper studied, or that it is not known here."""
    known = pk_model(MODEL).studied
    return [_known(name, *known[name]) if name in known else _unknown(name) for name in STUDIED_IN]


def site_in_words() -> str:
    """Return where the model's level is sampled: an arterial and a venous level are different numbers."""
    return str(dict(SITES)[pk_model(MODEL).sampling_site.value])


def _unknown(covariate: str) -> str:
    words = {"model": _(pk_model(MODEL).title), "what": WORDS[covariate][0]}
    return _("%(model)s: the paper's studied range of %(what)s is not known here.") % words


def _known(covariate: str, low: float, high: float) -> str:
    what, unit = WORDS[covariate]
    words = {"model": _(pk_model(MODEL).title), "what": what, "low": f"{low:g}", "high": f"{high:g}", "unit": unit}
    return _("%(model)s: studied in people of %(what)s %(low)s to %(high)s %(unit)s.") % words


def _warning(one: Outside) -> str:
    said = _known(one.covariate, *(one.studied or (0.0, 0.0)))
    return _("Outside what was studied: %(value)s. %(range)s") % {"value": f"{one.value:g}", "range": said}
