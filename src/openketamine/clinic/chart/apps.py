"""The chart room as a Django app."""

from django.apps import AppConfig


class ChartConfig(AppConfig):
    """The chart room."""

    name = "openketamine.clinic.chart"
    label = "chart"
