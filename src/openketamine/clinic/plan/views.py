"""The plan of one person: the course, the next order with its arithmetic, and what holds it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openketamine.clinic.audit import texts
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Finding, Patient
from openketamine.clinic.people.permissions import CLINICAL, PRESCRIBERS, needs, staff
from openketamine.clinic.plan import actions
from openketamine.clinic.plan.forms import CourseForm, OrderForm
from openketamine.clinic.plan.models import Course, PlannedInfusion
from openketamine.clinic.ui import clock
from openketamine.evidence import load
from openketamine.evidence.regimen import KIND, Regimen, regimen, regimen_of


def rules_of(course: Course) -> Regimen:
    """Return the regimen as its text stood when the course was planned."""
    return regimen_of(texts.kept(course.regimen_sha256), course.regimen)


@needs(CLINICAL)
@require_http_methods(["GET"])
def plan(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the plan of one person."""
    return _page(request, get_object_or_404(Patient, reference=reference))


@needs(PRESCRIBERS)
@require_POST
def course(request: HttpRequest, reference: str) -> HttpResponse:
    """Plan a course."""
    patient = get_object_or_404(Patient, reference=reference)
    form = CourseForm(request.POST)
    if not form.is_valid():
        return _page(request, patient, course_form=form)
    actions.plan_course(patient=patient, shape=form.shape(), by=staff(request).username, at=clock.now())
    return redirect("plan:plan", reference=reference)


@needs(PRESCRIBERS)
@require_POST
def order(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the arithmetic of an order; sign it when the prescriber says so."""
    patient = get_object_or_404(Patient, reference=reference)
    planned = actions.next_planned(patient)
    if planned is None:
        return redirect("plan:plan", reference=reference)
    form = OrderForm(request.POST, rules=rules_of(planned.course))
    if not form.is_valid() or form.card is None or request.POST.get("sign") != "yes":
        return _page(request, patient, order_form=form)
    actions.sign_order(planned=planned, card=form.card, by=staff(request).username, at=clock.now())
    messages.success(request, _("Order signed."))
    return redirect("plan:plan", reference=reference)


@needs(PRESCRIBERS)
@require_POST
def finding(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Resolve a finding, or override its hold for the next infusion; both need a reason."""
    patient = get_object_or_404(Patient, reference=reference)
    found = get_object_or_404(Finding, pk=number, patient=patient)
    reason, by = request.POST.get("reason", "").strip(), staff(request).username
    if not reason:
        messages.error(request, _("Reason: is empty. Write why, then press again; nothing was changed."))
        return redirect("plan:plan", reference=reference)
    planned = actions.next_planned(patient)
    if request.POST.get("act") == "resolve":
        people.close_finding(finding=found, reason=reason, by=by, at=clock.now())
    elif planned is not None:
        actions.override_hold(finding=found, planned=planned, reason=reason, by=by, at=clock.now())
    return redirect("plan:plan", reference=reference)


def _page(request: HttpRequest, patient: Patient, **forms: Any) -> HttpResponse:
    planned = actions.next_planned(patient)
    current = actions.current_course(patient)
    context = {
        "patient": patient, "course": current, "planned": planned,
        "days": PlannedInfusion.objects.filter(course=current).select_related("given") if current else [],
        "order": actions.order_in_force(planned) if planned else None,
        "findings": people.open_findings(patient), "holds": actions.holds(planned) if planned else [],
        "course_form": forms.get("course_form") or CourseForm(initial=_proposed()),
        "order_form": forms.get("order_form") or (_order_form(planned) if planned else None),
        "regimen": rules_of(current) if current else regimen(load.names(KIND)[0]),
    }  # fmt: skip
    wrong = any(form.errors for form in forms.values())
    return render(request, "plan/plan.html", context, status=422 if wrong else 200)


def _proposed() -> dict[str, Any]:
    rules = regimen(load.names(KIND)[0])
    return {
        "regimen": rules.id, "infusions": rules.infusions, "per_week": rules.per_week,
        "dose_mg_per_kg": rules.dose_mg_per_kg, "duration_min": rules.duration_min,
    }  # fmt: skip


def _order_form(planned: PlannedInfusion) -> OrderForm:
    rules = rules_of(planned.course)
    proposed = {
        "dose_mg_per_kg": planned.course.dose_mg_per_kg, "bag_ml": rules.bag_ml, "duration_min": planned.course.duration_min,
    }  # fmt: skip
    return OrderForm(initial=proposed, rules=rules)
