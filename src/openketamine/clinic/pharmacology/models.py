"""What an infusion taught about a person: one compact row at signing, the prior of the next infusion."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly
from openketamine.clinic.people.models import Patient


class LearnedEnsemble(AppendOnly):
    """Mean and covariance of the coordinates in which people differ, after one signed session. The live ensemble is never stored.

    `evidence` names the texts that were used, by SHA-256; a row learned under other texts is no prior. The record of the session,
    the seed and the row before this one are all that is needed to compute it again.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="learned")
    session = models.CharField(_("session"), max_length=10, unique=True)
    model = models.CharField(_("model"), max_length=60)
    evidence_sha256 = models.CharField(max_length=64)
    evidence = models.JSONField(_("evidence"))
    names = models.JSONField(_("coordinates"))
    mean = models.JSONField(_("mean"))
    covariance = models.JSONField(_("covariance"))
    observations = models.PositiveIntegerField(_("observations"))
    effective_people = models.FloatField(_("effective people"))
    believed = models.FloatField(_("believed"))
    seed = models.BigIntegerField(_("seed"))
    before = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="after")
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"learned in {self.session}"
