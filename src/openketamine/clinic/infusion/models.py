"""One infusion of one person: its checklist answers, its events, its balance. Events are append-only and numbered."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _say
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import LATE, AppendOnly, ImmutableError, MayBeLate
from openketamine.clinic.infusion import names
from openketamine.clinic.monitoring.models import Chair, Watch
from openketamine.clinic.people.models import Patient
from openketamine.clinic.plan.models import Order
from openketamine.core.infusion.events import Kind

AMOUNTS = (("rate_ml_per_h", "mL/h"), ("delivered_ml", "mL"), ("volume_ml", "mL"))
"""What a step may say in numbers, each with its unit."""


def new_reference() -> str:
    """Return an infusion's reference: random, so that it tells nothing."""
    return secrets.token_hex(5)


class Infusion(models.Model):
    """One person, one order, one chair. `closed_at` is set when the person leaves or the session is cancelled; `nurse` opened it.

    `left_out` names the signals that the protocol requires and that are neither watched by a device here nor taken by hand, each with the reason.
    `moved_to` is the session that stands instead of one that was recorded for the wrong person or on the wrong chair.
    `seen_until` is set on one that is looked at as it stood at an earlier instant (`past`); nobody can save that one.
    """

    seen_until: datetime | None = None

    reference = models.CharField(max_length=10, unique=True, default=new_reference, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="infusions")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="infusions")
    watch = models.OneToOneField(Watch, on_delete=models.PROTECT, related_name="infusion")
    nurse = models.CharField(_("nurse"), max_length=100)
    opened_at = models.DateTimeField(_("opened at"))
    closed_at = models.DateTimeField(_("closed at"), null=True)
    left_out = models.JSONField(_("required signals left out, with the reason"), default=dict)
    moved_to = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="moved_from")

    class Meta:
        ordering = ("-opened_at",)
        constraints = (
            models.UniqueConstraint(
                fields=["patient"], condition=models.Q(closed_at=None), name="one_open_session_per_person"
            ),
        )

    def __str__(self) -> str:
        return f"infusion {self.reference}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; raises ImmutableError for a session that is looked at as it stood earlier."""
        if self.seen_until is not None:
            raise ImmutableError(
                f"{self} is seen as it stood at {self.seen_until}: look at it, write to the one of now"
            )
        super().save(*args, **kwargs)

    def known(self, rows: Any, written: str) -> Any:
        """Leave out the rows that had not been `written` (a field's name) at the instant at which this session is looked at."""
        if self.seen_until is None:
            return rows
        rows = rows.filter(**{f"{written}__lte": self.seen_until})
        return rows.exclude(recorded_at__gt=self.seen_until) if issubclass(rows.model, MayBeLate) else rows


class GateAnswer(MayBeLate):
    """One answer of the check before the start: yes, no or not known; what was said, and the reason to go on. The last one counts."""

    infusion = models.ForeignKey(Infusion, on_delete=models.PROTECT, related_name="gate_answers")
    item = models.CharField(_("item"), max_length=60)
    answer = models.CharField(_("answer"), max_length=10)
    said = models.CharField(_("what was said or measured"), max_length=200, blank=True)
    note = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        ordering = ("pk",)


class Touch(models.TextChoices):
    """Whether the person wishes to be touched while the drug works; blank: nobody has asked."""

    YES = "yes", _("yes")
    HAND = "hand", _("hand or shoulder only")
    ASK = "ask", _("ask each time")
    NO = "no", _("no")


class Wishes(AppendOnly):
    """What the person wishes for this session, and what helped in it. Each row says what it knows; the last word of each counts."""

    infusion = models.ForeignKey(Infusion, on_delete=models.PROTECT, related_name="wishes")
    touch = models.CharField(_("touch"), max_length=10, choices=Touch.choices, blank=True)
    preferences = models.CharField(_("preferences"), max_length=200, blank=True)
    helped = models.CharField(_("what helped"), max_length=200, blank=True)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)


class Sedates(models.TextChoices):
    """Whether a drug sedates, as somebody said whose name for it is not known here; blank: not asked."""

    YES = "yes", _("yes")
    NO = "no", _("no")


class InfusionEvent(AppendOnly):
    """One recorded step. `voids` names an event that this one corrects, `reason` says why; the corrected one stays in the record.

    `although` holds what stood against a step and was let be: each `reason`, in the words of a prescriber where one decided, and what was `open`.
    """

    infusion = models.ForeignKey(Infusion, on_delete=models.PROTECT, related_name="events")
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=20)
    at = models.DateTimeField(_("at"))
    rate_ml_per_h = models.FloatField(_("rate, mL/h"), null=True)
    delivered_ml = models.FloatField(_("delivered, mL"), null=True)
    says = models.CharField(_("words"), max_length=300, blank=True)
    dose = models.CharField(_("dose"), max_length=60, blank=True)
    volume_ml = models.FloatField(_("volume, mL"), null=True)
    fluid = models.CharField(_("fluid"), max_length=10, blank=True)
    although = models.JSONField(_("although"), default=list)
    sedates = models.CharField(_("sedates"), max_length=3, choices=Sedates.choices, blank=True, default="")
    reason = models.CharField(_("why it was put right"), max_length=300, blank=True, default="")
    recorded_at = models.DateTimeField(_("recorded at"))
    by = models.CharField(_("by"), max_length=100)
    voids = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="voided_by")

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["infusion", "number"], name="one_row_per_event_number"),)

    @property
    def entered(self) -> datetime | None:
        """When it was written down, if that was more than a minute after it happened."""
        return self.recorded_at if self.recorded_at - self.at > LATE else None

    @property
    def although_said(self) -> str:
        """The reasons for what was done although something stood against it, each before what that was; nothing is cut."""
        told = _say("%(reason)s (although open: %(open)s)")
        return "; ".join(told % {"reason": one["reason"], "open": "; ".join(one["open"])} for one in self.although)

    @property
    def replaced(self) -> str:
        """What a correction has replaced: each value as it stood before, and as it stands now; empty for what corrects none or took a step out."""
        return self.replaced_with(names.moment)

    def replaced_with(self, moment: Callable[[datetime, datetime], str]) -> str:
        """Return what a correction has replaced, with times as `moment` writes one that stands beside another."""
        old = self.voids
        if old is None or self.kind != old.kind:
            return ""
        both = [(moment(old.at, self.at), moment(self.at, old.at)), *zip(_values(old), _values(self), strict=True)]
        return ", ".join(f"{_bare(before, now) or '—'} → {now}" for before, now in both if now and before != now)

    @property
    def put_right(self) -> str:
        """Which event this one corrects, what stood there and what stands now, and why; empty for what corrects none."""
        if self.voids is None:
            return ""
        told = _say("corrects %(number)s") % {"number": self.voids.number}
        told += f" ({self.replaced})" if self.replaced else ""
        return f"{told}, {self.reason}" if self.reason else told

    @property
    def kind_said(self) -> str:
        """What was recorded, in words."""
        return names.kind(self.kind)


def _bare(before: str, now: str) -> str:
    """Return an amount without the unit that stands behind what replaces it."""
    same = (f" {unit}" for _name, unit in AMOUNTS if before.endswith(f" {unit}") and now.endswith(f" {unit}"))
    return before.removesuffix(next(same, ""))


def _values(row: InfusionEvent) -> tuple[str, ...]:
    """Return what a step says beside its time, each in words; of a vein also where it is."""
    numbers = ((getattr(row, name), unit) for name, unit in AMOUNTS)
    said = ("" if value is None else f"{value:g} {unit}" for value, unit in numbers)
    return (*said, row.fluid, row.dose, row.says if row.kind == Kind.SITE.value else "")


class Incident(AppendOnly):
    """A session was frozen after an incident: who, why, its record as it stood then and the SHA-256 of that.

    Of one that was frozen before records were kept with it, `record` is null and only the SHA-256 is known.
    From then on nothing that is recorded in it is corrected, taken back or moved. While the person is still here, care goes on being
    recorded; once the session is closed there are addenda only.
    """

    infusion = models.OneToOneField(Infusion, on_delete=models.PROTECT, related_name="incident")
    reason = models.CharField(_("what happened"), max_length=300)
    digest = models.CharField(_("SHA-256 of the record as it stood"), max_length=64)
    record = models.JSONField(_("the record as it stood"), null=True)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    def __str__(self) -> str:
        return f"frozen at {self.at:%Y-%m-%d %H:%M}"


class ChairReadiness(AppendOnly):
    """Somebody went through what must stand at a chair on one day, and who is on site; the last row of the day counts."""

    chair = models.ForeignKey(Chair, on_delete=models.PROTECT, related_name="readiness")
    on = models.DateField(_("on"))
    present = models.JSONField(_("present"), default=list)
    observer = models.CharField(_("dedicated observer"), max_length=100, blank=True)
    clinician = models.CharField(_("clinician trained in advanced life support, on site"), max_length=100, blank=True)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)


class Submission(AppendOnly):
    """A form that was taken. Its key makes a second arrival of the same form (a lost answer, an offline queue) do nothing."""

    key = models.CharField(max_length=40, unique=True)
    infusion = models.ForeignKey(Infusion, on_delete=models.PROTECT, related_name="submissions")
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)
