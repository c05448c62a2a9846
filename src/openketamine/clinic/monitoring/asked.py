"""What was asked of a watch before: which signals had to be there, from which values a rise counted, at which intervals checks were due.

What is asked now stands in the watch. A change is told to the alarms by its time, so that they and a replay of them agree.
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly

WHAT = ("required", "baseline", "due_every_s")


class AskedBefore(AppendOnly):
    """What was asked of a watch until an instant, since the row before or its start."""

    watch = models.ForeignKey("monitoring.Watch", on_delete=models.PROTECT, related_name="asked_before")
    required = models.JSONField(_("required signals"), default=list)
    baseline = models.JSONField(_("values before the start"), default=dict)
    due_every_s = models.JSONField(_("seconds between two checks of a signal"), null=True)
    at = models.DateTimeField(_("until"))

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"until {self.at:%H:%M:%S}"

    def plain(self) -> dict[str, Any]:
        """Return it as plain JSON, in seconds from the start of the watch."""
        until_s = (self.at - self.watch.started_at).total_seconds()
        return {
            "until_s": until_s,
            "required": self.required,
            "baseline": self.baseline,
            "due_s": self.due_every_s or {},
        }
