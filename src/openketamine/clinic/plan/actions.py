"""Planning a course, signing an order, overriding a hold. One transaction, one audit row each."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit import texts
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Finding, Patient
from openketamine.clinic.plan.models import Course, HoldOverride, InfusionGiven, Order, PlannedInfusion
from openketamine.core.plan.calendar import infusion_days
from openketamine.core.plan.dose import DoseCard


@dataclass(frozen=True, slots=True)
class Shape:
    """What a prescriber decides about a course."""

    regimen: str
    infusions: int
    per_week: int
    dose_mg_per_kg: Decimal
    duration_min: Decimal
    first_on: date


@transaction.atomic
def plan_course(*, patient: Patient, shape: Shape, by: str, at: datetime) -> Course:
    """Plan a course and its days; the regimen's text is kept as it stands now."""
    course = Course(
        patient=patient, regimen=shape.regimen, regimen_sha256=texts.keep("regimens", shape.regimen, at=at),
        infusions=shape.infusions, per_week=shape.per_week, dose_mg_per_kg=shape.dose_mg_per_kg,
        duration_min=shape.duration_min, at=at, by=by,
    )  # fmt: skip
    course.save()
    for number, day in enumerate(infusion_days(shape.first_on, shape.infusions, shape.per_week), start=1):
        PlannedInfusion(course=course, number=number, on=day).save()
    audit.record(by=by, at=at, action="course planned", patient=patient.reference, about=f"course {course.pk}")
    return course


@transaction.atomic
def sign_order(*, planned: PlannedInfusion, card: DoseCard, by: str, at: datetime) -> Order:
    """Sign the order of one infusion from its dose card; a later order replaces an earlier one that was not used."""
    order = Order(
        planned=planned, weight_kg=card.weight_kg, dose_mg_per_kg=card.dose_mg_per_kg, dose_mg=card.dose_mg, bag_ml=card.bag_ml,
        duration_min=card.duration_min, concentration_mg_per_ml=card.concentration_mg_per_ml, rate_ml_per_h=card.rate_ml_per_h,
        arithmetic=list(card.lines()), at=at, by=by,
    )  # fmt: skip
    order.save()
    patient = planned.course.patient.reference
    audit.record(by=by, at=at, action="order signed", patient=patient, about=f"order {order.pk}", mg=str(card.dose_mg))
    return order


@transaction.atomic
def override_hold(*, finding: Finding, planned: PlannedInfusion, reason: str, by: str, at: datetime) -> HoldOverride:
    """Let one planned infusion go ahead although a finding holds it; a prescriber says why."""
    override = HoldOverride(finding=finding, planned=planned, reason=reason, by=by, at=at)
    override.save()
    patient = planned.course.patient.reference
    audit.record(by=by, at=at, action="hold overridden", patient=patient, about=f"finding {finding.pk}", reason=reason)
    return override


@transaction.atomic
def mark_given(*, planned: PlannedInfusion, at: datetime) -> None:
    """Note that a planned infusion was started."""
    InfusionGiven.objects.get_or_create(planned=planned, defaults={"at": at})


def holds(planned: PlannedInfusion) -> list[Finding]:
    """Return the open findings that hold this infusion and that no prescriber has overridden for it."""
    held = people.open_findings(planned.course.patient).filter(holds_infusion=True)
    overridden = HoldOverride.objects.filter(planned=planned).values_list("finding_id", flat=True)
    return [finding for finding in held if finding.pk not in set(overridden)]


def current_course(patient: Patient) -> Course | None:
    """Return the patient's newest course."""
    found = Course.objects.filter(patient=patient).order_by("-pk").first()
    return found if isinstance(found, Course) else None


def next_planned(patient: Patient) -> PlannedInfusion | None:
    """Return the first infusion of the newest course that was not given."""
    course = current_course(patient)
    found = course and PlannedInfusion.objects.filter(course=course, given=None).order_by("number").first()
    return found if isinstance(found, PlannedInfusion) else None


def order_in_force(planned: PlannedInfusion) -> Order | None:
    """Return the newest order of a planned infusion."""
    found = Order.objects.filter(planned=planned).order_by("-pk").first()
    return found if isinstance(found, Order) else None
