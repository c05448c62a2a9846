"""The record on paper: one page with the chart, and an appendix that leaves nothing out; typeset from the values that were signed."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from openketamine.clinic.audit.models import LATE
from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.infusion.past import as_of
from openketamine.clinic.infusion.series import series
from openketamine.clinic.monitoring.models import Reading
from openketamine.clinic.people.clinic_time import zone
from openketamine.clinic.recovery import afterwards, appendix, chart
from openketamine.clinic.recovery.models import Signature
from openketamine.clinic.recovery.record import iso, record
from openketamine.clinic.recovery.since_frozen import since_frozen
from openketamine.clinic.ui import typeset

PAGE, APPENDIX = Path(__file__).with_name("page.typ"), Path(__file__).with_name("appendix.typ")
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
DAY, CLOCK = 10, slice(11, 16)
"""Where the day and the clock stand in an instant as it is printed."""
UNSIGNED = {"by": "", "at": "", "digest": "", "signature": ""}
SHOWN = (30, 18, 10, 4, 0)
"""How many events, alarms and addenda the one page shows; the next smaller number is tried until all fits on it."""
POINTS = ("7.5", "6.5")
"""The size of its letters, in points: the smaller one only when the page would not hold even what cannot be left out."""


def pdf(infusion: Infusion) -> bytes:
    """Return the one page; a signed record is printed from the values that were signed, its chart as they stood then; in the clinic's own time."""
    with timezone.override(zone()):
        return _pdf(infusion)


def _pdf(infusion: Infusion) -> bytes:
    signed_at = afterwards.signed_at(infusion)
    drawn = series(infusion if signed_at is None else as_of(infusion, signed_at), at=_end(infusion))
    said = drawn["prediction"]
    words = _("model estimate (derived, not validated in patients), 5 to 95 %%, %(model)s")
    level = words % {"model": said["name"]} if said else "—"
    inputs = {**_shared(infusion), "chart": chart.drawn(drawn), "level": level}
    ways = [{**inputs, "points": points, "most": str(most)} for points in POINTS for most in SHOWN]
    fitting = (way for way in ways if typeset.length(PAGE, way) == 1)
    return typeset.pdf(PAGE, next(fitting, ways[-1]))


def everything(infusion: Infusion) -> bytes:
    """Return the appendix: every row of the session, from the database, in the clinic's own time."""
    with timezone.override(zone()):
        return typeset.pdf(
            APPENDIX,
            {**_shared(infusion), "most": "0", "points": POINTS[0], "rows": _in_local_time(appendix.rows(infusion))},
        )


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
    ] + [
        {"by": row.by, "at": iso(row.at), "event": None, "reason": _("drug book, after signing"), "text": afterwards.said(row)}
        for row in afterwards.drug_rows(infusion)
    ]  # fmt: skip
    opened = values["session"].get("opened_at") or iso(infusion.opened_at)
    return {
        "record": _in_local_time(_entered(values)), "signature": _in_local_time(signed), "addenda": _in_local_time(addenda),
        "frozen": _in_local_time(_frozen(infusion)), "day": _local(opened)[:DAY], "zone": timezone.get_current_timezone_name(),
    }  # fmt: skip


def _frozen(infusion: Infusion) -> dict[str, Any]:
    """Return when, by whom and why a session was frozen, and what was recorded later; nothing of one that was not."""
    found = queries.incident_of(infusion)
    if found is None:
        return {}
    later = [one.plain() for one in since_frozen(infusion)]
    return {"at": iso(found.at), "by": found.by, "reason": found.reason, "digest": found.digest, "later": later}


def _entered(values: dict[str, Any]) -> dict[str, Any]:
    """Say beside each step that was written down late when that was; a record that was signed before this was kept says nothing."""
    events = [{**one, "entered": _entered_at(one)} for one in values["events"]]
    return {**values, "events": events}


def _entered_at(event: dict[str, Any]) -> str:
    if "recorded_at" not in event:
        return ""
    at, recorded = datetime.fromisoformat(event["at"]), datetime.fromisoformat(event["recorded_at"])
    return _local(event["recorded_at"])[CLOCK] if recorded - at > LATE else ""


def _in_local_time(values: Any) -> str:
    """Return values as JSON, every instant of UTC in it as the clinic's clock shows it."""
    return STAMP.sub(lambda found: _local(found[0]), json.dumps(values))


def _local(stamp: str) -> str:
    return f"{timezone.localtime(datetime.fromisoformat(stamp)):%Y-%m-%d %H:%M:%S}"
