"""Is it right for this person? Facts, criteria with their sources, the clinician's decision."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openketamine.clinic.candidacy import actions
from openketamine.clinic.candidacy.forms import FactsForm, initial
from openketamine.clinic.candidacy.models import Choice, Decision, Source
from openketamine.clinic.people.models import Patient
from openketamine.clinic.people.permissions import CLINICAL, PRESCRIBERS, needs, staff
from openketamine.clinic.ui import clock
from openketamine.core.candidacy.assess import GRAVEST_FIRST, WORDS, Outcome
from openketamine.evidence import load
from openketamine.evidence.protocols import protocol, protocol_ids

ORDER = (*GRAVEST_FIRST, Outcome.PASS)


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def candidacy(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the criteria; take answers to the questions."""
    patient = get_object_or_404(Patient, reference=reference)
    form = FactsForm(
        request.POST if request.method == "POST" else None,
        facts=protocol(_name()).facts,
        initial=initial(actions.facts_of(patient)),
    )
    if request.method == "POST" and form.is_valid():
        known = actions.facts_of(patient)
        answers = {code: value for code, value in form.cleaned_data.items() if value is not None or code in known}
        changed = {code: value for code, value in answers.items() if code not in known or known[code] != value}
        at, told = clock.now(), actions.Known(Source.PERSON, clock.now().date())
        written = actions.record_facts(patient=patient, facts=changed, known=told, by=staff(request).username, at=at)
        messages.success(request, _("%(count)s answers recorded.") % {"count": written})
        return redirect("candidacy:candidacy", reference=reference)
    return render(request, "candidacy/candidacy.html", _context(patient, form), status=422 if form.errors else 200)


@needs(PRESCRIBERS)
@require_POST
def decide(request: HttpRequest, reference: str) -> HttpResponse:
    """Sign the decision."""
    patient = get_object_or_404(Patient, reference=reference)
    choice, reason = request.POST.get("choice", ""), request.POST.get("reason", "")
    form = FactsForm(facts=protocol(_name()).facts, initial=initial(actions.facts_of(patient)))
    try:
        actions.decide(
            patient=patient,
            name=_name(),
            choice=Choice(choice),
            reason=reason,
            by=staff(request).username,
            at=clock.now(),
        )
    except ValueError as error:
        context = {**_context(patient, form), "error": str(error), "reason": reason, "choice": choice}
        return render(request, "candidacy/candidacy.html", context, status=422)
    return redirect("candidacy:candidacy", reference=reference)


def _name() -> str:
    return protocol_ids()[0]


def _context(patient: Patient, form: FactsForm) -> dict[str, Any]:
    found = actions.assessed(patient, _name(), clock.now().date())
    rows = sorted(found.results, key=lambda one: ORDER.index(one.outcome))
    return {
        "patient": patient, "form": form, "assessment": found, "protocol": protocol(_name()),
        "summary": _(WORDS[Outcome(found.summary.value)]) if found.summary.value != "include" else _("all criteria met"),
        "rows": [{"result": one, "source": load.sources()[one.rule.cite.source], "cite": one.rule.cite} for one in rows],
        "decisions": Decision.objects.filter(patient=patient), "choices": Choice.choices,
        "error": "", "reason": "", "choice": "",
    }  # fmt: skip
