"""Taking in a referral: a file, then whose it is, then its record. Nothing is recorded before the second step."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openketamine.clinic.people import history
from openketamine.clinic.people.models import Patient
from openketamine.clinic.people.permissions import CLINICAL, READERS, needs, staff
from openketamine.clinic.ui import clock
from openketamine.doors.fhir import actions, bundle
from openketamine.doors.fhir.forms import NEW, UploadForm, WhoseForm
from openketamine.doors.fhir.models import ReceivedBundle


@needs(READERS)
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Take a file; one that cannot be read is named in one sentence and nothing is kept."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            content = form.cleaned_data["bundle"].read()
            kept, _referral = actions.receive(content, by=staff(request).username, at=clock.now())
        except bundle.BundleError as error:
            form.add_error("bundle", str(error))
        else:
            return redirect("fhir:review", digest=kept.sha256)
    return render(request, "fhir/upload.html", {"form": form}, status=422 if form.errors else 200)


@needs(READERS)
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, digest: str) -> HttpResponse:
    """Show what a bundle says and what was not understood; record it for the person who was chosen."""
    kept = get_object_or_404(ReceivedBundle, sha256=digest)
    referral, error = bundle.read(kept.content), ""
    try:
        form = _whose(request, referral)
        if request.method == "POST" and form.is_valid():
            return _recorded(request, kept, referral, form)
    except history.IdentityError as why:
        form, error = None, str(why)
    context = {
        "kept": kept, "referral": referral, "form": form, "error": error, "counts": _counts(referral),
        "clinical": staff(request).role in CLINICAL,
    }  # fmt: skip
    return render(request, "fhir/review.html", context, status=422 if error or (form and form.errors) else 200)


@needs(READERS)
@require_POST
def throw_away(request: HttpRequest, digest: str) -> HttpResponse:
    """Delete a file that nobody has taken in."""
    kept = get_object_or_404(ReceivedBundle, sha256=digest, patient=None)
    actions.throw_away(kept, by=staff(request).username, at=clock.now())
    messages.success(request, _("The file was deleted; nothing of it was recorded."))
    return redirect("fhir:upload")


def _whose(request: HttpRequest, referral: bundle.Referral) -> WhoseForm:
    person = referral.person
    known = history.known_as(person)
    may_be = history.may_be(person, person.born_on) if person.born_on and not known else []
    return WhoseForm(
        request.POST if request.method == "POST" else None,
        may_be=may_be,
        known=known,
        born_known=person.born_on is not None,
    )


def _recorded(request: HttpRequest, kept: ReceivedBundle, referral: bundle.Referral, form: WhoseForm) -> HttpResponse:
    fields = form.cleaned_data
    whose: Patient | actions.NewPatient
    if fields["whose"] == NEW:
        whose = actions.NewPatient(referral.person.born_on or fields["born_on"], fields["referred_for"])
    else:
        whose = get_object_or_404(Patient, reference=fields["whose"])
    taken = actions.take_in(kept, whose=whose, by=staff(request).username, at=clock.now())
    said = _("Taken in: %(new)s new, %(changed)s changed, %(known)s known already.")
    messages.success(request, said % {"new": taken.new, "changed": taken.changed, "known": taken.known})
    return redirect("chart:patient", reference=taken.patient.reference)


def _counts(referral: bundle.Referral) -> list[tuple[Any, int]]:
    """Return how many statements of each kind there are, in the order of the page."""
    kinds = dict.fromkeys(one.kind for one in referral.said)
    return [(kind.label, sum(one.kind is kind for one in referral.said)) for kind in sorted(kinds)]
