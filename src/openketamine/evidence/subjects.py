"""A person as the project models them by default: disposition model, effects, scatter of readings, link to a vein."""

from functools import cache

from openketamine.core.pharmacology.subject import Subject
from openketamine.core.pharmacology.substance import Person, SamplingSite
from openketamine.evidence import effects
from openketamine.evidence.pk_models import pk_link, pk_model

FOLLOWED = ("haemodynamics_derived", "cadss_derived")
VENOUS_LINK = "derived_venous"


@cache
def subject(model_id: str, person: Person, followed: tuple[str, ...] = FOLLOWED) -> Subject:
    """Return a person under a model with the effects that are followed; raises EvidenceError for an unknown id."""
    model = pk_model(model_id)
    venous = None
    if model.sampling_site is not SamplingSite.VENOUS:
        link = pk_link(VENOUS_LINK)
        if model.id in link.applies_to:
            venous = (model.with_link(link), link.lags[0].name)
    return Subject(model, person, tuple(effects.effect(name) for name in followed), effects.scatter(), venous)
