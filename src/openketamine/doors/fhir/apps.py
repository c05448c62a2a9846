"""The FHIR door as a Django app."""

from django.apps import AppConfig


class FhirConfig(AppConfig):
    """The FHIR door: keeps the bundles it received."""

    name = "openketamine.doors.fhir"
    label = "fhir"
