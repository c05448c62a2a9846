"""The registry room as a Django app."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """The registry room."""

    name = "openketamine.clinic.registry"
    label = "registry"
