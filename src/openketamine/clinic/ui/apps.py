"""The ui room as a Django app."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """The ui room."""

    name = "openketamine.clinic.ui"
    label = "ui"
