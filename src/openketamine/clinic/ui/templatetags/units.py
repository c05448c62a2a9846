"""Units on screens: UCUM codes in store, plain words where people read."""

from django import template
from django.utils.translation import gettext

from openketamine.core import quantity

register = template.Library()


@register.filter
def spoken(unit: str) -> str:
    """Return a UCUM code as people write it."""
    return gettext(words) if (words := quantity.spoken(unit)) else ""
