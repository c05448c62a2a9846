"""The record on paper: one page with the chart, and an appendix that leaves nothing out; typeset from the values that were signed."""

import json
from datetime import datetime
from pathlib import Path

from django.db.models import Max
from django.utils.translation import gettext as _

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.infusion.series import series
from openketamine.clinic.monitoring.models import Reading
from openketamine.clinic.recovery import appendix, chart
from openketamine.clinic.recovery.models import Signature
from openketamine.clinic.recovery.record import iso, record
from openketamine.clinic.ui import typeset

PAGE, APPENDIX = Path(__file__).with_name("page.typ"), Path(__file__).with_name("appendix.typ")
UNSIGNED = {"by": "", "at": "", "digest": "", "signature": ""}
SHOWN = (30, 18, 10, 4, 0)
"""How many events, alarms and addenda the one page shows; the next smaller number is tried until all fits on it."""


def pdf(infusion: Infusion) -> bytes:
    """Return the one page; a signed record is printed from the values that were signed."""
    drawn = series(infusion, at=_end(infusion))
    said = drawn["prediction"]
    words = _("model estimate (derived, not validated in patients), 5 to 95 %%, %(model)s")
    level = words % {"model": said["name"]} if said else "—"
    inputs = {**_shared(infusion), "chart": chart.drawn(drawn), "level": level}
    fitting = (most for most in SHOWN if typeset.length(PAGE, {**inputs, "most": str(most)}) == 1)
    return typeset.pdf(PAGE, {**inputs, "most": str(next(fitting, SHOWN[-1]))})


def everything(infusion: Infusion) -> bytes:
    """Return the appendix: every row of the session, from the database."""
    return typeset.pdf(APPENDIX, {**_shared(infusion), "most": "0", "rows": json.dumps(appendix.rows(infusion))})


def _end(infusion: Infusion) -> datetime:
    """When the session closed; of an open one, when the last thing was recorded or measured."""
    if infusion.closed_at is not None:
        return infusion.closed_at
    read: datetime | None = Reading.objects.filter(watch=infusion.watch).aggregate(last=Max("observed_at"))["last"]
    times: list[datetime] = [infusion.opened_at, *(row.at for row in queries.standing_events(infusion))]
    return max([*times, read] if read else times)


def _shared(infusion: Infusion) -> dict[str, str]:
    signature = Signature.objects.filter(infusion=infusion).first()
    values = signature.record if signature else record(infusion)
    signed = UNSIGNED
    if signature:
        signed = {
            "by": signature.by,
            "at": iso(signature.at),
            "digest": signature.digest,
            "signature": signature.signature,
        }
    addenda = [
        {"by": row.by, "at": iso(row.at), "event": row.event, "reason": row.reason, "text": row.text}
        for row in infusion.addenda.all()
    ]
    return {"record": json.dumps(values), "signature": json.dumps(signed), "addenda": json.dumps(addenda)}
