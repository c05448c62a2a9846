"""The portal room as a Django app."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The portal room."""

    name = "openketamine.clinic.portal"
    label = "portal"
