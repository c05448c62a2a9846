"""The instruments room as a Django app."""

from django.apps import AppConfig


class InstrumentsConfig(AppConfig):
    """The instruments room."""

    name = "openketamine.clinic.instruments"
    label = "instruments"
