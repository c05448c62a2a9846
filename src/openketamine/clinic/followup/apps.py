"""The followup room as a Django app."""

from django.apps import AppConfig


class FollowupConfig(AppConfig):
    """The followup room."""

    name = "openketamine.clinic.followup"
    label = "followup"
