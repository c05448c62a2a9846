"""The pharmacology room as a Django app."""

from django.apps import AppConfig


class PharmacologyConfig(AppConfig):
    """The pharmacology room."""

    name = "openketamine.clinic.pharmacology"
    label = "pharmacology"
