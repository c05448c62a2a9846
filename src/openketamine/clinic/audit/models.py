"""Who did what, when. Append-only, chained by SHA-256, without foreign keys so that the log outlives what it logs."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any, ClassVar, NoReturn

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _said
from django.utils.translation import gettext_lazy as _

LATE = timedelta(minutes=1)
"""What is written down later than this after it happened says when."""


class ImmutableError(TypeError):
    """A clinical row was about to be changed or deleted; a correction is a new row."""


class AppendOnlyQuerySet(models.QuerySet[Any]):
    """A query set that can add and read, never change."""

    def update(self, **_fields: Any) -> NoReturn:
        """Refuse: rows of this table are never edited."""
        raise ImmutableError(f"{self.model.__name__} rows are never edited; add a correcting row")

    def delete(self) -> NoReturn:
        """Refuse: rows of this table are never deleted."""
        raise ImmutableError(f"{self.model.__name__} rows are never deleted")


class AppendOnly(models.Model):
    """Base of clinical rows. Database triggers (`audit.triggers`) hold the same rule against raw SQL."""

    objects: ClassVar[Any] = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; raises ImmutableError when the row exists."""
        if not self._state.adding:
            raise ImmutableError(f"{type(self).__name__} {self.pk} is never edited; add a correcting row")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Refuse: clinical rows are never deleted."""
        raise ImmutableError(f"{type(self).__name__} {self.pk} is never deleted")


class MayBeLate(AppendOnly):
    """Base of rows that a tablet may have kept while the network was away: `at` is when it happened, `recorded_at` when it arrived.

    `recorded_at` is null where both are the same.
    """

    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)
    recorded_at = models.DateTimeField(_("recorded at"), null=True)

    class Meta:
        abstract = True

    @property
    def entered(self) -> datetime | None:
        """When it was written down, if that was more than a minute after it happened."""
        return self.recorded_at if self.recorded_at and self.recorded_at - self.at > LATE else None

    @property
    def who(self) -> str:
        """Who it was, and when it was entered if late."""
        if self.entered is None:
            return self.by
        return _said("%(by)s, entered %(at)s") % {"by": self.by, "at": f"{timezone.localtime(self.entered):%H:%M}"}


def arrived(at: datetime, now: datetime | None) -> datetime | None:
    """Return what `recorded_at` is of something that happened `at` and is written down `now` (None: at once)."""
    return now if now is not None and now > at else None


class Entry(AppendOnly):
    """One action: who, what, about which record, with which values, and the hash that chains it to the one before."""

    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)
    action = models.CharField(_("action"), max_length=60)
    patient = models.CharField(_("patient"), max_length=40, blank=True, db_index=True)
    record = models.CharField(_("record"), max_length=80, blank=True)
    detail = models.JSONField(_("detail"), default=dict)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.pk} {self.action}"

    def computed_digest(self) -> str:
        """Return the SHA-256 this row must carry."""
        body = [self.previous, self.at.isoformat(), self.by, self.action, self.patient, self.record, self.detail]
        return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class EvidenceText(AppendOnly):
    """The text of an evidence file as a signed row used it, named by its SHA-256."""

    sha256 = models.CharField(max_length=64, unique=True)
    kind = models.CharField(_("kind"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    text = models.TextField(_("text"))
    first_used_at = models.DateTimeField(_("first used at"))

    def __str__(self) -> str:
        return f"{self.kind}/{self.name} {self.sha256[:8]}"
