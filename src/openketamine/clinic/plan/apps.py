"""The plan room as a Django app."""

from django.apps import AppConfig


class PlanConfig(AppConfig):
    """The plan room."""

    name = "openketamine.clinic.plan"
    label = "plan"
