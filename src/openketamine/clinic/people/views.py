"""Signing in and out, and referring a patient."""

from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openketamine.clinic.people import actions, duplicates, history
from openketamine.clinic.people import sign_in as passwords
from openketamine.clinic.people.forms import ReferralForm
from openketamine.clinic.people.models import Clinic, Patient, Staff
from openketamine.clinic.people.permissions import CLINICAL, READERS, needs, staff
from openketamine.clinic.ui import clock


@login_not_required
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in by name and password; in a demo, one button for each role."""
    error, status = "", 200
    if request.method == "POST":
        error, status = _signed_in(request)
        if not error:
            return redirect("chart:board")
    demo = Clinic.objects.filter(is_demo=True).exists()
    people = Staff.objects.filter(is_active=True).order_by("role", "username") if demo else []
    return render(
        request, "people/sign_in.html", {"error": error, "people": people, "typed": request.POST.get("username", "")},
        status=status,
    )  # fmt: skip


def _signed_in(request: HttpRequest) -> tuple[str, int]:
    """Sign somebody in; return why not, and the status of the page that says so."""
    try:
        user = passwords.checked(
            username=request.POST.get("username", ""), password=request.POST.get("password", ""),
            address=request.META.get("REMOTE_ADDR", ""), wall=clock.wall(),
        )  # fmt: skip
    except passwords.TooManyError as error:
        return str(error), 429
    if user is None:
        said = _("Name or password is not right. Nothing was changed; try again, or ask the owner for a new password.")
        return said, 200
    login(request, user)
    return "", 200


@login_not_required
@require_POST
def demo_sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as a demo member of staff; a real clinic refuses."""
    if not Clinic.objects.filter(is_demo=True).exists():
        raise PermissionDenied
    user = Staff.objects.filter(username=request.POST.get("username", ""), is_active=True).first()
    if user is None:
        return redirect("people:sign-in")
    login(request, user)
    return redirect("chart:board")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    logout(request)
    return redirect("people:sign-in")


@needs(READERS)
@require_http_methods(["GET", "POST"])
def refer(request: HttpRequest) -> HttpResponse:
    """Take a referral; likely duplicates are shown before anything is written twice."""
    form = ReferralForm(request.POST if request.method == "POST" else None)
    same = []
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        who = {name: fields[name] for name in ("given_name", "family_name", "born_on", "identifier")}
        same = duplicates.likely_duplicates(**who)
        if not same or request.POST.get("not_the_same") == "yes":
            patient = actions.refer(by=staff(request).username, at=clock.now(), **fields)
            return redirect("chart:patient", reference=patient.reference)
    return render(
        request, "people/refer.html", {"form": form, "duplicates": same}, status=200 if not form.errors else 422
    )


@needs(CLINICAL)
@require_GET
def record_elsewhere(request: HttpRequest, reference: str) -> HttpResponse:
    """Show what other records say of a patient, with who took it in and when; nobody here has checked it."""
    patient = get_object_or_404(Patient, reference=reference)
    context = {"patient": patient, "items": history.standing_items(patient)}
    return render(request, "people/record_elsewhere.html", context)
