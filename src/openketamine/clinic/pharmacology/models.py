"""What an infusion taught about a person, one compact row at signing, the prior of the next infusion; and levels a laboratory measured."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly
from openketamine.clinic.people.models import Patient
from openketamine.core.pharmacology.substance import SamplingSite


class LearnedEnsemble(AppendOnly):
    """How the coordinates in which people differ are distributed, after one signed session. The live ensemble is never stored.

    Mean, covariance, and the shape along the most skewed direction (`core.pharmacology.distribution`); a row of an earlier version
    has no places and is a plain normal. What is found out after signing (a level from a laboratory) appends another row for the
    session, and one for each later session; the newest row of a session counts.

    `evidence` names the texts that were used, by SHA-256; a row learned under other texts is no prior. The record of the session,
    the seed and the row before this one are all that is needed to compute it again.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="learned")
    session = models.CharField(_("session"), max_length=10, db_index=True)
    model = models.CharField(_("model"), max_length=60)
    evidence_sha256 = models.CharField(max_length=64)
    evidence = models.JSONField(_("evidence"))
    names = models.JSONField(_("coordinates"))
    mean = models.JSONField(_("mean"))
    covariance = models.JSONField(_("covariance"))
    along = models.JSONField(_("most skewed direction"), default=list, blank=True)
    places = models.JSONField(_("places along it"), default=list, blank=True)
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


LEAST_NG_PER_ML = 0.01
SITES = ((SamplingSite.ARTERIAL.value, _("arterial")), (SamplingSite.VENOUS.value, _("venous")))


class MeasuredLevel(AppendOnly):
    """One measured plasma level of ketamine (both enantiomers together), with its site. `corrects` names the row it replaces."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="levels")
    session = models.CharField(_("session"), max_length=10, db_index=True)
    taken_at = models.DateTimeField(_("taken at"))
    value_ng_per_ml = models.FloatField(_("level, ng/mL"), validators=[MinValueValidator(LEAST_NG_PER_ML)])
    site = models.CharField(_("drawn from"), max_length=10, choices=SITES)
    corrects = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="corrected_by")
    says = models.CharField(_("what was wrong"), max_length=200, blank=True)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("taken_at", "pk")

    def __str__(self) -> str:
        return f"{self.value_ng_per_ml:g} ng/mL {self.site}"
