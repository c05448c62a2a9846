"""The drug book: vials in stock, and the rows of one session with their balance."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from openketamine.clinic.ledger import actions
from openketamine.clinic.ledger.forms import DrawForm, SecondPersonForm, VialForm
from openketamine.clinic.ledger.models import Kind, Row, Vial
from openketamine.clinic.people.models import Clinic
from openketamine.clinic.people.permissions import DRUG, OWNERS, needs, staff
from openketamine.clinic.ui import clock
from openketamine.core.infusion.balance import shown


@needs(DRUG | OWNERS)
@require_http_methods(["GET", "POST"])
def stock(request: HttpRequest) -> HttpResponse:
    """Show the vials and what each still holds; take a new one into stock."""
    form = VialForm(request.POST if request.method == "POST" else None)
    who = staff(request)
    if request.method == "POST" and form.is_valid():
        actions.receive(**form.cleaned_data, by=who.username, at=clock.now())
        return redirect("ledger:stock")
    vials = [{"vial": vial, "left": shown(actions.left(vial))} for vial in Vial.objects.all()]
    return render(request, "ledger/stock.html", {"vials": vials, "form": form}, status=422 if form.errors else 200)


@needs(DRUG | OWNERS)
@require_http_methods(["GET", "POST"])
def session(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the drug book of one session; record a draw or a waste, each with a second person."""
    who, act = staff(request), request.POST.get("act", "")
    common: dict[str, Any] = {"by": who.username, "demo": Clinic.objects.filter(is_demo=True).exists()}
    draw = DrawForm(request.POST if act == "draw" else None, prefix="draw", **common)
    waste = SecondPersonForm(request.POST if act == "waste" else None, prefix="waste", **common)
    error = _recorded(request, reference, draw, waste) if request.method == "POST" else ""
    if request.method == "POST" and not error and not draw.errors and not waste.errors:
        return _back(request, reference)
    context = {**_book(reference), "draw": draw, "waste": waste, "error": error}
    status = 422 if error or draw.errors or waste.errors else 200
    return render(request, "ledger/session.html", context, status=status)


def _recorded(request: HttpRequest, reference: str, draw: DrawForm, waste: SecondPersonForm) -> str:
    form = draw if request.POST.get("act") == "draw" else waste
    if not form.is_valid():
        return ""
    fields: dict[str, Any] = {
        "session": reference, "mg": Decimal(form.cleaned_data["mg"]), "second": form.cleaned_data["second"].username,
        "by": staff(request).username, "at": clock.now(), "patient": "",
    }  # fmt: skip
    try:
        if form is draw:
            actions.draw(vial=form.cleaned_data["vial"], **fields)
        else:
            actions.waste(**fields)
    except actions.LedgerError as error:
        return str(error)
    return ""


def _book(reference: str) -> dict[str, Any]:
    balance = actions.balance(reference)
    return {
        "reference": reference, "rows": Row.objects.filter(session=reference).select_related("vial"),
        "balance": balance, "sentence": balance.sentence(),
        "posted": Row.objects.filter(session=reference, kind=Kind.GIVEN).exists(),
    }  # fmt: skip


def _back(request: HttpRequest, reference: str) -> HttpResponse:
    where = request.POST.get("next", "")
    own = where and url_has_allowed_host_and_scheme(where, allowed_hosts={request.get_host()})
    return redirect(where) if own else redirect("ledger:session", reference=reference)
