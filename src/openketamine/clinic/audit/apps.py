"""The audit room as a Django app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    """The audit room: installs the append-only triggers after every migration."""

    name = "openketamine.clinic.audit"
    label = "audit"

    def ready(self) -> None:
        """Connect the triggers to the end of `migrate`."""
        from openketamine.clinic.audit import triggers

        post_migrate.connect(triggers.install, dispatch_uid="audit.triggers")
