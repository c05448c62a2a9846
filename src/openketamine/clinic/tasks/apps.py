"""The tasks room as a Django app."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    """The tasks room."""

    name = "openketamine.clinic.tasks"
    label = "tasks"
