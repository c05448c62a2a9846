"""The clinic's own pages: who works here, the three switches, and everybody's own password."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openketamine.clinic.people import team
from openketamine.clinic.people.models import Clinic, Staff, Switch, SwitchSigned
from openketamine.clinic.people.permissions import OWNERS, READERS, needs, staff
from openketamine.clinic.people.team_forms import (
    OwnPasswordForm,
    PhoneForm,
    RawMessagesForm,
    SwitchForm,
    TakeOnForm,
)
from openketamine.clinic.ui import clock


@needs(OWNERS)
@require_http_methods(["GET", "POST"])
def members(request: HttpRequest) -> HttpResponse:
    """Show who works here; take somebody on. The password is shown once."""
    form = TakeOnForm(request.POST if request.method == "POST" else None)
    shown = None
    if request.method == "POST" and form.is_valid():
        person, password = team.take_on(**form.cleaned_data, by=staff(request).username, at=clock.now())
        shown, form = (person, password), TakeOnForm()
    return _members(request, form, shown, 422 if form.errors else 200)


@needs(OWNERS)
@require_POST
def phone(request: HttpRequest) -> HttpResponse:
    """Set the number that ambulance and patients are told to call."""
    form = PhoneForm(request.POST)
    if not form.is_valid():
        return _members(request, TakeOnForm(), None, 422, phone=form)
    team.set_phone(form.cleaned_data["phone"], by=staff(request).username, at=clock.now())
    messages.success(request, _("The contact number is kept."))
    return redirect("people:members")


@needs(OWNERS)
@require_POST
def raw_messages(request: HttpRequest) -> HttpResponse:
    """Set for how many days the bytes of charted device messages are kept."""
    form = RawMessagesForm(request.POST)
    if not form.is_valid():
        return _members(request, TakeOnForm(), None, 422, raw_messages=form)
    team.keep_raw_messages(form.cleaned_data["days"], by=staff(request).username, at=clock.now())
    messages.success(request, _("How long raw messages are kept is recorded."))
    return redirect("people:members")


@needs(OWNERS)
@require_POST
def renew(request: HttpRequest, username: str) -> HttpResponse:
    """Give somebody a new password and show it once."""
    person = get_object_or_404(Staff, username=username)
    password = team.new_password(person, by=staff(request).username, at=clock.now())
    return _members(request, TakeOnForm(), (person, password), 200)


@needs(OWNERS)
@require_POST
def access(request: HttpRequest, username: str) -> HttpResponse:
    """End or renew somebody's access."""
    person = get_object_or_404(Staff, username=username)
    try:
        active = request.POST.get("active") == "yes"
        team.set_active(person, active=active, by=staff(request).username, at=clock.now())
    except team.TeamError as error:
        messages.error(request, str(error))
    return redirect("people:members")


@needs(OWNERS)
@require_http_methods(["GET", "POST"])
def switches(request: HttpRequest) -> HttpResponse:
    """Show the three switches and who signed them; turn one."""
    form = SwitchForm(request.POST if request.method == "POST" else None, address=request.META.get("REMOTE_ADDR", ""))
    if request.method == "POST" and form.is_valid():
        try:
            team.turn(**form.turned(), by=staff(request).username, at=clock.now())
            return redirect("people:switches")
        except team.TeamError as error:
            form.add_error("switch", str(error))
    clinic = Clinic.objects.get()
    context = {
        "form": form, "signed": SwitchSigned.objects.order_by("-pk"),
        "switches": [(switch, getattr(clinic, switch.value)) for switch in Switch],
    }  # fmt: skip
    return render(request, "people/switches.html", context, status=422 if form.errors else 200)


@needs(READERS)
@require_http_methods(["GET", "POST"])
def own_password(request: HttpRequest) -> HttpResponse:
    """Choose a password of one's own."""
    who = staff(request)
    form = OwnPasswordForm(
        request.POST if request.method == "POST" else None, person=who, address=request.META.get("REMOTE_ADDR", "")
    )
    if request.method == "POST" and form.is_valid():
        team.choose_password(who, form.cleaned_data["chosen"], at=clock.now())
        update_session_auth_hash(request, who)
        messages.success(request, _("Your password was changed; your other sessions have ended."))
        return redirect("chart:board")
    return render(request, "people/own_password.html", {"form": form}, status=422 if form.errors else 200)


def _members(
    request: HttpRequest,
    form: TakeOnForm,
    shown: tuple[Staff, str] | None,
    status: int,
    **wrong: PhoneForm | RawMessagesForm,
) -> HttpResponse:
    """Render the page; `wrong` is the one of its smaller forms that has faults."""
    members, clinic = Staff.objects.order_by("-is_active", "role", "username"), Clinic.objects.first()
    context = {
        "form": form, "shown": shown, "members": members, "phone": PhoneForm(initial={"phone": clinic.phone if clinic else ""}),
        "raw_messages": RawMessagesForm(initial={"days": clinic.raw_message_days if clinic else None}), **wrong,
    }  # fmt: skip
    return render(request, "people/members.html", context, status=status)
