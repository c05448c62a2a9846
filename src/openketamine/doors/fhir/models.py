"""The bundles that were received. One that nobody has taken in can be thrown away; one that was taken in stays."""

import gzip

from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.people.models import Patient


class ReceivedBundle(models.Model):
    """A file as it came, compressed, named by its SHA-256; `patient` is set once it was taken in."""

    sha256 = models.CharField(max_length=64, unique=True)
    packed = models.BinaryField(_("content"))
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="bundles")
    received_at = models.DateTimeField(_("received at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"bundle {self.sha256[:8]}"

    @property
    def content(self) -> bytes:
        """The file as it came."""
        return gzip.decompress(bytes(self.packed))
