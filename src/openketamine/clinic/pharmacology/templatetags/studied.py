"""`{% studied weight_kg %}`: a person beside the people that the model's paper studied; `{% site %}`: where its level is sampled."""

from decimal import Decimal

from django import template

from openketamine.clinic.pharmacology.studied import beside, site_in_words

register = template.Library()


@register.simple_tag
def studied(weight_kg: float | Decimal) -> str:
    """Return the sentence; empty where the person lies inside what was studied."""
    return beside(weight_kg)


@register.simple_tag
def site() -> str:
    """Return where the predicted level would be sampled: arterial."""
    return site_in_words()
