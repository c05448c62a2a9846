"""The course planned for one person, its days, the signed order of each infusion, and how the course ends."""

import secrets
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.people.models import Finding, Patient


def new_token() -> str:
    """Return a calendar feed's secret."""
    return secrets.token_urlsafe(24)


class ClinicRegimen(AppendOnly):
    """This clinic's own version of a regimen: the text by its SHA-256, what it changes, who signed it. The newest counts."""

    name = models.CharField(_("regimen"), max_length=60, db_index=True)
    sha256 = models.CharField(max_length=64)
    based_on_sha256 = models.CharField(max_length=64)
    changes = models.JSONField(_("changes"), default=list)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    at = models.DateTimeField(_("signed at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.name} {self.sha256[:8]}"


class Course(AppendOnly):
    """A planned course: regimen, number of infusions, dose per weight. Signed by a prescriber.

    `given_elsewhere` infusions were given before by somebody else and are known only as they were told.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="courses")
    regimen = models.CharField(_("regimen"), max_length=60)
    regimen_sha256 = models.CharField(max_length=64)
    infusions = models.PositiveSmallIntegerField(_("infusions"))
    per_week = models.PositiveSmallIntegerField(_("a week"))
    dose_mg_per_kg = models.DecimalField(_("dose, mg/kg"), max_digits=4, decimal_places=2)
    duration_min = models.DecimalField(_("duration, min"), max_digits=5, decimal_places=1)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    given_elsewhere = models.PositiveSmallIntegerField(_("infusions given elsewhere"), default=0)
    told_of_elsewhere = models.CharField(_("what is known of them"), max_length=300, blank=True)
    at = models.DateTimeField(_("planned at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("-pk",)


class PlannedInfusion(AppendOnly):
    """One day of a course."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="days")
    number = models.PositiveSmallIntegerField(_("number"))
    on = models.DateField(_("on"))

    class Meta:
        ordering = ("course", "number")
        constraints = (models.UniqueConstraint(fields=["course", "number"], name="one_row_per_planned_infusion"),)

    def __str__(self) -> str:
        return f"{self.number} of {self.course.infusions}"


class Appointment(AppendOnly):
    """When and on which chair a planned infusion is to be given, and who takes the person home. The newest counts."""

    planned = models.ForeignKey(PlannedInfusion, on_delete=models.PROTECT, related_name="appointments")
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("chair is free at"))
    chair = models.ForeignKey(Chair, on_delete=models.PROTECT, related_name="appointments")
    escort = models.CharField(_("escort"), max_length=80, blank=True)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)


class WorkingHours(AppendOnly):
    """When the clinic gives infusions on one day of the week (Monday is 0), and how many nurses watch. The newest counts."""

    weekday = models.PositiveSmallIntegerField(_("weekday"))
    opens = models.TimeField(_("opens"), null=True)
    closes = models.TimeField(_("closes"), null=True)
    nurses = models.PositiveSmallIntegerField(_("nurses"), default=0)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)


class CalendarFeed(AppendOnly):
    """A secret address from which a calendar program reads the appointments, without anybody's name."""

    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    at = models.DateTimeField(_("made at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("-pk",)


class Order(AppendOnly):
    """The prescriber's signed order for one planned infusion, with the arithmetic as it was shown. Free base.

    `weight_kg` is what was measured; the dose may be computed from ideal or adjusted weight, which `basis` names.

    An order is never changed: another one names the one that it replaces. What is null was not yet recorded when it was signed.
    """

    planned = models.ForeignKey(PlannedInfusion, on_delete=models.PROTECT, related_name="orders")
    weight_kg = models.DecimalField(_("weight, kg"), max_digits=5, decimal_places=1)
    weight_typed = models.CharField(_("weight as typed, with its unit"), max_length=40, blank=True)
    height_typed = models.CharField(_("height as typed, with its unit"), max_length=40, blank=True)
    dosing_weight_kg = models.DecimalField(
        _("weight that the dose was computed from, kg"), max_digits=5, decimal_places=1, null=True
    )
    weighed_at = models.DateTimeField(_("weighed at"), null=True)
    height_cm = models.DecimalField(_("height, cm"), max_digits=5, decimal_places=1, null=True)
    basis = models.CharField(_("weight dosed by"), max_length=10, default="actual")
    dose_mg_per_kg = models.DecimalField(_("dose, mg/kg"), max_digits=4, decimal_places=2)
    dose_mg = models.DecimalField(_("dose, mg"), max_digits=6, decimal_places=1)
    strength_mg_per_ml = models.DecimalField(_("vial strength, mg/mL"), max_digits=6, decimal_places=2, null=True)
    draw_ml = models.DecimalField(_("volume drawn, mL"), max_digits=7, decimal_places=3, null=True)
    diluent = models.CharField(_("diluent"), max_length=60, blank=True)
    bag_ml = models.DecimalField(_("bag, mL"), max_digits=6, decimal_places=1)
    duration_min = models.DecimalField(_("duration, min"), max_digits=5, decimal_places=1)
    concentration_mg_per_ml = models.DecimalField(_("concentration, mg/mL"), max_digits=7, decimal_places=3)
    rate_ml_per_h = models.DecimalField(_("rate, mL/h"), max_digits=6, decimal_places=1)
    arithmetic = models.JSONField(_("arithmetic"), default=list)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    meaning = models.CharField(_("meaning of the signature"), max_length=200, blank=True)
    signed_name = models.CharField(_("signed by"), max_length=100, blank=True)
    wall_at = models.DateTimeField(_("wall time of the signature"), null=True)
    at = models.DateTimeField(_("signed at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)

    @property
    def mg_per_actual_kg(self) -> Decimal:
        """Return the dose per kilogram of measured weight, whatever weight it was computed from; what the model asks for."""
        return (self.dose_mg / self.weight_kg).quantize(Decimal("0.001"))


class OrderCheck(AppendOnly):
    """A second person computed the volume and the rate anew and came to the same numbers."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="second_check")
    draw_ml = models.DecimalField(_("volume drawn, mL"), max_digits=7, decimal_places=3)
    rate_ml_per_h = models.DecimalField(_("rate, mL/h"), max_digits=6, decimal_places=1)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)


class HoldOverride(AppendOnly):
    """A named prescriber lets one order go ahead although a finding holds it, and says why."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="overrides")
    planned = models.ForeignKey(PlannedInfusion, on_delete=models.PROTECT, related_name="overrides")
    reason = models.CharField(_("reason"), max_length=300)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)


class InfusionGiven(AppendOnly):
    """A planned infusion has been started; what is next in the course is what has no such row that stands."""

    planned = models.ForeignKey(PlannedInfusion, on_delete=models.PROTECT, related_name="given")
    at = models.DateTimeField(_("at"))


class GivenTakenBack(AppendOnly):
    """What was noted as given was another person's infusion: the day of the course stands open again."""

    given = models.OneToOneField(InfusionGiven, on_delete=models.PROTECT, related_name="taken_back")
    reason = models.CharField(_("reason"), max_length=300)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)


class EndingKind(models.TextChoices):
    """How a course ends."""

    STOP = "stop", _("stop")
    TAPER = "taper", _("taper: longer and longer intervals")
    HAND_OVER = "hand_over", _("hand over to another clinician")
    COMPLETE = "complete", _("complete as planned")


class CourseEnding(AppendOnly):
    """The clinician's decision that a course ends, and what comes next for the person."""

    course = models.OneToOneField(Course, on_delete=models.PROTECT, related_name="ending")
    kind = models.CharField(_("how"), max_length=20, choices=EndingKind.choices)
    reason = models.CharField(_("reason"), max_length=300)
    plan = models.TextField(_("what comes next"), max_length=1000)
    next_clinician = models.CharField(_("next clinician"), max_length=120)
    next_on = models.DateField(_("next visit on"))
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)


class TaperPlan(AppendOnly):
    """The days of a taper after a course ended so, as the clinician wrote them; the newest of an ending counts. No dose stands here."""

    ending = models.ForeignKey(CourseEnding, on_delete=models.PROTECT, related_name="tapers")
    steps = models.JSONField(_("days, each with a note"), default=list)
    reason = models.CharField(_("why it was changed"), max_length=300, blank=True)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("-pk",)
