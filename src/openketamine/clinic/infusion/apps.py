"""The infusion room as a Django app."""

from django.apps import AppConfig


class InfusionConfig(AppConfig):
    """The infusion room."""

    name = "openketamine.clinic.infusion"
    label = "infusion"
