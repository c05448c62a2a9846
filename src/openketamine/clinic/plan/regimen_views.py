"""The protocols of this clinic: what is in force for each indication, and signing a version of one's own."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from openketamine.clinic.people.models import Role
from openketamine.clinic.people.permissions import PRESCRIBERS, READERS, needs, staff
from openketamine.clinic.plan import regimens
from openketamine.clinic.plan.forms import SEDATION_WORDS, VersionForm
from openketamine.clinic.plan.models import ClinicRegimen
from openketamine.clinic.ui import clock
from openketamine.evidence import load


@needs(READERS)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show every regimen in force, with its tier and the setting of its evidence."""
    return render(request, "plan/regimens.html", {"regimens": regimens.all_in_force()})


@needs(READERS, writing=PRESCRIBERS)
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, name: str) -> HttpResponse:
    """Show one regimen with a source on each number; a prescriber may sign this clinic's version."""
    current = regimens.in_force(name)
    may_sign = staff(request).role == Role.PRESCRIBER and not current.rules.view_only
    form = VersionForm(request.POST if request.method == "POST" else None, rules=current.rules)
    if request.method == "POST" and may_sign and form.is_valid():
        who = staff(request)
        try:
            regimens.sign_version(
                name=name, after=form.after(), second_check=form.cleaned_data["second_check"], sedation_scale=form.cleaned_data["sedation_scale"],
                reason=form.cleaned_data["reason"], signed_name=str(who), by=who.username, at=clock.now(),
            )  # fmt: skip
            messages.success(request, _("Your clinic's version is signed. Courses planned from now on follow it."))
            return redirect("plan:regimen", name=name)
        except (regimens.VersionError, load.EvidenceError) as error:
            form.add_error(None, str(error))
    versions = ClinicRegimen.objects.filter(name=name)
    scale = SEDATION_WORDS[current.rules.sedation.value]
    context = {"current": current, "form": form, "may_sign": may_sign, "versions": versions, "scale": scale}
    return render(request, "plan/regimen.html", context, status=422 if form.errors else 200)
