"""The candidacy room as a Django app."""

from django.apps import AppConfig


class CandidacyConfig(AppConfig):
    """The candidacy room."""

    name = "openketamine.clinic.candidacy"
    label = "candidacy"
