"""What somebody has to do: an owner, a due time, and the row that says it is done."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly
from openketamine.clinic.people.models import Patient, Role

LOST = "help lost "
"""How the key of a call begins that a person's own device can no longer make."""
SOUNDS = ("call ", "emergency ", "slower ", LOST)
"""How the keys of what calls somebody to a chair begin: it sounds, urgent or as a warning, until somebody has come."""
ESCALATED = ("second called ", "owner called ", "nurse called ")
"""How the keys of further people begin who are called to what nobody has answered, which itself goes on sounding; the last is an older form."""
CALLS = (*SOUNDS, *ESCALATED)


class Task(AppendOnly):
    """One thing to do. `key` names what it is about, so that a sweep opens it once however often it runs."""

    key = models.CharField(max_length=120, unique=True)
    says = models.CharField(_("to do"), max_length=300)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, null=True, related_name="tasks")
    owner = models.CharField(_("owner"), max_length=20, choices=Role.choices)
    urgent = models.BooleanField(_("urgent"), default=False)
    due_at = models.DateTimeField(_("due at"))
    opened_at = models.DateTimeField(_("opened at"))

    class Meta:
        ordering = ("due_at", "pk")

    def __str__(self) -> str:
        return self.says

    @property
    def sounds(self) -> bool:
        """Whether it sounds while it is open."""
        return self.key.startswith(SOUNDS)


class TaskDone(AppendOnly):
    """A task was done, by whom and with which words."""

    task = models.OneToOneField(Task, on_delete=models.PROTECT, related_name="done")
    note = models.CharField(_("note"), max_length=300, blank=True)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)
