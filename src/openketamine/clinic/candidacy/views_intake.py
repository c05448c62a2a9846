"""The intake: every question by group, the lists, what was tried before."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openketamine.clinic.candidacy import actions, criteria, views
from openketamine.clinic.candidacy import history as trials
from openketamine.clinic.candidacy.forms import CAME_OF_IT, TAKEN, FactsForm, ListForm, TreatmentForm
from openketamine.clinic.candidacy.known import known_facts
from openketamine.clinic.candidacy.models import Listed, ListRow, TreatmentRow
from openketamine.clinic.candidacy.standing import in_force
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.people.models import Patient
from openketamine.clinic.people.permissions import CLINICAL, PRESCRIBERS, needs, staff
from openketamine.clinic.ui import clock
from openketamine.core.candidacy.history import Adherence, TrialOutcome
from openketamine.evidence import treatments
from openketamine.evidence.medicines import interactions_of
from openketamine.evidence.questionnaires import questionnaire


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def answers(request: HttpRequest, reference: str, name: str) -> HttpResponse:
    """Show every question by group with what is known; a new answer is a new row."""
    patient, name = get_object_or_404(Patient, reference=reference), views.known_name(name)
    rules, today = in_force(name), timezone.localdate(clock.now())
    form = FactsForm(request.POST if request.method == "POST" else None, facts=rules.facts, today=today)
    if request.method == "POST" and form.is_valid():
        return views.record(request, patient, name, form)
    known = known_facts(patient, rules, today)
    groups: dict[str, list[dict[str, Any]]] = {}
    for fact in rules.facts:
        one = known.get(fact.code)
        row = {"field": form[fact.code], "known": one, "value": criteria.shown_value(fact, one, today)}
        groups.setdefault(_(fact.group).replace("_", " "), []).append(row)
    context = {"patient": patient, "name": name, "protocol": rules, "form": form, "groups": groups.items()}
    return render(request, "candidacy/answers.html", context, status=422 if form.errors else 200)


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def lists(request: HttpRequest, reference: str) -> HttpResponse:
    """Show conditions, medicines and allergies; a list nobody has asked about says so."""
    patient = get_object_or_404(Patient, reference=reference)
    form = ListForm(request.POST if request.method == "POST" else None, today=timezone.localdate(clock.now()))
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        line = {"name": fields["name"], "detail": fields["detail"], "none_known": fields["none_known"]}
        actions.list_item(
            patient=patient, kind=Listed(fields["kind"]), known=form.known(), by=staff(request).username, at=clock.now(), **line
        )  # fmt: skip
        return redirect("candidacy:lists", reference=reference)
    rows = list(ListRow.objects.filter(patient=patient))
    shown = [{"label": kind.label, "rows": [_line(row) for row in rows if row.kind == kind]} for kind in Listed]
    context = {"patient": patient, "form": form, "lists": shown}
    return render(request, "candidacy/lists.html", context, status=422 if form.errors else 200)


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def history(request: HttpRequest, reference: str) -> HttpResponse:
    """Show what was tried before with its judgement; take one more trial."""
    patient = get_object_or_404(Patient, reference=reference)
    form = TreatmentForm(request.POST if request.method == "POST" else None, today=timezone.localdate(clock.now()))
    if request.method == "POST" and form.is_valid():
        replaced = TreatmentRow.objects.filter(
            patient=patient, pk=request.POST.get("replaces") or 0, replaced_by=None
        ).first()
        trials.add(
            patient=patient, fields=form.treatment(), known=form.known(), by=staff(request).username, at=clock.now(), replaces=replaced
        )  # fmt: skip
        return redirect("candidacy:history", reference=reference)
    return _history(request, patient, form)


@needs(PRESCRIBERS)
@require_POST
def minimum(request: HttpRequest, reference: str) -> HttpResponse:
    """Set the dose from which this clinic calls a trial of an agent adequate."""
    typed = request.POST
    try:
        mg = float(typed.get("mg_per_day", "").replace(",", "."))
    except ValueError:
        mg = 0.0
    if not typed.get("agent") or not typed.get("reference", "").strip() or mg <= 0:
        messages.error(
            request,
            _("Minimum dose: choose the treatment, write a dose above 0 mg a day and where the number comes from."),
        )
    else:
        trials.set_minimum(
            agent=typed["agent"], mg_per_day=mg, reference=typed["reference"].strip()[:200], by=staff(request).username, at=clock.now()
        )  # fmt: skip
    return redirect("candidacy:history", reference=reference)


@needs(CLINICAL)
@require_POST
def stage(request: HttpRequest, reference: str) -> HttpResponse:
    """Compute the Maudsley staging from the history; the clinician gives the severity."""
    patient, severity = get_object_or_404(Patient, reference=reference), request.POST.get("severity", "")
    chosen = next((choice.value for choice in _severities() if str(choice.value) == severity), None)
    if chosen is None:
        messages.error(request, _("Not staged: no severity is chosen."))
        return redirect("candidacy:history", reference=reference)
    try:
        trials.stage(patient=patient, severity=chosen, by=staff(request).username, at=clock.now())
    except trials.StagingError as error:
        messages.error(request, _("Not staged: %(why)s.") % {"why": error})
    return redirect("candidacy:history", reference=reference)


def _history(request: HttpRequest, patient: Patient, form: TreatmentForm) -> HttpResponse:
    least, most = trials.failed(patient)
    context = {
        "patient": patient, "form": form, "lines": [_trial(line) for line in trials.lines(patient)], "least": least, "most": most, "minimums": trials.minimums(),
        "agents": sorted({agent for one in treatments.classes() for agent in one.agents}), "severities": _severities(),
        "staged": Answers.objects.filter(patient=patient, instrument="msm").last(),
    }  # fmt: skip
    return render(request, "candidacy/history.html", context, status=422 if form.errors else 200)


def _trial(line: trials.Line) -> dict[str, Any]:
    """Return a trial with its class, adherence and outcome in words."""
    row, classes = line.row, {one.id: one.words for one in treatments.classes()}
    return {
        "row": row, "judged": line.judged, "kind": _(classes.get(row.treatment_class, row.treatment_class)),
        "taken": dict(TAKEN).get(Adherence(row.adherence)), "came_of_it": dict(CAME_OF_IT).get(TrialOutcome(row.outcome)),
    }  # fmt: skip


def _line(row: ListRow) -> dict[str, Any]:
    """Return a line with what is known of its interaction with ketamine."""
    found = interactions_of(row.name) if row.kind == Listed.MEDICINE else ()
    return {"row": row, "interactions": [{"effect": one.effect, "source": one.cite.source} for one in found]}


def _severities() -> tuple[Any, ...]:
    item = questionnaire("msm").item("severity")
    return item.choices if item else ()
