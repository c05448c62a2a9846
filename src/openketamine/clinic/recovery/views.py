"""Readiness to leave, discharge, signature and the one-page PDF."""

from functools import partial
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.infusion import queries as infusions
from openketamine.clinic.infusion.arriving import Tap, keepable
from openketamine.clinic.infusion.correcting import put_right
from openketamine.clinic.infusion.models import Infusion, InfusionEvent
from openketamine.clinic.infusion.scales import OBSERVED
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.people.models import Clinic, Role
from openketamine.clinic.people.permissions import CLINICAL, DRUG, INCIDENTS, OWNERS, needs, staff
from openketamine.clinic.recovery import actions, afterwards, paper, queries
from openketamine.clinic.recovery.forms import AddendumForm, ExplainForm, FreezeForm, ScoreForm
from openketamine.clinic.recovery.incident import TAKEN
from openketamine.clinic.recovery.keys import fingerprint, public_key
from openketamine.clinic.recovery.leaving import still_urgent
from openketamine.clinic.recovery.models import Signature
from openketamine.clinic.recovery.since_frozen import since_frozen
from openketamine.clinic.ui import clock
from openketamine.core.infusion.events import CLOSED, Kind, Phase
from openketamine.core.recovery.readiness import Thoughts
from openketamine.evidence.questionnaires import questionnaire
from openketamine.evidence.regimen import Recovery

LEAVES_ALTHOUGH = ("override", "despite_urgent")
"""A prescriber's words for letting somebody leave: although criteria are not met, although something urgent stands."""


@needs(CLINICAL)
@require_GET
def panel(request: HttpRequest, reference: str) -> HttpResponse:
    """Show where each criterion stands, and what can be recorded next."""
    infusion = get_object_or_404(Infusion, reference=reference)
    rows = queries.criteria(infusion, at=infusion.closed_at or clock.now())
    phase, rules = infusions.course_of(infusion).phase, infusions.regimen_in_force(infusion).recovery
    context = {
        **_asked(rules),
        "infusion": infusion, "urgent": [] if infusion.closed_at else still_urgent(infusion, at=clock.now()), "frozen": infusions.incident_of(infusion), "later": since_frozen(infusion), "rows": rows, "met": sum(row.standing.value == "met" for row in rows), "ready": queries.ready(rows),
        "addenda": infusion.addenda.all(), "drug_rows": [(row, afterwards.said(row)) for row in afterwards.drug_rows(infusion)], "scores": [ScoreForm(name) for name in rules.scores] if phase is Phase.RECOVERING else [],
        "phase": phase.value, "over": phase in CLOSED, "explain": None if ledger.balance(infusion.reference).closes else _explain(request), "signature": Signature.objects.filter(infusion=infusion).first(),
    }  # fmt: skip
    return render(request, "recovery/panel.html", context)


def _asked(rules: Recovery) -> dict[str, Any]:
    """Return what is asked before leaving: the scale of dissociation, the question about thoughts of suicide in its own words."""
    scale = next((one for one in OBSERVED if one.signal in rules.dissociation_scales[:1]), None)
    instrument, item = rules.thoughts or ("", "")
    words = next((one.words for one in questionnaire(instrument).items if one.id == item), "") if instrument else ""
    return {
        "key": uuid4().hex,
        "scale": scale,
        "question": words,
        "answers": [(one.value, says) for one, says in queries.ANSWERS.items()],
    }


@needs(CLINICAL)
@require_POST
@keepable
def tick(request: HttpRequest, infusion: Infusion, tap: Tap) -> None:
    """Record a look at one criterion."""
    known = {row.id: row for row in infusions.regimen_in_force(infusion).recovery.criteria}
    criterion, answer = request.POST.get("criterion", ""), request.POST.get("answer", "")
    note, asked = request.POST.get("note", "").strip()[:200], known.get(criterion)
    if asked is None:
        return
    if asked.ticked:
        met = request.POST.get("met") == "yes"
        actions.tick(infusion=infusion, criterion=criterion, met=met, note=note, by=tap.by, at=tap.at, now=tap.now)
    elif asked.needs == "thoughts" and answer in {*Thoughts}:
        actions.ask_thoughts(
            infusion=infusion, criterion=criterion, answer=Thoughts(answer), note=note, by=tap.by, at=tap.at, now=tap.now
        )  # fmt: skip


@needs(CLINICAL)
@require_POST
@keepable
def score(request: HttpRequest, infusion: Infusion, tap: Tap) -> None:
    """Take a recovery score, item by item."""
    name = request.POST.get("instrument", "")
    if name in infusions.regimen_in_force(infusion).recovery.scores:
        form = ScoreForm(name, request.POST)
        form.is_valid()
        actions.score(infusion=infusion, instrument=name, answers=form.answers(), by=tap.by, at=tap.at, now=tap.now)


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def addendum(request: HttpRequest, reference: str) -> HttpResponse:
    """Write an addendum to a signed record; nothing that was signed changes."""
    if request.method == "POST":
        return _added(request, reference)
    infusion = get_object_or_404(Infusion, reference=reference)
    asked = {"event": request.GET.get("event", "")}
    return _addendum_page(request, infusion, AddendumForm(infusion=infusion, initial=asked))


@keepable
def _added(request: HttpRequest, infusion: Infusion, tap: Tap) -> HttpResponse | None:
    """Take one addendum, however often its form arrives."""
    form = AddendumForm(request.POST, infusion=infusion)
    if not form.is_valid():
        return _addendum_page(request, infusion, form)
    try:
        actions.add(infusion=infusion, by=tap.by, at=tap.now, now=clock.wall(), **form.cleaned_data)
    except actions.NotReadyError as error:
        return _addendum_page(request, infusion, form, str(error))
    return None


def _addendum_page(request: HttpRequest, infusion: Infusion, form: AddendumForm, error: str = "") -> HttpResponse:
    context = {
        "infusion": infusion, "form": form, "error": error, "addenda": infusion.addenda.all(), "key": request.POST.get("key") or uuid4().hex,
    }  # fmt: skip
    return render(request, "recovery/addendum.html", context, status=422 if error or form.errors else 200)


@needs(INCIDENTS)
@require_http_methods(["GET", "POST"])
def incident(request: HttpRequest, reference: str) -> HttpResponse:
    """Freeze a session after an incident; a frozen one offers its bundle."""
    infusion = get_object_or_404(Infusion, reference=reference)
    form = FreezeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            by, reason = staff(request).username, form.cleaned_data["reason"]
            actions.freeze(infusion=infusion, reason=reason, by=by, at=clock.now())
            messages.success(request, _("Frozen. The bundle can be taken now, and again later."))
        except actions.NotReadyError as error:
            messages.error(request, str(error))
        return redirect("recovery:incident", reference=reference)
    key = public_key()
    context = {
        "infusion": infusion, "form": form, "frozen": infusions.incident_of(infusion), "later": since_frozen(infusion), "fingerprint": fingerprint(key) if key else "", "bundles": Entry.objects.filter(
            record=f"session {reference}", action=TAKEN
        ),
    }  # fmt: skip
    return render(request, "recovery/incident.html", context, status=422 if form.errors else 200)


@needs(CLINICAL)
@require_POST
@keepable
def discharge(request: HttpRequest, infusion: Infusion, tap: Tap) -> None:
    """Record that the person leaves."""
    may = staff(request).role == Role.PRESCRIBER
    said = {name: request.POST.get(name, "") if may else "" for name in LEAVES_ALTHOUGH}
    escort = request.POST.get("escort", "")
    actions.discharge(infusion=infusion, escort=escort, by=tap.by, at=tap.at, now=tap.now, **said)


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def left(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Put right when somebody left; the criteria are held against that time."""
    event = get_object_or_404(InfusionEvent, infusion__reference=reference, number=number, kind=Kind.DISCHARGED)
    may = staff(request).role == Role.PRESCRIBER
    return put_right(request, event, partial(actions.correct_discharge, prescriber=may))


@needs(CLINICAL)
@require_http_methods(["POST"])
def sign(request: HttpRequest, reference: str) -> HttpResponse:
    """Sign and lock the record."""
    infusion, form = get_object_or_404(Infusion, reference=reference), _explain(request)
    explained = None
    if form.is_valid():
        explained = actions.Explained(form.cleaned_data["why"], form.cleaned_data["second"].username)
    try:
        actions.sign(
            infusion=infusion, by=staff(request).username, at=clock.now(), now=clock.wall(), explained=explained
        )
        messages.success(request, _("Signed and locked."))
    except actions.NotReadyError as error:
        messages.error(request, _("Not signed: %(why)s") % {"why": error})
    return redirect("infusion:chair", reference=reference)


def _explain(request: HttpRequest) -> ExplainForm:
    demo = Clinic.objects.filter(is_demo=True).exists()
    return ExplainForm(request.POST if request.method == "POST" else None, by=staff(request).username, demo=demo)


@needs(CLINICAL | DRUG | OWNERS)
@require_GET
def pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """Return the one-page PDF."""
    infusion = get_object_or_404(Infusion, reference=reference)
    response = HttpResponse(paper.pdf(infusion), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="infusion-{infusion.reference}.pdf"'
    return response


@needs(CLINICAL | DRUG | OWNERS)
@require_GET
def appendix(request: HttpRequest, reference: str) -> HttpResponse:
    """Return everything that the one page leaves out."""
    infusion = get_object_or_404(Infusion, reference=reference)
    response = HttpResponse(paper.everything(infusion), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="infusion-{infusion.reference}-appendix.pdf"'
    return response
