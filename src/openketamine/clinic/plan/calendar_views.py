"""The calendar of the clinic: a week with its chairs, booking a course, moving by drag, key or form, hours, feed."""

from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.people.clinic_time import zone
from openketamine.clinic.people.models import Patient, Role
from openketamine.clinic.people.permissions import OWNERS, PRESCRIBERS, READERS, needs, staff
from openketamine.clinic.plan import actions, calendar
from openketamine.clinic.plan.forms import HoursForm, MoveForm
from openketamine.clinic.plan.models import CalendarFeed, PlannedInfusion
from openketamine.clinic.ui import clock
from openketamine.core.plan.calendar import NoSlotError

WEEKDAYS = 7


@needs(READERS)
@require_GET
def week(request: HttpRequest) -> HttpResponse:
    """Show one week: chairs down, days across, what is wrong on top."""
    monday = _monday(request.GET.get("week", ""))
    placed, here = calendar.week(monday), zone()
    days = [monday + timedelta(days=number) for number in range(WEEKDAYS)]
    rows = [
        {"chair": chair, "cells": [_cell(placed, chair, day, here) for day in days]} for chair in Chair.objects.all()
    ]
    context = {
        "days": [{"on": day, "open": calendar.hours().get(day.weekday())} for day in days], "rows": rows,
        "wrong": [one for one in placed if one.troubles], "monday": monday, "zone": here.key,
        "before": monday - timedelta(days=WEEKDAYS), "after": monday + timedelta(days=WEEKDAYS),
        "hours_form": HoursForm() if staff(request).role in {Role.OWNER, Role.PRESCRIBER} else None,
        "feed": CalendarFeed.objects.first(), "base": request.build_absolute_uri("/").rstrip("/"),
    }  # fmt: skip
    return render(request, "plan/calendar.html", context)


def _cell(placed: list[calendar.Placed], chair: Chair, day: date, here: Any) -> dict[str, Any]:
    found = [
        {"placed": one, "form": MoveForm.of(one.appointment, here)}
        for one in placed
        if one.appointment.chair_id == chair.pk and one.appointment.starts_at.astimezone(here).date() == day
    ]
    return {"on": day, "found": found}


def _monday(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = clock.now().astimezone(zone()).date()
    return day - timedelta(days=day.weekday())


@needs(READERS)
@require_POST
def book(request: HttpRequest, reference: str) -> HttpResponse:
    """Book the infusions of a course that have no appointment yet."""
    patient = get_object_or_404(Patient, reference=reference)
    course = actions.current_course(patient)
    if course is None:
        raise Http404
    try:
        made = calendar.book(course=course, by=staff(request).username, at=clock.now())
        messages.success(request, _("Booked: %(n)s appointments. Name an escort for each.") % {"n": len(made)})
    except NoSlotError as error:
        messages.error(request, _("Not booked: %(why)s") % {"why": error})
    return redirect("plan:appointments", reference=reference)


@needs(READERS)
@require_http_methods(["GET"])
def appointments(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the appointments of one course; the panel of the plan page."""
    patient = get_object_or_404(Patient, reference=reference)
    course, here = actions.current_course(patient), zone()
    wrong = calendar.troubles_of(course) if course else {}
    newest = {row.planned_id: row for row in calendar.in_force()}
    given = actions.given_days(course) if course else frozenset()
    days = PlannedInfusion.objects.filter(course=course).exclude(number__in=given) if course else []
    rows = [
        {
            "day": day, "appointment": newest.get(day.pk), "troubles": wrong.get(day.pk, ()),
            "form": MoveForm.of(newest[day.pk], here) if day.pk in newest else MoveForm.for_day(day),
        }
        for day in days
    ]  # fmt: skip
    context = {"patient": patient, "rows": rows, "unbooked": any(row["appointment"] is None for row in rows)}
    return render(request, "plan/appointments.html", context)


@needs(READERS)
@require_POST
def move(request: HttpRequest, number: int) -> HttpResponse:
    """Move one appointment to a day, time and chair; drag, key and form all send this."""
    planned = get_object_or_404(PlannedInfusion, pk=number)
    form = MoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Not moved: %(why)s") % {"why": _words(form)})
    else:
        fields = form.cleaned_data
        start = datetime.combine(fields["on"], fields["at"], zone())
        calendar.move(
            planned=planned,
            chair=fields["chair"],
            start=start,
            escort=fields["escort"],
            by=staff(request).username,
            at=clock.now(),
        )
    if request.POST.get("from") == "plan":
        return redirect("plan:appointments", reference=planned.course.patient.reference)
    day = form.cleaned_data.get("on")
    return redirect(reverse("plan:calendar") + (f"?week={day.isoformat()}" if day else ""))


def _words(form: Form) -> str:
    return "; ".join(f"{name}: {' '.join(map(str, errors))}" for name, errors in form.errors.items())


@needs(OWNERS | PRESCRIBERS)
@require_POST
def set_hours(request: HttpRequest) -> HttpResponse:
    """Record the opening hours of one weekday."""
    form = HoursForm(request.POST)
    if form.is_valid():
        calendar.set_hours(by=staff(request).username, at=clock.now(), **form.cleaned_data)
    else:
        messages.error(request, _("Not recorded: %(why)s") % {"why": _words(form)})
    return redirect("plan:calendar")


@needs(READERS)
@require_POST
def new_feed(request: HttpRequest) -> HttpResponse:
    """Make a new address for the calendar feed."""
    calendar.new_feed(by=staff(request).username, at=clock.now())
    return redirect("plan:calendar")


@login_not_required
@require_GET
def feed(_request: HttpRequest, token: str) -> HttpResponse:
    """Return the feed to whoever holds its newest address."""
    newest = CalendarFeed.objects.first()
    if newest is None or newest.token != token:
        raise Http404
    return HttpResponse(calendar.feed(clock.wall()), content_type="text/calendar; charset=utf-8")
