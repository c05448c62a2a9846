"""What a row or a view of readings says of one value."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly

SHIFTED = models.Q(said_at__isnull=False)
"""The condition on a row that it has a time of its device's clock, which is not ours."""


class Source(models.TextChoices):
    """Where a reading came from."""

    DEVICE = "device", _("device")
    TYPED = "typed", _("typed")


class OneValue(AppendOnly):
    """What is known of one value of one signal, or why there is none (`value` empty). UCUM units. `seq`/`obx` name the stored message.

    `said_at` is when it was observed by the clock of its device; empty where that is `observed_at`.
    """

    device = models.ForeignKey("monitoring.Device", on_delete=models.PROTECT, null=True)
    signal = models.CharField(_("signal"), max_length=30)
    value = models.FloatField(_("value"), null=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    text = models.CharField(_("words"), max_length=60, blank=True)
    reason = models.CharField(_("why not charted"), max_length=200, blank=True)
    observed_at = models.DateTimeField(_("observed at"))
    received_at = models.DateTimeField(_("received at"))
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    by = models.CharField(_("by"), max_length=100, blank=True)
    seq = models.BigIntegerField(null=True)
    obx = models.PositiveIntegerField(null=True)
    said_at = models.DateTimeField(_("observed at, by the device's clock"), null=True)

    class Meta:
        abstract = True
