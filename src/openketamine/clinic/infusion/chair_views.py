"""The page on which a person moves to another chair, or a device comes or goes: what will change is shown before it is recorded."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from openketamine.clinic.infusion import chairs, queries, readiness
from openketamine.clinic.infusion.actions import NotNowError
from openketamine.clinic.infusion.chairs import Change
from openketamine.clinic.infusion.forms import happened_at
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.monitoring.models import Chair, Device
from openketamine.clinic.monitoring.queries import standing_on
from openketamine.clinic.people.clinic_time import day
from openketamine.clinic.people.permissions import CLINICAL, needs, staff
from openketamine.clinic.ui import clock

NONE = gettext_lazy("none")


class ChairForm(forms.Form):
    """Where the person sits, which devices come along, come or go, and since when; nothing is preselected."""

    chair = forms.ModelChoiceField(
        label=gettext_lazy("Move to chair"), queryset=Chair.objects.all(), required=False, empty_label=gettext_lazy("stays on this chair"),
        help_text=gettext_lazy("Leave it empty when the person stays and only a device changes."),
    )  # fmt: skip
    along = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Devices that come along to that chair"), queryset=Device.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    comes = forms.ModelChoiceField(
        label=gettext_lazy("A device that comes from elsewhere"), queryset=Device.objects.none(), required=False, empty_label=NONE,
    )  # fmt: skip
    goes = forms.ModelChoiceField(
        label=gettext_lazy("A device that is taken away"), queryset=Device.objects.none(), required=False, empty_label=NONE,
    )  # fmt: skip
    happened = forms.TimeField(
        label=gettext_lazy("Since (blank: now)"), required=False, widget=forms.TimeInput(attrs={"type": "time"})
    )

    def __init__(self, *args: Any, infusion: Infusion, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = Device.objects.filter(pk__in=standing_on(infusion.watch.chair, at=at))
        found = {"along": here, "goes": here, "comes": Device.objects.exclude(pk__in=here.values("pk"))}
        for name, devices in found.items():
            field = self.fields[name]
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = devices

    def since(self, now: datetime) -> datetime:
        """Return from when on it is so."""
        return happened_at(self.cleaned_data["happened"], now)


@needs(CLINICAL)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, reference: str) -> HttpResponse:
    """Show what a change of chair or devices will do, then record it."""
    infusion, now = get_object_or_404(Infusion, reference=reference), clock.now()
    form = ChairForm(request.POST if request.method == "POST" else None, infusion=infusion, at=now)
    shown = None
    if request.method == "POST" and form.is_valid():
        by = staff(request).username
        try:
            fields = _fields(form, now)
            if "record" in request.POST:
                row = chairs.rearrange(infusion=infusion, **fields, by=by, now=now).event
                messages.success(request, _("Recorded as event %(number)s.") % {"number": row.number})
                return redirect("infusion:chair", reference=reference)
            shown = _preview(infusion, fields, by, now)
        except NotNowError as error:
            form.add_error(None, str(error))
    context = {"infusion": queries.infusion_of(reference), "form": form, "shown": shown}
    return render(request, "infusion/change.html", context, status=422 if form.errors else 200)


def _fields(form: ChairForm, now: datetime) -> dict[str, Any]:
    chosen = {name: form.cleaned_data[name] for name in ("chair", "along", "comes", "goes")}
    return {**chosen, "since": form.since(now)}


def _preview(infusion: Infusion, fields: Mapping[str, Any], by: str, now: datetime) -> dict[str, Any]:
    """Do it and undo it: what is shown is exactly what recording it would do now."""
    with transaction.atomic():
        found: Change = chairs.rearrange(infusion=infusion, **fields, by=by, now=now)
        transaction.set_rollback(True)
    chair, since = fields["chair"], fields["since"]
    return {
        "change": found, "since": since, "late": since < now,
        "missing": readiness.missing(chair, on=day(now)) if chair else [],
    }  # fmt: skip
