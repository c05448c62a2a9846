"""Deciding together: the page is released by a clinician, read on a phone or tablet, signed and withdrawn by the patient."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openketamine.clinic.candidacy import sharing, views
from openketamine.clinic.candidacy.models import Release
from openketamine.clinic.candidacy.paper import leaflet_pdf
from openketamine.clinic.people.models import Clinic, Patient
from openketamine.clinic.people.permissions import CLINICAL, PRESCRIBERS, needs, staff
from openketamine.clinic.ui import clock
from openketamine.evidence.leaflet import page

TABLET, PHONE = "tablet", "phone"


@needs(PRESCRIBERS)
@require_http_methods(["GET", "POST"])
def share(request: HttpRequest, reference: str, name: str) -> HttpResponse:
    """Show what the patient would read; release it."""
    patient, name = get_object_or_404(Patient, reference=reference), views.known_name(name)
    if request.method == "POST":
        cost = request.POST.get("cost", "")[:300]
        sharing.release(
            patient=patient, name=name, cost=cost, by=staff(request).username, at=clock.now(), wall=clock.wall()
        )
        messages.success(request, _("Released. The patient reads it under the link below."))
        return redirect("candidacy:share", reference=reference, name=name)
    every = [(one, *sharing.consent_of(one)) for one in Release.objects.filter(patient=patient)]
    releases = [{"release": one, "consent": consent, "withdrawn": withdrawn} for one, consent, withdrawn in every]
    context = {
        "patient": patient,
        "name": name,
        "page": page(name),
        "releases": releases,
        "base": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "candidacy/share.html", context)


@needs(CLINICAL)
@require_GET
def pdf(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Return a released page on paper, with the consent as it stands."""
    release = get_object_or_404(Release, pk=number, patient__reference=reference)
    clinic = Clinic.objects.first()
    return HttpResponse(leaflet_pdf(release, clinic), content_type="application/pdf")


@login_not_required
@require_GET
def leaflet(request: HttpRequest, token: str) -> HttpResponse:
    """Show the page to the patient."""
    return _read(request, get_object_or_404(Release, token=token))


@login_not_required
@require_POST
def sign(request: HttpRequest, token: str) -> HttpResponse:
    """Take the patient's signature; on a tablet of the clinic the member of staff beside it is named."""
    release, here = get_object_or_404(Release, token=token), request.user.is_authenticated
    try:
        sharing.sign(
            release=release, name=request.POST.get("name", "")[:160], agreed=request.POST.getlist("agreed"), at=clock.now(), wall=clock.wall(),
            device=TABLET if here else PHONE, witness=staff(request).username if here else "",
        )  # fmt: skip
    except sharing.ConsentError as error:
        return _read(request, release, error=str(error), status=422)
    return redirect("candidacy:leaflet", token=token)


@login_not_required
@require_POST
def withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """Take the consent back; it needs no reason and is possible at any moment."""
    release = get_object_or_404(Release, token=token)
    consent, _withdrawn = sharing.consent_of(release)
    if consent:
        sharing.withdraw(consent=consent, words=request.POST.get("words", "")[:300], by="the patient", at=clock.now())
    return redirect("candidacy:leaflet", token=token)


def _read(request: HttpRequest, release: Release, error: str = "", status: int = 200) -> HttpResponse:
    consent, withdrawn = sharing.consent_of(release)
    context = {
        "release": release, "page": release.page, "consent": consent, "withdrawn": withdrawn, "error": error,
        "ended": clock.wall() > release.expires_at, "agreed": request.POST.getlist("agreed"), "name": request.POST.get("name", ""),
    }  # fmt: skip
    return render(request, "candidacy/leaflet.html", context, status=status)
