"""The way in of a notebook: disposition models, links, effects and persons by id."""

from openketamine.evidence.effects import effect, haemodynamics, scatter
from openketamine.evidence.load import cited
from openketamine.evidence.pk_models import pk_link, pk_model

__all__ = ["cited", "effect", "haemodynamics", "pk_link", "pk_model", "scatter"]
