"""The clinic itself, its staff and their roles, its patients, and what later rooms have found about them."""

import secrets
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly


class Role(models.TextChoices):
    """What somebody may do here."""

    PRESCRIBER = "prescriber", _("Prescriber")
    NURSE = "nurse", _("Nurse")
    FRONT_DESK = "front_desk", _("Front desk")
    PHARMACIST = "pharmacist", _("Pharmacist")
    OWNER = "owner", _("Owner")


class Clinic(models.Model):
    """The one row that says what this database is. `is_demo` is written at creation and never changes."""

    name = models.CharField(_("name"), max_length=120)
    is_demo = models.BooleanField(_("demo"))
    time_zone = models.CharField(_("time zone"), max_length=60, default="UTC")
    phone = models.CharField(_("contact number"), max_length=40, blank=True, default="")
    raw_message_days = models.PositiveSmallIntegerField(_("days for which raw device messages are kept"), null=True)
    device_stream = models.BooleanField(_("live device stream"), default=False)
    session_alarms = models.BooleanField(_("session alarms"), default=False)
    individual_prediction = models.BooleanField(_("individual prediction"), default=False)
    clock_origin = models.DateTimeField(_("clock origin"), null=True)
    clock_wall = models.DateTimeField(_("wall time at origin"), null=True)
    clock_rate = models.FloatField(_("clock rate"), default=1.0)
    demo_rate = models.FloatField(_("clock rate chosen for the demo"), default=1.0)
    show_wall = models.DateTimeField(_("wall time at which the demo's two minutes began"), null=True)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a demo never becomes a real clinic, nor the reverse."""
        if self.pk and Clinic.objects.filter(pk=self.pk).exclude(is_demo=self.is_demo).exists():
            raise ValueError("a demo clinic never becomes a real one, nor the reverse: create another database")
        super().save(*args, **kwargs)

    @property
    def phone_address(self) -> str:
        """The contact number as the address of a link: `tel:` with digits alone, a plus kept (RFC 3966)."""
        return "tel:" + "".join(sign for sign in self.phone if sign.isdecimal() or sign == "+")

    @property
    def charts(self) -> frozenset[str]:
        """MSH-11 processing ids that this clinic charts (HL7 table 0103)."""
        return frozenset({"P", "T"} if self.is_demo else {"P"})


class Switch(models.TextChoices):
    """What a new clinic has off until its medical director signs for it; the value is the column of the clinic."""

    DEVICE_STREAM = "device_stream", _("live device stream")
    SESSION_ALARMS = "session_alarms", _("session alarms")
    INDIVIDUAL_PREDICTION = "individual_prediction", _("individual prediction")


class SwitchSigned(AppendOnly):
    """A switch was turned by the owner and signed by the medical director."""

    switch = models.CharField(_("switch"), max_length=30, choices=Switch.choices)
    on = models.BooleanField(_("on"))
    reason = models.CharField(_("reason"), max_length=300)
    signed_by = models.CharField(_("medical director"), max_length=100)
    by = models.CharField(_("by"), max_length=100)
    at = models.DateTimeField(_("at"))

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.switch} {'on' if self.on else 'off'}"


class Staff(AbstractUser):
    """Somebody who works here and signs in by name."""

    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.FRONT_DESK)
    display_name = models.CharField(_("name"), max_length=100)

    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    def __str__(self) -> str:
        return self.display_name or self.username


class Sex(models.TextChoices):
    """Administrative sex, never a number."""

    FEMALE = "female", _("Female")
    MALE = "male", _("Male")
    UNKNOWN = "unknown", _("Not recorded")


def new_reference() -> str:
    """Return a patient's reference: random, so that it tells nothing and cannot be counted."""
    return secrets.token_hex(5)


class Patient(models.Model):
    """A person in care. Identity can be corrected (each change is audited); clinical facts are rows of their own."""

    reference = models.CharField(max_length=10, unique=True, default=new_reference, editable=False)
    given_name = models.CharField(_("given name"), max_length=80)
    family_name = models.CharField(_("family name"), max_length=80)
    born_on = models.DateField(_("born on"))
    sex = models.CharField(_("sex"), max_length=10, choices=Sex.choices, default=Sex.UNKNOWN)
    identifier = models.CharField(_("identifier"), max_length=60, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    allergies = models.CharField(_("allergies"), max_length=200, blank=True)
    referred_at = models.DateTimeField(_("referred at"))
    referred_for = models.CharField(_("referred for"), max_length=200)
    source = models.CharField(_("source"), max_length=120, default="typed")

    class Meta:
        ordering = ("family_name", "given_name")

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"


class Finding(AppendOnly):
    """What a later room has learned and an earlier one must know: code, room, evidence. Never edited; closing is a row."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="findings")
    code = models.CharField(_("code"), max_length=60)
    room = models.CharField(_("room"), max_length=20)
    says = models.CharField(_("finding"), max_length=300)
    evidence = models.JSONField(_("evidence"), default=dict)
    holds_infusion = models.BooleanField(_("holds the next infusion"), default=False)
    opened_at = models.DateTimeField(_("opened at"))
    opened_by = models.CharField(_("opened by"), max_length=100)

    class Meta:
        ordering = ("pk",)


class FindingClosed(AppendOnly):
    """A clinician's resolution of a finding, with the reason."""

    finding = models.OneToOneField(Finding, on_delete=models.PROTECT, related_name="closed")
    reason = models.CharField(_("reason"), max_length=300)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)


class PatientIdentifier(AppendOnly):
    """A number by which another system knows a patient; system and value together name one person."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="identifiers")
    system = models.CharField(_("system"), max_length=200)
    value = models.CharField(_("value"), max_length=200)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["system", "value"], name="one_person_per_identifier"),)

    def __str__(self) -> str:
        return f"{self.system}|{self.value}"


class HistoryKind(models.TextChoices):
    """What another record says something about."""

    CONDITION = "condition", _("Condition")
    MEDICATION = "medication", _("Medication")
    ALLERGY = "allergy", _("Allergy")
    OBSERVATION = "observation", _("Observation")


class HistoryItem(AppendOnly):
    """One thing that another record says of a patient, in its own words; `key` is that record's name for it.

    Nobody here has checked it. A value stays text as it was written, and `since` keeps a date as exact or as vague as it came.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="history")
    kind = models.CharField(_("kind"), max_length=12, choices=HistoryKind.choices)
    key = models.CharField(_("key"), max_length=300)
    digest = models.CharField(_("SHA-256 of what it says"), max_length=64)
    system = models.CharField(_("code system"), max_length=200, blank=True)
    code = models.CharField(_("code"), max_length=60, blank=True)
    words = models.CharField(_("words"), max_length=300)
    status = models.CharField(_("status"), max_length=60, blank=True)
    value = models.CharField(_("value"), max_length=300, blank=True)
    unit = models.CharField(_("unit (UCUM)"), max_length=40, blank=True)
    since = models.CharField(_("since or at"), max_length=40, blank=True)
    until = models.CharField(_("until"), max_length=40, blank=True)
    source = models.CharField(_("source"), max_length=20, default="imported")
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")

    class Meta:
        ordering = ("kind", "-since", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["patient", "key"], condition=models.Q(replaces=None), name="one_first_row_per_history_key"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"


class SignInFailure(models.Model):
    """A sign-in that failed, by the SHA-256 of the name tried and of the address it came from. Swept when it no longer counts."""

    name_hash = models.CharField(max_length=64, db_index=True)
    address_hash = models.CharField(max_length=64, db_index=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"failure at {self.at:%H:%M}"
