"""The course planned for one person and the signed order of each infusion."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from openketamine.clinic.audit.models import AppendOnly
from openketamine.clinic.people.models import Finding, Patient


class Course(AppendOnly):
    """A planned course: regimen, number of infusions, dose per weight. Signed by a prescriber."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="courses")
    regimen = models.CharField(_("regimen"), max_length=60)
    regimen_sha256 = models.CharField(max_length=64)
    infusions = models.PositiveSmallIntegerField(_("infusions"))
    per_week = models.PositiveSmallIntegerField(_("a week"))
    dose_mg_per_kg = models.DecimalField(_("dose, mg/kg"), max_digits=4, decimal_places=2)
    duration_min = models.DecimalField(_("duration, min"), max_digits=5, decimal_places=1)
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


class Order(AppendOnly):
    """The prescriber's signed order for one planned infusion, with the arithmetic as it was shown. Free base."""

    planned = models.ForeignKey(PlannedInfusion, on_delete=models.PROTECT, related_name="orders")
    weight_kg = models.DecimalField(_("weight, kg"), max_digits=5, decimal_places=1)
    dose_mg_per_kg = models.DecimalField(_("dose, mg/kg"), max_digits=4, decimal_places=2)
    dose_mg = models.DecimalField(_("dose, mg"), max_digits=6, decimal_places=1)
    bag_ml = models.DecimalField(_("bag, mL"), max_digits=6, decimal_places=1)
    duration_min = models.DecimalField(_("duration, min"), max_digits=5, decimal_places=1)
    concentration_mg_per_ml = models.DecimalField(_("concentration, mg/mL"), max_digits=7, decimal_places=3)
    rate_ml_per_h = models.DecimalField(_("rate, mL/h"), max_digits=6, decimal_places=1)
    arithmetic = models.JSONField(_("arithmetic"), default=list)
    at = models.DateTimeField(_("signed at"))
    by = models.CharField(_("by"), max_length=100)

    class Meta:
        ordering = ("pk",)


class HoldOverride(AppendOnly):
    """A named prescriber lets one order go ahead although a finding holds it, and says why."""

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="overrides")
    planned = models.ForeignKey(PlannedInfusion, on_delete=models.PROTECT, related_name="overrides")
    reason = models.CharField(_("reason"), max_length=300)
    at = models.DateTimeField(_("at"))
    by = models.CharField(_("by"), max_length=100)


class InfusionGiven(AppendOnly):
    """A planned infusion has been started; what is next in the course is what has no such row."""

    planned = models.OneToOneField(PlannedInfusion, on_delete=models.PROTECT, related_name="given")
    at = models.DateTimeField(_("at"))
