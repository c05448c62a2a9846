"""Facts about a person and the clinician's signed decision on them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly
from openketamine.clinic.people.models import Patient


class Source(models.TextChoices):
    """How somebody came to know a fact."""

    PERSON = "person", _("the person said so")
    RELATIVE = "relative", _("somebody close to the person said so")
    RECORD = "record", _("letter or record")
    MEASURED = "measured", _("measured or examined here")
    IMPORTED = "imported", _("imported from another system")


class FactRow(AppendOnly):
    """One answer to one question. `value` null means: asked, not known; no row at all means: not asked.

    `observed_on` is the day on which it was so (null in rows that were written before it was recorded); `at` is when it was written
    down. The row observed last counts, of one day the one written last.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="facts")
    code = models.CharField(_("fact"), max_length=60)
    value = models.JSONField(_("value"), null=True)
    source = models.CharField(_("source"), max_length=10, choices=Source.choices, blank=True)
    source_detail = models.CharField(_("which"), max_length=200, blank=True)
    observed_on = models.DateField(_("observed on"), null=True)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)


class Listed(models.TextChoices):
    """What is kept as a list."""

    CONDITION = "condition", _("condition")
    MEDICINE = "medicine", _("medicine")
    ALLERGY = "allergy", _("allergy")


class ListRow(AppendOnly):
    """One line of a list of conditions, medicines or allergies.

    `none_known` means: asked, and there is none. A list without any row was not asked. A line with `ended_on` is history.
    `code` is a code of `system` (a FHIR system URI) when the line was imported.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="listed")
    kind = models.CharField(_("list"), max_length=10, choices=Listed.choices)
    name = models.CharField(_("name"), max_length=200, blank=True)
    system = models.CharField(_("code system"), max_length=120, blank=True)
    code = models.CharField(_("code"), max_length=60, blank=True)
    detail = models.CharField(_("detail"), max_length=200, blank=True)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    none_known = models.BooleanField(_("none known"), default=False)
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    source_detail = models.CharField(_("which"), max_length=200, blank=True)
    observed_on = models.DateField(_("observed on"))
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("observed_on", "pk")


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
