"""The plan of one person: the course, the next order with its arithmetic, and what holds it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openketamine.clinic.candidacy import screens
from openketamine.clinic.people import actions as people
from openketamine.clinic.people import sign_in
from openketamine.clinic.people.models import Clinic, Finding, Patient
from openketamine.clinic.people.permissions import CLINICAL, PRESCRIBERS, needs, staff
from openketamine.clinic.plan import actions, regimens, taper
from openketamine.clinic.plan.breathing import flagged
from openketamine.clinic.plan.forms import CheckForm, CourseForm, EndingForm, OrderForm
from openketamine.clinic.plan.models import CourseEnding, Order, OrderCheck, PlannedInfusion
from openketamine.clinic.plan.proposals import proposed
from openketamine.clinic.plan.standing import orderable, standing, validities
from openketamine.clinic.ui import clock


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
    form = _bound_order_form(request, planned)
    if not form.is_valid() or form.card is None or request.POST.get("sign") != "yes":
        return _page(request, patient, order_form=form)
    who, at = staff(request), clock.now()
    measured = form.cleaned_data["height_cm"], form.cleaned_data["weight_kg"]
    body = actions.Body(at, *measured, form.typed("weight_kg"), form.typed("height_cm"))
    signing = actions.Signing(who.username, str(who), at, clock.wall(), form.cleaned_data["reason"])
    try:
        _signature(request)
        actions.sign_order(planned=planned, card=form.card, body=body, signing=signing)
    except (actions.OrderError, sign_in.TooManyError) as error:
        form.add_error(None, str(error))
        return _page(request, patient, order_form=form)
    messages.success(request, _("Order signed."))
    return redirect("plan:plan", reference=reference)


def _signature(request: HttpRequest) -> None:
    """Ask for the prescriber's own password again: it is the signature. A demo does not ask, and says so.

    Raises OrderError when it is another one, TooManyError when too many were.
    """
    if Clinic.objects.filter(is_demo=True).exists():
        return
    who, typed = staff(request), request.POST.get("password", "")
    if not typed:
        raise actions.OrderError(_("password: is empty. Type your own password: it signs the order"))
    if sign_in.checked(username=who.username, password=typed, wall=clock.wall()) is None:
        raise actions.OrderError(_("password: is not yours; nothing was signed"))


@needs(CLINICAL)
@require_POST
def check(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Record a second person's arithmetic of an order."""
    patient = get_object_or_404(Patient, reference=reference)
    found = get_object_or_404(Order, pk=number, planned__course__patient=patient)
    form = CheckForm(request.POST)
    if form.is_valid():
        try:
            actions.check_order(order=found, by=staff(request).username, at=clock.now(), **form.cleaned_data)
            return redirect("plan:plan", reference=reference)
        except actions.OrderError as error:
            form.add_error(None, str(error))
    return _page(request, patient, check_form=form)


@needs(PRESCRIBERS)
@require_POST
def end(request: HttpRequest, reference: str) -> HttpResponse:
    """Record that the course ends, and what comes next."""
    patient = get_object_or_404(Patient, reference=reference)
    current, form = actions.current_course(patient), EndingForm(request.POST)
    if current is None or not form.is_valid():
        return _page(request, patient, ending_form=form)
    actions.end_course(course=current, by=staff(request).username, at=clock.now(), **form.cleaned_data)
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
    if request.POST.get("act") == "resolve" and found.code == screens.CODE:
        messages.error(request, _("A suicide screen is settled by an assessment of the same day: record it here."))
        return redirect("candidacy:screens", reference=reference)
    if request.POST.get("act") == "resolve":
        people.close_finding(finding=found, reason=reason, by=by, at=clock.now())
    elif planned is not None:
        actions.override_hold(finding=found, planned=planned, reason=reason, by=by, at=clock.now())
    return redirect("plan:plan", reference=reference)


def _page(request: HttpRequest, patient: Patient, **forms: Any) -> HttpResponse:
    planned, current = actions.next_planned(patient), actions.current_course(patient)
    order = actions.order_in_force(planned) if planned else None
    today = timezone.localdate(clock.now())
    context = {
        "patient": patient, "proposed": proposed(patient, today), "standings": standing(patient), "validities": validities(patient, today), "course": current, "planned": planned, "order": order,
        "days": PlannedInfusion.objects.filter(course=current) if current else [],
        "given": actions.given_days(current) if current else frozenset(),
        "ending": CourseEnding.objects.filter(course=current).first() if current else None,
        "taper": taper.days_of(taper.plan_of(taper.tapering(current))),
        "checked": OrderCheck.objects.filter(order=order).first() if order else None,
        "hindrances": actions.hindrances(order, clock.now()) if order else [],
        "earlier_orders": Order.objects.filter(planned=planned).exclude(pk=order.pk).order_by("-pk") if order else [],
        "breathing": flagged(patient, order), "findings": people.open_findings(patient).order_by("-holds_infusion", "pk"),
        "holds": actions.holds(planned) if planned else [],
        "course_form": forms.get("course_form") or CourseForm(initial=_proposed(patient)),
        "order_form": forms.get("order_form") or (_order_form(planned) if planned else None),
        "check_form": forms.get("check_form") or CheckForm(), "ending_form": forms.get("ending_form") or EndingForm(),
        "regimen": regimens.rules_of(current) if current else None,
    }  # fmt: skip
    wrong = any(form.errors for form in forms.values())
    return render(request, "plan/plan.html", context, status=422 if wrong else 200)


def _proposed(patient: Patient) -> dict[str, Any]:
    """Return what the regimen for this person's indication proposes; nothing when none fits in words."""
    fitting = [one.rules for one in orderable()]
    wanted = patient.referred_for.casefold()
    for rules in fitting:
        if rules.indication.casefold() in wanted or wanted in rules.indication.casefold():
            return {
                "regimen": rules.id, "infusions": rules.infusions, "per_week": rules.per_week,
                "dose_mg_per_kg": rules.dose_mg_per_kg, "duration_min": rules.duration_min,
            }  # fmt: skip
    return {}


def _order_form(planned: PlannedInfusion) -> OrderForm:
    rules = regimens.rules_of(planned.course)
    proposed = {
        "dose_mg_per_kg": planned.course.dose_mg_per_kg, "bag_ml": rules.bag_ml, "duration_min": planned.course.duration_min,
        "diluent": rules.diluents[0][1], "reason": planned.course.reason,
    }  # fmt: skip
    return OrderForm(initial=proposed, rules=rules)


def _bound_order_form(request: HttpRequest, planned: PlannedInfusion) -> OrderForm:
    given = actions.given_today_mg(planned.course.patient, clock.now())
    sex = planned.course.patient.sex
    return OrderForm(request.POST, rules=regimens.rules_of(planned.course), sex=sex, given_today_mg=given)
