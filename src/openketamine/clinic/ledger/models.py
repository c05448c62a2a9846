"""The drug book: vials received, milligrams drawn, given and wasted. Balances are computed, never stored."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly


class Vial(AppendOnly):
    """One vial received: lot, strength in mg/mL, content in mg of free base."""

    lot = models.CharField(_("lot"), max_length=40)
    strength_mg_per_ml = models.DecimalField(_("strength, mg/mL"), max_digits=6, decimal_places=2)
    content_mg = models.DecimalField(_("content, mg"), max_digits=8, decimal_places=2)
    expires_on = models.DateField(_("expires on"))
    received_at = models.DateTimeField(_("received at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("expires_on", "pk")

    def __str__(self) -> str:
        return f"{self.lot}: {self.content_mg} mg at {self.strength_mg_per_ml} mg/mL"


class Kind(models.TextChoices):
    """What happened to the drug."""

    DRAWN = "drawn", _("drawn")
    GIVEN = "given", _("given")
    WASTED = "wasted", _("wasted")


class Row(AppendOnly):
    """Milligrams of one session. `second` is who checked a draw or witnessed a waste; never the same person as `by`."""

    session = models.CharField(max_length=20, db_index=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    mg = models.DecimalField(_("milligrams"), max_digits=8, decimal_places=2)
    vial = models.ForeignKey(Vial, on_delete=models.PROTECT, null=True, related_name="rows")
    basis = models.CharField(_("basis"), max_length=200, blank=True)
    by = models.CharField(_("by"), max_length=100)
    second = models.CharField(_("second person"), max_length=100, blank=True)
    at = models.DateTimeField(_("at"))
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")

    class Meta:
        ordering = ("at", "pk")
