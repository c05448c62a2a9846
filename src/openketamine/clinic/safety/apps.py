"""The safety room as a Django app."""

from django.apps import AppConfig


class SafetyConfig(AppConfig):
    """The safety room."""

    name = "openketamine.clinic.safety"
    label = "safety"
