"""Planning a course, signing an order, overriding a hold, ending a course. One transaction, one audit row each."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.audit import texts
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Finding, Patient
from openketamine.clinic.plan import regimens
from openketamine.clinic.plan.models import (
    Course,
    CourseEnding,
    GivenTakenBack,
    HoldOverride,
    InfusionGiven,
    Order,
    OrderCheck,
    PlannedInfusion,
)
from openketamine.core.plan.calendar import infusion_days
from openketamine.core.plan.dose import DoseCard
from openketamine.evidence.regimen import KIND

MEANING = "I order this infusion for this person."
BEFORE_START = "before_start"
A_DAY = timedelta(days=1)


class OrderError(ValueError):
    """An order cannot be signed, changed or used now; the message says why and what to do next."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a prescriber decides about a course."""

    regimen: str
    infusions: int
    per_week: int
    dose_mg_per_kg: Decimal
    duration_min: Decimal
    first_on: date
    reason: str = ""
    given_elsewhere: int = 0
    told_of_elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs an order: sign-in name, printed name, clinic time, wall time; why, where a reason is needed."""

    by: str
    name: str
    at: datetime
    wall: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """What was measured of the body for an order, and how it was typed; without `actual_kg` the weight is the one that was dosed by."""

    weighed_at: datetime
    height_cm: Decimal | None = None
    actual_kg: Decimal | None = None
    weight_typed: str = ""
    height_typed: str = ""


@transaction.atomic
def plan_course(*, patient: Patient, shape: Shape, by: str, at: datetime) -> Course:
    """Plan a course and its days; the regimen's text in force is kept with it."""
    rules = regimens.in_force(shape.regimen)
    course = Course(
        patient=patient, regimen=shape.regimen, regimen_sha256=texts.keep(KIND, shape.regimen, text=rules.text, at=at),
        infusions=shape.infusions, per_week=shape.per_week, dose_mg_per_kg=shape.dose_mg_per_kg,
        duration_min=shape.duration_min, reason=shape.reason, given_elsewhere=shape.given_elsewhere,
        told_of_elsewhere=shape.told_of_elsewhere, at=at, by=by,
    )  # fmt: skip
    course.save()
    here = shape.infusions - shape.given_elsewhere
    for number, day in enumerate(infusion_days(shape.first_on, here, shape.per_week), start=shape.given_elsewhere + 1):
        PlannedInfusion(course=course, number=number, on=day).save()
    audit.record(by=by, at=at, action="course planned", patient=patient.reference, about=f"course {course.pk}")
    return course


@transaction.atomic
def sign_order(*, planned: PlannedInfusion, card: DoseCard, body: Body, signing: Signing) -> Order:
    """Sign the order of one infusion from its dose card, and lock it; raises OrderError for a card that cannot be signed.

    A change is a new order that names the one it replaces, with the reason for it.
    """
    replaced = order_in_force(planned)
    _refuse(planned, card, replaced, signing.reason)
    made = card.preparation
    order = Order(
        planned=planned, weight_kg=body.actual_kg or card.weight_kg, dosing_weight_kg=card.weight_kg, weight_typed=body.weight_typed, height_typed=body.height_typed, weighed_at=body.weighed_at, height_cm=body.height_cm, basis=card.basis.value,
        dose_mg_per_kg=card.dose_mg_per_kg, dose_mg=card.dose_mg, strength_mg_per_ml=made.strength_mg_per_ml,
        draw_ml=card.draw_ml, diluent=made.diluent, bag_ml=made.bag_ml, duration_min=made.duration_min,
        concentration_mg_per_ml=card.concentration_mg_per_ml, rate_ml_per_h=card.rate_ml_per_h, arithmetic=list(card.lines()),
        reason=signing.reason, replaces=replaced, meaning=MEANING, signed_name=signing.name, wall_at=signing.wall,
        at=signing.at, by=signing.by,
    )  # fmt: skip
    try:
        with transaction.atomic():
            order.save()
    except IntegrityError as error:
        raise OrderError(_("another order has replaced the one you saw: load the page again")) from error
    audit.record(
        by=signing.by, at=signing.at, action="order signed", patient=planned.course.patient.reference,
        about=f"order {order.pk}", mg=str(card.dose_mg), replaces=replaced.pk if replaced else None, reason=signing.reason,
    )  # fmt: skip
    return order


def _refuse(planned: PlannedInfusion, card: DoseCard, replaced: Order | None, reason: str) -> None:
    if _given().filter(planned=planned).exists():
        raise OrderError(_("infusion %(number)s was given: its order cannot be changed") % {"number": planned})
    if not card.signable(reason):
        raise OrderError("; ".join(f"{fault.says}: {fault.way_out}" for fault in card.faults))
    if replaced is not None and not reason:
        raise OrderError(_("reason: is empty. Say why this order replaces order %(number)s") % {"number": replaced.pk})


@transaction.atomic
def check_order(*, order: Order, draw_ml: Decimal, rate_ml_per_h: Decimal, by: str, at: datetime) -> OrderCheck:
    """Record a second person's own arithmetic; raises OrderError when it is the same person or another number."""
    if by == order.by:
        raise OrderError(_("second check: must be another person than %(name)s") % {"name": order.signed_name})
    wrong = [
        _("%(name)s = %(typed)s: is not what the order says; compute it again together with the prescriber")
        % {"name": name, "typed": f"{typed:f}"}
        for name, typed, ordered in (
            (_("mL from the vial"), draw_ml, order.draw_ml or Decimal(0)),
            (_("pump rate, mL/h"), rate_ml_per_h, order.rate_ml_per_h),
        )
        if typed != ordered
    ]
    if wrong:
        raise OrderError("; ".join(wrong))
    fields = {"draw_ml": draw_ml, "rate_ml_per_h": rate_ml_per_h, "at": at, "by": by}
    row, made = OrderCheck.objects.get_or_create(order=order, defaults=fields)
    if made:
        patient = order.planned.course.patient.reference
        audit.record(by=by, at=at, action="order checked", patient=patient, about=f"order {order.pk}")
    return OrderCheck.objects.get(pk=row.pk)


def hindrances(order: Order, at: datetime) -> list[str]:
    """Return why this order cannot be started now: replaced, weight too old, second check missing, course ended."""
    rules, found = regimens.rules_of(order.planned.course), []
    if Order.objects.filter(replaces=order).exists():
        found.append(
            _("Order %(number)s was replaced by another order: close this session and open one for the new order")
            % {"number": order.pk}
        )
    found += _weight_hindrance(order, at, rules.rules.oldest_weight_h)
    if rules.second_check == BEFORE_START and not OrderCheck.objects.filter(order=order).exists():
        found.append(_("Nobody has checked the order a second time"))
    if CourseEnding.objects.filter(course=order.planned.course).exists():
        found.append(_("The course was ended: plan a new course first"))
    return found


def _weight_hindrance(order: Order, at: datetime, oldest_h: float) -> list[str]:
    if order.weighed_at is None:
        return [_("Weight: when it was measured is not known: weigh, and sign a new order")]
    age = at - order.weighed_at
    says = _("Weight: was measured at %(at)s, more than %(hours)s h ago: weigh, and sign a new order")
    words = says % {"at": f"{timezone.localtime(order.weighed_at):%Y-%m-%d %H:%M}", "hours": f"{oldest_h:g}"}
    return [words] if age > timedelta(hours=oldest_h) else []


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
    if not _given().filter(planned=planned).exists():
        InfusionGiven(planned=planned, at=at).save()


@transaction.atomic
def take_back_given(*, planned: PlannedInfusion, reason: str, by: str, at: datetime) -> None:
    """Note that a planned infusion was not given after all: another person was."""
    for given in _given().filter(planned=planned):
        GivenTakenBack(given=given, reason=reason[:300], by=by, at=at).save()
        patient = planned.course.patient.reference
        audit.record(by=by, at=at, action="given taken back", patient=patient, about=f"planned infusion {planned.pk}")


def _given() -> Any:
    """Return what stands as given."""
    return InfusionGiven.objects.filter(taken_back=None)


def given_days(course: Course) -> frozenset[int]:
    """Return the numbers of the infusions of a course that were given."""
    return frozenset(_given().filter(planned__course=course).values_list("planned__number", flat=True))


@transaction.atomic
def end_course(*, course: Course, by: str, at: datetime, **fields: object) -> CourseEnding:
    """Record that a course ends and what comes next; a second ending of the same course returns the first."""
    ending, made = CourseEnding.objects.get_or_create(course=course, defaults={**fields, "by": by, "at": at})
    if made:
        audit.record(
            by=by, at=at, action="course ended", patient=course.patient.reference, about=f"course {course.pk}",
            how=ending.kind, reason=ending.reason,
        )  # fmt: skip
    return CourseEnding.objects.get(pk=ending.pk)


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
    """Return the first infusion of the newest course that was not given; None when the course was ended."""
    course = current_course(patient)
    if course is None or CourseEnding.objects.filter(course=course).exists():
        return None
    found = (
        PlannedInfusion.objects.filter(course=course).exclude(number__in=given_days(course)).order_by("number").first()
    )
    return found if isinstance(found, PlannedInfusion) else None


def order_in_force(planned: PlannedInfusion) -> Order | None:
    """Return the newest order of a planned infusion."""
    found = Order.objects.filter(planned=planned).order_by("-pk").first()
    return found if isinstance(found, Order) else None


def given_today_mg(patient: Patient, at: datetime) -> Decimal:
    """Return the milligrams ordered for infusions of this person that were started in the 24 hours before."""
    rows = _given().filter(planned__course__patient=patient, at__gt=at - A_DAY, at__lte=at).select_related("planned")
    orders = [order_in_force(row.planned) for row in rows]
    return sum((order.dose_mg for order in orders if order is not None), start=Decimal(0))
