"""Which questionnaires there are, whose words they carry, and loading words that are licensed to this clinic."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from openketamine.clinic.instruments import actions
from openketamine.clinic.instruments.forms import PackForm, WordsForm
from openketamine.clinic.instruments.models import WordSource
from openketamine.clinic.people.permissions import OWNERS, READERS, needs, staff
from openketamine.clinic.ui import clock
from openketamine.core.instruments.questionnaire import Tier
from openketamine.evidence.load import EvidenceError
from openketamine.evidence.questionnaires import questionnaire, questionnaire_ids


@needs(READERS)
@require_GET
def licences(request: HttpRequest) -> HttpResponse:
    """Show every questionnaire with its licence and where its words come from."""
    rows = [actions.in_words(name) for name in questionnaire_ids()]
    rows.sort(key=lambda one: (one.licence.tier, one.title))
    return render(request, "instruments/licences.html", {"rows": rows, "entry": Tier.TEXT})


@needs(OWNERS)
@require_http_methods(["GET", "POST"])
def words(request: HttpRequest, instrument: str) -> HttpResponse:
    """Take the words that this clinic holds a licence for."""
    if instrument not in questionnaire_ids() or not questionnaire(instrument).items:
        raise Http404
    asks = questionnaire(instrument)
    form = WordsForm(request.POST if request.method == "POST" else None, asks=asks)
    if request.method == "POST" and form.is_valid():
        try:
            actions.load_words(
                instrument=instrument, source=WordSource.LOCAL, words=form.words(), licence=form.cleaned_data["licence"],
                by=staff(request).username, at=clock.now(),
            )  # fmt: skip
        except actions.LicenceError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Words loaded."))
            return redirect("instruments:licences")
    return render(request, "instruments/words.html", {"asks": asks, "form": form}, status=422 if form.errors else 200)


@needs(OWNERS)
@require_http_methods(["GET", "POST"])
def pack(request: HttpRequest) -> HttpResponse:
    """Take a published pack of words as a file; an edited one is refused by its SHA-256."""
    form = PackForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            name, loaded = actions.read_pack(form.cleaned_data["file"].read())
            actions.load_words(
                instrument=name, source=WordSource.PACK, words=loaded, licence=form.cleaned_data["licence"],
                by=staff(request).username, at=clock.now(),
            )  # fmt: skip
        except (actions.LicenceError, EvidenceError) as error:
            form.add_error("file", str(error))
        else:
            messages.success(request, _("Words loaded."))
            return redirect("instruments:licences")
    return render(request, "instruments/pack.html", {"form": form}, status=422 if form.errors else 200)
