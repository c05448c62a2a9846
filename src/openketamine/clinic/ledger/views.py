"""The drug book: the accounts, the vials in stock, one vial's movements, and the rows of one session with their balance."""

from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from openketamine.clinic.ledger import actions
from openketamine.clinic.ledger.forms import CountForm, DiscardForm, DrawForm, PutRightForm, SecondPersonForm, VialForm
from openketamine.clinic.ledger.models import BY_PEOPLE, Count, Kind, Row, Vial
from openketamine.clinic.people.models import Clinic
from openketamine.clinic.people.permissions import DRUG, OWNERS, needs, staff
from openketamine.clinic.ui import clock
from openketamine.core.infusion.balance import shown


@needs(DRUG | OWNERS, writing=DRUG)
@require_http_methods(["GET", "POST"])
def stock(request: HttpRequest) -> HttpResponse:
    """Show the accounts, the vials and what each still holds; take a new one into stock."""
    form = VialForm(request.POST if request.method == "POST" else None)
    who = staff(request)
    error = ""
    if request.method == "POST" and form.is_valid():
        try:
            actions.receive(**form.cleaned_data, by=who.username, at=clock.now())
            return redirect("ledger:stock")
        except actions.LedgerError as why:
            error = str(why)
    vials = [{"vial": vial, "left": shown(actions.left(vial))} for vial in Vial.objects.all()]
    accounts = [(account.value, shown(mg)) for account, mg in actions.standing().items()]
    missing = [{"session": session, "mg": shown(mg)} for session, mg in actions.unaccounted()]
    context = {"vials": vials, "form": form, "accounts": accounts, "missing": missing, "error": error}
    return render(request, "ledger/stock.html", context, status=422 if error or form.errors else 200)


@needs(DRUG | OWNERS)
@require_http_methods(["GET", "POST"])
def vial(request: HttpRequest, number: int) -> HttpResponse:
    """Show every movement of one vial; record a count, or the rest of it wasted, each by two people."""
    one = get_object_or_404(Vial, pk=number)
    common, act = _common(request), request.POST.get("act", "")
    count = CountForm(request.POST if act == "count" else None, prefix="count", **common)
    rest = DiscardForm(request.POST if act == "discard" else None, prefix="discard", **common)
    error = _vial_recorded(request, one, count, rest) if request.method == "POST" else ""
    if request.method == "POST" and not error and not count.errors and not rest.errors:
        return redirect("ledger:vial", number=number)
    context = {
        "vial": one, "left": shown(actions.left(one)), "rows": Row.objects.filter(vial=one).select_related("replaces"), "count": count, "discard": rest,
        "counts": Count.objects.filter(vial=one), "error": error,
    }  # fmt: skip
    return render(request, "ledger/vial.html", context, status=422 if error or count.errors or rest.errors else 200)


def _vial_recorded(request: HttpRequest, one: Vial, count: CountForm, rest: DiscardForm) -> str:
    form = count if request.POST.get("act") == "count" else rest
    if not form.is_valid():
        return ""
    fields, mg = form.cleaned_data, Decimal(form.cleaned_data["mg"])
    common: dict[str, Any] = {
        "vial": one, "second": fields["second"].username, "by": staff(request).username, "at": clock.now(), "key": fields["key"],
    }  # fmt: skip
    try:
        if form is count:
            actions.count(counted_mg=mg, reason=fields["reason"], **common)
        else:
            actions.discard(mg=mg, basis=fields["basis"], **common)
    except actions.LedgerError as error:
        return str(error)
    return ""


@needs(DRUG | OWNERS, writing=DRUG)
@require_http_methods(["GET", "POST"])
def session(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the drug book of one session beside its order; record a draw or a waste, each with a second person."""
    if actions.account_of(reference) is None and not Row.objects.filter(session=reference).exists():
        raise Http404
    common, act = _common(request), request.POST.get("act", "")
    draw = DrawForm(request.POST if act == "draw" else None, prefix="draw", **common)
    waste = SecondPersonForm(request.POST if act == "waste" else None, prefix="waste", **common)
    error = _recorded(request, reference, draw, waste) if request.method == "POST" else ""
    if request.method == "POST" and not error and not draw.errors and not waste.errors:
        return _back(request, reference)
    context = {**_book(reference), "draw": draw, "waste": waste, "error": error}
    status = 422 if error or draw.errors or waste.errors else 200
    return render(request, "ledger/session.html", context, status=status)


@needs(DRUG | OWNERS, writing=DRUG)
@require_http_methods(["GET", "POST"])
def row(request: HttpRequest, number: int) -> HttpResponse:
    """Put right what a draw or a waste says, with a second person; both rows stay in the book."""
    one = get_object_or_404(Row.objects.filter(kind__in=BY_PEOPLE).select_related("vial"), pk=number)
    form = PutRightForm(request.POST if request.method == "POST" else None, **_common(request))
    error = _put_right(request, one, form) if request.method == "POST" else ""
    if request.method == "POST" and not error and not form.errors:
        return redirect("ledger:session", one.session) if one.session else redirect("ledger:vial", one.vial_id)
    context = {"row": one, "form": form, "error": error}
    return render(request, "ledger/row.html", context, status=422 if error or form.errors else 200)


def _put_right(request: HttpRequest, one: Row, form: PutRightForm) -> str:
    if not form.is_valid():
        return ""
    fields, account = form.cleaned_data, actions.account_of(one.session)
    try:
        actions.put_right(
            row=one, mg=Decimal(fields["mg"]), reason=fields["reason"], second=fields["second"].username, key=fields["key"],
            by=staff(request).username, at=clock.now(), patient=account.patient.reference if account else "",
        )  # fmt: skip
    except actions.LedgerError as error:
        return str(error)
    return ""


def _common(request: HttpRequest) -> dict[str, Any]:
    return {"by": staff(request).username, "demo": Clinic.objects.filter(is_demo=True).exists()}


def _recorded(request: HttpRequest, reference: str, draw: DrawForm, waste: SecondPersonForm) -> str:
    form = draw if request.POST.get("act") == "draw" else waste
    if not form.is_valid():
        return ""
    account = actions.account_of(reference)
    fields: dict[str, Any] = {
        "session": reference, "mg": Decimal(form.cleaned_data["mg"]), "second": form.cleaned_data["second"].username,
        "by": staff(request).username, "at": clock.now(), "patient": account.patient.reference if account else "",
        "key": form.cleaned_data["key"],
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
    balance, account = actions.balance(reference), actions.account_of(reference)
    return {
        "reference": reference, "rows": Row.objects.filter(session=reference).select_related("vial", "replaces"),
        "balance": balance, "sentence": balance.sentence(), "order": account.order if account else None,
        "posted": Row.objects.filter(session=reference, kind=Kind.GIVEN, replaced_by=None).last(),
    }  # fmt: skip


def _back(request: HttpRequest, reference: str) -> HttpResponse:
    where = request.POST.get("next", "")
    own = where and url_has_allowed_host_and_scheme(where, allowed_hosts={request.get_host()})
    return redirect(where) if own else redirect("ledger:session", reference=reference)
