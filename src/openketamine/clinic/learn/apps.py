"""The learn room as a Django app."""

from django.apps import AppConfig


class LearnConfig(AppConfig):
    """The learn room."""

    name = "openketamine.clinic.learn"
    label = "learn"
