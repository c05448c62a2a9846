"""What the work-up measures: body, electrocardiogram, laboratory; each value with its unit, source and day."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openketamine.clinic.candidacy import actions, criteria, validity
from openketamine.clinic.candidacy.forms import FactsForm
from openketamine.clinic.candidacy.known import known_of
from openketamine.clinic.candidacy.models import Examined, FactRow
from openketamine.clinic.people.models import Patient
from openketamine.clinic.people.permissions import CLINICAL, PRESCRIBERS, needs, staff
from openketamine.clinic.ui import clock
from openketamine.clinic.ui.templatetags.units import spoken
from openketamine.evidence.measured import UPPER_LIMIT, measured

MOST_DAYS = 3650


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def work_up(request: HttpRequest, reference: str) -> HttpResponse:
    """Show what was measured; a new value is a new row beside the old."""
    patient, today = get_object_or_404(Patient, reference=reference), timezone.localdate(clock.now())
    form = FactsForm(request.POST if request.method == "POST" else None, facts=measured(), today=today)
    if request.method == "POST" and form.is_valid():
        facts, written = form.answers(), 0
        if facts:
            written = actions.record_facts(
                patient=patient, facts=facts, known=form.known(), typed=form.typed(), by=staff(request).username, at=clock.now()
            )  # fmt: skip
        messages.success(request, _("%(count)s values recorded.") % {"count": written})
        return redirect("candidacy:work-up", reference=reference)
    context = {
        "patient": patient, "form": form, "groups": _groups(patient, form), "earlier": _earlier(patient), "validities": validity.of(patient),
    }  # fmt: skip
    return render(request, "candidacy/work_up.html", context, status=422 if form.errors else 200)


@needs(PRESCRIBERS)
@require_POST
def set_validity(request: HttpRequest) -> HttpResponse:
    """Set for how many days this clinic takes a consent or an examination as valid."""
    typed, kind = request.POST.get("days", "").strip(), request.POST.get("kind", "")
    if kind not in Examined.values:
        messages.error(request, _("Of what: is not chosen. Nothing was set."))
    elif typed and not (typed.isdecimal() and 1 <= int(typed) <= MOST_DAYS):
        messages.error(
            request, _("days = %(typed)s: must be from 1 to %(most)s") % {"typed": typed[:20], "most": MOST_DAYS}
        )
    else:
        days, reason = int(typed) if typed else None, request.POST.get("reason", "")
        try:
            validity.set_validity(
                kind=Examined(kind), days=days, reason=reason, by=staff(request).username, at=clock.now()
            )
        except validity.ValidityError as error:
            messages.error(request, str(error))
    return redirect("candidacy:protocols")


def _groups(patient: Patient, form: FactsForm) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return the questions by group with what is known; a laboratory's limit stands beside its value."""
    today = form.today
    known, groups = known_of(patient, form.facts, today), dict[str, list[dict[str, Any]]]()
    for fact in form.facts:
        one = known.get(fact.code)
        row = {"field": form[fact.code], "known": one, "value": criteria.shown_value(fact, one, today)}
        groups.setdefault(_(fact.group).capitalize(), []).append(row)
    return list(groups.items())


def _earlier(patient: Patient) -> list[dict[str, Any]]:
    """Return every value that was written down, the newest first, as it was typed and in its own unit."""
    facts = {fact.code: fact for fact in measured()}
    rows = FactRow.objects.filter(patient=patient, code__in=facts).order_by("-observed_on", "-pk")
    limits = {(row.code, row.observed_on): row for row in rows if row.code.endswith(UPPER_LIMIT)}
    shown = []
    for row in rows:
        if row.code.endswith(UPPER_LIMIT):
            continue
        fact, limit = facts[row.code], limits.get((row.code + UPPER_LIMIT, row.observed_on))
        unit = spoken(fact.unit)
        shown.append({
            "row": row, "says": _(fact.question), "value": "—" if row.value is None else f"{row.value:.4g} {unit}",
            "typed": f"{row.typed} {spoken(row.typed_unit)}" if row.typed else "",
            "limit": f"{limit.value:.4g} {unit}" if limit and limit.value is not None else "",
        })  # fmt: skip
    return shown
