"""Is it right for this person? The criteria rule by rule, what to ask next, the clinician's decision."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openketamine.clinic.candidacy import actions, criteria, decisions, screens, sharing
from openketamine.clinic.candidacy.forms import FactsForm
from openketamine.clinic.candidacy.models import Choice, Decision, Second
from openketamine.clinic.candidacy.standing import standings
from openketamine.clinic.people import sign_in
from openketamine.clinic.people.models import Clinic, Patient, Role, Staff
from openketamine.clinic.people.permissions import CLINICAL, PRESCRIBERS, needs, staff
from openketamine.clinic.ui import clock
from openketamine.core.candidacy.assess import WORDS, Outcome
from openketamine.evidence.protocols import protocol_ids

DEFAULT = "depression_iv_racemic"
TYPED = ("choice", "reason", "second_how", "second")


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def candidacy(request: HttpRequest, reference: str, name: str = "") -> HttpResponse:
    """Show the criteria of one indication; take answers to the questions that are open."""
    patient = get_object_or_404(Patient, reference=reference)
    name, chosen = (
        known_name(name or _last_used(patient)),
        bool(name) or Decision.objects.filter(patient=patient).exists(),
    )
    found = criteria.page(patient, name, clock.now())
    form = FactsForm(
        request.POST if request.method == "POST" else None, facts=(*found.asked_first, *found.asked_then), today=timezone.localdate(clock.now())
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        return record(request, patient, name, form)
    return render(
        request,
        "candidacy/candidacy.html",
        _context(patient, name, found, form, chosen=chosen),
        status=422 if form.errors else 200,
    )


def record(request: HttpRequest, patient: Patient, name: str, form: FactsForm) -> HttpResponse:
    """Write down the answers of a valid form and come back to the criteria."""
    facts, written = form.answers(), 0
    if facts:
        written = actions.record_facts(
            patient=patient,
            facts=facts,
            known=form.known(),
            by=staff(request).username,
            at=clock.now(),
            typed=form.typed(),
        )
    messages.success(request, _("%(count)s answers recorded.") % {"count": written})
    return redirect("candidacy:under", reference=patient.reference, name=name)


@needs(PRESCRIBERS)
@require_POST
def decide(request: HttpRequest, reference: str, name: str) -> HttpResponse:
    """Sign the decision."""
    patient, typed, name = get_object_or_404(Patient, reference=reference), request.POST, known_name(name)
    try:
        decisions.decide(
            patient=patient, name=name, choice=_choice(typed.get("choice", "")), reason=typed.get("reason", ""),
            by=staff(request).username, at=clock.now(), second=_second(request),
        )  # fmt: skip
    except decisions.DecisionError as error:
        found = criteria.page(patient, name, clock.now())
        form = FactsForm(facts=(*found.asked_first, *found.asked_then), today=timezone.localdate(clock.now()))
        context = {
            **_context(patient, name, found, form, chosen=True),
            "error": str(error),
            "typed": {one: typed.get(one, "") for one in TYPED},
        }
        return render(request, "candidacy/candidacy.html", context, status=422)
    messages.success(request, _("Decision signed."))
    return redirect("candidacy:under", reference=reference, name=name)


@needs(CLINICAL)
@require_GET
def decision(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Compute an old decision's criteria again from the text that it used, beside what was signed."""
    row = get_object_or_404(Decision, pk=number, patient__reference=reference)
    again = decisions.recomputed(row)
    now = {one.rule.id: one for one in again.results}
    rows = [
        {
            "id": rule,
            "then": WORDS[Outcome(outcome)],
            "message": message,
            "same": rule in now and now[rule].outcome == outcome,
        }
        for rule, outcome, message in row.results
    ]
    context = {
        "decision": row,
        "patient": row.patient,
        "rows": rows,
        "again": again.summary.value,
        "same": again.summary.value == row.summary and all(one["same"] for one in rows),
    }
    return render(request, "candidacy/decision.html", context)


def known_name(name: str) -> str:
    """Return the id of a protocol that is there; raises Http404 for any other."""
    if name not in protocol_ids():
        raise Http404
    return name


def _last_used(patient: Patient) -> str:
    last = Decision.objects.filter(patient=patient).first()
    return last.protocol if last and last.protocol in protocol_ids() else DEFAULT


def _choice(typed: str) -> Choice:
    if typed not in Choice.values:
        raise decisions.DecisionError(_("decision: none is chosen. Choose one of the three"))
    return Choice(typed)


def _second(request: HttpRequest) -> decisions.SecondPerson:
    """Return the second person; on site they sign with their own password, which a demo does not ask."""
    how, who = request.POST.get("second_how", ""), request.POST.get("second", "")
    if how not in Second.values:
        return decisions.SecondPerson()
    person = Staff.objects.filter(username=who, is_active=True, role=Role.PRESCRIBER).first()
    demo = Clinic.objects.filter(is_demo=True).exists()
    if how == Second.ON_SITE and not (person and (demo or _theirs(person, request.POST.get("second_password", "")))):
        raise decisions.DecisionError(
            _("second person: name and password do not fit. They sign with their own password")
        )
    return decisions.SecondPerson(Second(how), person.username if person and how != Second.ALONE else "")


def _theirs(person: Staff, password: str) -> bool:
    try:
        return sign_in.checked(username=person.username, password=password, wall=clock.wall()) is not None
    except sign_in.TooManyError as error:
        raise decisions.DecisionError(str(error)) from error


def _context(patient: Patient, name: str, found: criteria.Page, form: FactsForm, *, chosen: bool) -> dict[str, Any]:
    first = {fact.code for fact in found.asked_first}
    fields = [form[fact.code] for fact in form.facts]
    allowed = decisions.policy()
    return {
        "patient": patient, "name": name, "chosen": chosen, "page": found, "form": form, "protocol": found.standing.protocol,
        "first": [one for one in fields if one.name in first], "then": [one for one in fields if one.name not in first],
        "decisions": Decision.objects.filter(patient=patient), "choices": Choice.choices, "standings": standings(),
        "ways": [(way.value, way.label) for way in allowed.ways], "prescribers": Staff.objects.filter(role=Role.PRESCRIBER, is_active=True),
        "waiting": screens.waits(patient), "consent": sharing.consent_in_force(patient), "error": "", "typed": dict.fromkeys(TYPED, ""),
    }  # fmt: skip
