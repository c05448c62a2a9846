"""The audit room as a Django app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The audit room."""

    name = "openketamine.clinic.audit"
    label = "audit"
