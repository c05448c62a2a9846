"""Facts about a person and the clinician's signed decision on them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly
from openketamine.clinic.people.models import Patient


class FactRow(AppendOnly):
    """One answer to one question; the newest of a code counts. `value` null means: asked, not known."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="facts")
    code = models.CharField(_("fact"), max_length=60)
    value = models.JSONField(_("value"), null=True)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)


class Choice(models.TextChoices):
    """What a clinician decides. The program never does."""

    TREAT = "treat", _("Clinician decided: candidate for ketamine")
    NOT = "not", _("Clinician decided: no ketamine")
    LATER = "later", _("Clinician decided: not now, ask again")


class Decision(AppendOnly):
    """A prescriber's signed decision, with the facts and the result of every rule as they stood."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="decisions")
    protocol = models.CharField(_("protocol"), max_length=60)
    protocol_sha256 = models.CharField(max_length=64)
    facts = models.JSONField(_("facts"))
    summary = models.CharField(_("criteria"), max_length=10)
    results = models.JSONField(_("results"))
    choice = models.CharField(_("decision"), max_length=10, choices=Choice.choices)
    reason = models.CharField(_("reason"), max_length=500)
    at = models.DateTimeField(_("signed at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("-pk",)
