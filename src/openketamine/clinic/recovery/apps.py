"""The recovery room as a Django app."""

from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    """The recovery room."""

    name = "openketamine.clinic.recovery"
    label = "recovery"
