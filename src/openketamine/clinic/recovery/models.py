"""The way home: criteria ticked by a nurse, the signature that locks the record."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly, MayBeLate
from openketamine.clinic.infusion.models import Infusion


class CriterionTick(MayBeLate):
    """A nurse looked at one criterion: met or not; or asked, and `answer` is what the person said. The last look counts."""

    infusion = models.ForeignKey(Infusion, on_delete=models.PROTECT, related_name="criterion_ticks")
    criterion = models.CharField(_("criterion"), max_length=40)
    met = models.BooleanField(_("met"))
    answer = models.CharField(_("answer"), max_length=20, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        ordering = ("pk",)


class Signature(AppendOnly):
    """A prescriber's or nurse's signature over the whole record of an infusion, which locks it. `at` is wall time."""

    infusion = models.OneToOneField(Infusion, on_delete=models.PROTECT, related_name="signature")
    record = models.JSONField(_("record"))
    digest = models.CharField(_("SHA-256 of the record"), max_length=64)
    public_key = models.CharField(_("public key"), max_length=64)
    signature = models.CharField(_("Ed25519 signature"), max_length=128)
    at = models.DateTimeField(_("signed at"))
    by = models.CharField(_("by"), max_length=100)


class Addendum(AppendOnly):
    """What is said afterwards of a record that is signed, or frozen after an incident. What was signed, its digest and signature stay.

    `event` names the event of the record that it puts right, if it puts one right. `at` is wall time.
    """

    infusion = models.ForeignKey(Infusion, on_delete=models.PROTECT, related_name="addenda")
    event = models.PositiveIntegerField(_("event of the record"), null=True)
    reason = models.CharField(_("reason"), max_length=200)
    text = models.CharField(_("addendum"), max_length=1000)
    signed_digest = models.CharField(_("SHA-256 of the record it adds to"), max_length=64)
    at = models.DateTimeField(_("written at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)
