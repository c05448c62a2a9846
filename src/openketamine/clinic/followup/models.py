"""The day after: a link to the patient's phone, used once."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.people.models import Patient
from openketamine.clinic.plan.models import Course


def new_token() -> str:
    """Return a link's secret."""
    return secrets.token_urlsafe(24)


class CheckIn(AppendOnly):
    """A check-in asked for after an infusion: its link, and until when it can be used (wall time)."""

    infusion = models.ForeignKey(Infusion, on_delete=models.PROTECT, related_name="check_ins")
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    instrument = models.CharField(_("questionnaire"), max_length=40)
    due_at = models.DateTimeField(_("due at"))
    expires_at = models.DateTimeField(_("link ends at"))
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["infusion", "instrument"], name="one_check_in_per_infusion"),)


class CheckInAnswered(AppendOnly):
    """A check-in was answered."""

    check_in = models.OneToOneField(CheckIn, on_delete=models.PROTECT, related_name="answered")
    answers = models.OneToOneField(Answers, on_delete=models.PROTECT)


class CallForHelp(AppendOnly):
    """The person on the chair asked for somebody by phone."""

    infusion = models.ForeignKey(Infusion, on_delete=models.PROTECT, related_name="calls")
    at = models.DateTimeField(_("at"))


class ChairLink(AppendOnly):
    """The link on the phone of the person who sits on the chair; it ends with the session."""

    infusion = models.OneToOneField(Infusion, on_delete=models.PROTECT, related_name="link")
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    made_at = models.DateTimeField(_("made at"))


class Decided(models.TextChoices):
    """What a clinician decides at a checkpoint. The program never does."""

    GO_ON = "go_on", _("Clinician decided: go on as planned")
    OTHER_DOSE = "other_dose", _("Clinician decided: go on with another dose")
    REVIEW = "review", _("Clinician decided: review before the next infusion")
    TAPER = "taper", _("Clinician decided: longer intervals")
    END = "end", _("Clinician decided: end the series")


class CheckpointDecision(AppendOnly):
    """A clinician looked at one checkpoint of a course, with what was found at that moment, and decided."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="checkpoint_decisions")
    checkpoint = models.CharField(_("checkpoint"), max_length=40)
    found = models.CharField(_("found"), max_length=300)
    decided = models.CharField(_("decided"), max_length=20, choices=Decided.choices)
    reason = models.CharField(_("reason"), max_length=300)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)


class MaintenanceReview(AppendOnly):
    """A clinician justified anew why infusions go on."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="maintenance_reviews")
    reason = models.CharField(_("why infusions go on"), max_length=300)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)


class LetterKind(models.TextChoices):
    """When a letter to the referrer is due."""

    AFTER_FIRST = "after_first", _("after the first infusion")
    END_OF_COURSE = "end_of_course", _("at the end of the course")
    STOPPING = "stopping", _("at stopping")


class Way(models.TextChoices):
    """How a letter left the clinic."""

    POST = "post", _("by post")
    FAX = "fax", _("by fax")
    SECURE_MAIL = "secure_mail", _("by secure mail")
    HAND = "hand", _("handed over")
    PRINTED = "printed", _("printed for the file")


class Letter(AppendOnly):
    """A letter to the referrer as it was signed: the values it printed, and their SHA-256."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="letters")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(_("kind"), max_length=20, choices=LetterKind.choices)
    addressed_to = models.CharField(_("to"), max_length=200)
    record = models.JSONField(_("record"))
    digest = models.CharField(_("SHA-256 of the record"), max_length=64)
    at = models.DateTimeField(_("signed at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("-pk",)


class LetterSent(AppendOnly):
    """A signed letter left the clinic, or was printed: how, on which day, who says so."""

    letter = models.ForeignKey(Letter, on_delete=models.PROTECT, related_name="sent")
    how = models.CharField(_("how"), max_length=12, choices=Way.choices)
    on = models.DateField(_("on"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)
