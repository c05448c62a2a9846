"""Facts about a person and the clinician's signed decision on them."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.people.models import Finding, Patient


def new_token() -> str:
    """Return a link's secret."""
    return secrets.token_urlsafe(24)


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
    down. The row observed last counts, of one day the one written last. A number that people write in several units keeps what was
    typed and the unit that was chosen; `value` is the same in the unit of its question.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="facts")
    code = models.CharField(_("fact"), max_length=60)
    value = models.JSONField(_("value"), null=True)
    typed = models.CharField(_("as typed"), max_length=24, blank=True)
    typed_unit = models.CharField(_("unit as chosen (UCUM)"), max_length=20, blank=True)
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


class TreatmentRow(AppendOnly):
    """One treatment that was tried. A correction is a new row that names the old in `replaces`. Unknown dose and weeks stay empty."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="treatments")
    agent = models.CharField(_("treatment"), max_length=80)
    treatment_class = models.CharField(_("class"), max_length=30)
    mg_per_day = models.FloatField(_("highest dose, mg a day"), null=True)
    weeks = models.FloatField(_("weeks at that dose"), null=True)
    adherence = models.CharField(_("taken"), max_length=10)
    outcome = models.CharField(_("outcome"), max_length=15)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    source_detail = models.CharField(_("which"), max_length=200, blank=True)
    observed_on = models.DateField(_("told on"))
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)


class MinimumDose(AppendOnly):
    """The daily dose from which this clinic calls a trial of an agent adequate, and where the number comes from; the newest counts."""

    agent = models.CharField(_("treatment"), max_length=80)
    mg_per_day = models.FloatField(_("mg a day"))
    reference = models.CharField(_("source of the number"), max_length=200)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)


class ProtocolStanding(AppendOnly):
    """A clinic signs a protocol's text as its own, or switches an indication on or off; the newest row of a protocol counts.

    `own` says that the text was edited here and is not the one that ships; of rows that sign, the newest says which text is in force.
    """

    protocol = models.CharField(_("protocol"), max_length=60)
    sha256 = models.CharField(max_length=64)
    is_on = models.BooleanField(_("in use"))
    signed = models.BooleanField(_("signed as the clinic's own"))
    own = models.BooleanField(_("edited here"), default=False)
    changes = models.JSONField(_("changes"), default=list)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)


class Second(models.TextChoices):
    """How a second person stands behind a decision against an exclusion criterion."""

    NONE = "", _("not needed")
    ON_SITE = "on_site", _("second person on site")
    VIDEO = "video", _("second person by video")
    ALONE = "alone", _("alone, with review")


class OverridePolicy(AppendOnly):
    """What this clinic asks of a decision against an exclusion criterion; the newest row counts. Without one: a second person on site."""

    ways = models.JSONField(_("ways allowed"))
    review_days = models.PositiveSmallIntegerField(_("days until the review of a decision made alone"), null=True)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)


class Choice(models.TextChoices):
    """What a clinician decides. The program never does."""

    TREAT = "treat", _("Clinician decided: candidate for ketamine")
    NOT = "not", _("Clinician decided: no ketamine")
    LATER = "later", _("Clinician decided: not now, ask again")


class Examined(models.TextChoices):
    """What a clinic may set a validity for."""

    CONSENT = "consent", _("consent")
    ELECTROCARDIOGRAM = "ecg", _("electrocardiogram")
    LABORATORY = "laboratory", _("laboratory")
    DRUG_SCREEN = "drug_screen", _("urine drug screen")
    PREGNANCY = "pregnancy", _("pregnancy test")


class Validity(AppendOnly):
    """For how many days this clinic takes a consent or an examination as valid; null: not set any more. The newest of a kind counts."""

    kind = models.CharField(_("of what"), max_length=12, choices=Examined.choices)
    days = models.PositiveSmallIntegerField(_("days"), null=True)
    reason = models.CharField(_("why, or from which source"), max_length=300)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)


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
    overridden = models.JSONField(_("exclusion criteria overridden"), default=list)
    second_how = models.CharField(_("second person"), max_length=10, choices=Second.choices, blank=True)
    second = models.CharField(_("who"), max_length=100, blank=True)
    review_on = models.DateField(_("review by"), null=True)
    on = models.DateField(_("assessed on"), null=True)
    at = models.DateTimeField(_("signed at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("-pk",)


class Screen(AppendOnly):
    """A suicide screen and the step it leads to, judged by item and against the screen before."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="screens")
    answers = models.OneToOneField(Answers, on_delete=models.PROTECT, related_name="screen")
    step = models.CharField(_("step"), max_length=10)
    changed = models.JSONField(_("new or worse items"), default=list)
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("-at", "-pk")


class ScreenClosed(AppendOnly):
    """A clinician's answer to a screen: reviewed and plan unchanged, or an assessment documented on the same day."""

    screen = models.OneToOneField(Screen, on_delete=models.PROTECT, related_name="closed")
    assessment = models.TextField(_("assessment"), blank=True)
    may_start = models.BooleanField(_("an infusion may start"))
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)


class Release(AppendOnly):
    """The shared decision page as a clinician released it to a patient: its text, the consent text with it, and the patient's link."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="releases")
    protocol = models.CharField(_("protocol"), max_length=60)
    protocol_sha256 = models.CharField(max_length=64)
    leaflet_sha256 = models.CharField(max_length=64)
    page = models.JSONField(_("page"))
    cost = models.CharField(_("cost"), max_length=300, blank=True)
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    expires_at = models.DateTimeField(_("link ends at"))
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("-pk",)


class Consent(AppendOnly):
    """The patient's signature under one version of the consent text, on a tablet here or on a phone."""

    release = models.OneToOneField(Release, on_delete=models.PROTECT, related_name="consent")
    version = models.CharField(_("version"), max_length=20)
    name = models.CharField(_("name as written by the patient"), max_length=160)
    agreed = models.JSONField(_("points agreed to"))
    device = models.CharField(_("signed on"), max_length=10)
    witness = models.CharField(_("questions answered and capacity seen by"), max_length=100, blank=True)
    at = models.DateTimeField(_("at"))


class ConsentWithdrawn(AppendOnly):
    """The patient took the consent back, told by whom, in which words."""

    consent = models.OneToOneField(Consent, on_delete=models.PROTECT, related_name="withdrawn")
    words = models.CharField(_("words"), max_length=300, blank=True)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)
