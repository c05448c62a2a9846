"""The device in the hand of the person on the chair: when it was last heard, and what was pressed."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly
from openketamine.clinic.infusion.models import Infusion


class HelpControl(models.Model):
    """When the patient's page was last heard (wall time). One row for a session; it only ever moves on."""

    infusion = models.OneToOneField(Infusion, on_delete=models.PROTECT, related_name="help_control")
    seen_at = models.DateTimeField(_("last heard"))

    def __str__(self) -> str:
        return f"help control of {self.infusion}"


class Press(AppendOnly):
    """One press on the patient's page. `key` is made by the page, so that a press sent twice counts once."""

    infusion = models.ForeignKey(Infusion, on_delete=models.PROTECT, related_name="presses")
    asks = models.CharField(_("asks for"), max_length=10)
    key = models.CharField(max_length=40, unique=True)
    trial = models.BooleanField(_("tried out before the start"), default=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        ordering = ("pk",)
