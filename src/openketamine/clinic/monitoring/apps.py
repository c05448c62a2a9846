"""The monitoring room as a Django app."""

from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    """The monitoring room."""

    name = "openketamine.clinic.monitoring"
    label = "monitoring"
