"""What the clinic itself has set about alarms: where they sound, who heard the tone, its own rules."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly


class Place(models.TextChoices):
    """Where a sound plays."""

    STATION = "station", _("the nurses' station")
    HANDHELD = "handheld", _("a handheld")
    CHAIR = "chair", _("the chair")


class SoundPlaces(AppendOnly):
    """Where alarms sound; the last row counts."""

    places = models.JSONField(_("places"), default=list)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    def __str__(self) -> str:
        return ", ".join(self.places)


class ToneHeard(AppendOnly):
    """Somebody heard the test tone at a place."""

    place = models.CharField(_("place"), max_length=10, choices=Place.choices)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    def __str__(self) -> str:
        return f"{self.place} by {self.by}"


class ClinicLimits(AppendOnly):
    """This clinic's own alarm rules: the text by its SHA-256, the numbers it sets, what that changed, who signed. The newest counts."""

    sha256 = models.CharField(max_length=64)
    based_on_sha256 = models.CharField(max_length=64)
    numbers = models.JSONField(_("numbers"), default=dict)
    settings = models.JSONField(_("numbers set otherwise than they ship"), default=dict)
    changes = models.JSONField(_("what changed, old and new"), default=list)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    at = models.DateTimeField(_("signed at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"limits {self.sha256[:8]}"
