"""Answers to questionnaires, with the score they gave and the text they were scored by."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly, MayBeLate
from openketamine.clinic.people.models import Patient


class Answers(MayBeLate):
    """One questionnaire answered once. `score` is null when an answer is missing: nothing is guessed."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="answers")
    instrument = models.CharField(_("questionnaire"), max_length=40)
    instrument_sha256 = models.CharField(max_length=64)
    answers = models.JSONField(_("answers"))
    score = models.FloatField(_("score"), null=True)
    band = models.CharField(_("band"), max_length=60, blank=True)
    flags = models.JSONField(_("flags"), default=list)

    class Meta:
        ordering = ("at", "pk")


class WordSource(models.TextChoices):
    """Where licensed words come from."""

    PACK = "pack", _("a published pack")
    LOCAL = "local", _("this clinic's own licence")


class LicensedWords(AppendOnly):
    """The words of a questionnaire whose licence does not let the program ship them; the newest row of an instrument counts."""

    instrument = models.CharField(_("questionnaire"), max_length=40)
    source = models.CharField(_("source"), max_length=10, choices=WordSource.choices)
    words = models.JSONField(_("words"))
    sha256 = models.CharField(max_length=64)
    licence = models.CharField(_("licence"), max_length=500)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("-pk",)
