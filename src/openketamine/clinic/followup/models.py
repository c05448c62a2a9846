"""The day after: a link to the patient's phone, used once."""

import secrets

from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.instruments.models import Answers


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
