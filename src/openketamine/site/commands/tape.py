"""`tape SESSION --out FOLDER`: what the alarms of a session were given, as `replay` takes it: readings, limits, what they knew."""

import csv
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openketamine.core.monitoring.signal import ROOM_AIR, Acknowledged, Fact
from openketamine.site.commands.arguments import Arguments
from openketamine.site.commands.django_setup import setup
from openketamine.site.commands.export import write_private
from openketamine.site.commands.incident import session_of
from openketamine.site.commands.replay import ACKNOWLEDGED, DEVICE, LIMITS, READINGS, SESSION, TYPED, WITH_SOURCE

if TYPE_CHECKING:
    from datetime import datetime

    from openketamine.clinic.infusion.models import Infusion
    from openketamine.clinic.monitoring.models import Watch


def run(argv: list[str]) -> int:
    """Write the three files, readable by their owner alone."""
    parser = Arguments("tape")
    parser.add_argument("session", metavar="SESSION")
    parser.add_argument("--out", required=True, metavar="FOLDER")
    parser.add_argument("--home", default="")
    parser.add_argument("--db", default="")
    options = parser.parse_args(argv)
    setup(options.home, options.db)
    folder = Path(options.out)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in taken(session_of(options.session)).items():
        write_private(folder / name, content.encode())
    print(f"openketamine: wrote {READINGS}, {LIMITS} and {SESSION} into {folder}", file=sys.stderr)
    return 0


def taken(infusion: "Infusion") -> dict[str, str]:
    """Return the files of a session by name, and write down that they were taken."""
    from openketamine.clinic.audit import actions as audit
    from openketamine.clinic.audit import texts
    from openketamine.clinic.audit.rows import ABOUT_EXPORTS
    from openketamine.clinic.infusion import queries
    from openketamine.site import clock

    started, watch, now = queries.course_of(infusion).started_at, infusion.watch, clock.clinic_time()
    end = watch.ended_at or now
    about = {**_about(watch, started, (end - watch.started_at).total_seconds()), "checks": checks(infusion, end)}
    audit.record(by="command line", at=now, action=ABOUT_EXPORTS, patient=infusion.patient.reference, format="tape")
    return {
        READINGS: readings(watch),
        LIMITS: texts.kept(watch.limits_sha256),
        SESSION: json.dumps(about, indent=1),
    }


def _about(watch: "Watch", started: "datetime | None", until_s: float) -> dict[str, Any]:
    """Return what was asked of a watch until its end, and before that.

    Of a watch that began before that was kept, the baseline is known to count from the start on.
    """
    now = {"required": watch.required, "baseline": watch.baseline, "due_s": watch.due_every_s or {}}
    rows = [one.plain() for one in watch.asked_before.all()]
    before = [one for one in rows if one["until_s"] < until_s]
    at_end = {**next((one for one in rows if one["until_s"] >= until_s), now), "until_s": until_s}
    if rows:
        return {**at_end, "before": before}
    return {**at_end, "baseline_from_s": (started - watch.started_at).total_seconds() if started else 0.0}


def checks(infusion: "Infusion", end: "datetime") -> dict[str, Any]:
    """Return which checks were due until the end and when each was overdue, and what was seen of their parts beside what devices stream.

    A clinic that has its session alarms switched off was told of none.
    """
    from openketamine.clinic.infusion import queries
    from openketamine.clinic.people.models import Clinic

    if not Clinic.objects.filter(session_alarms=True).exists():
        return {}
    due = queries.every_check(infusion, queries.course_of(infusion), end)
    parts = {part for one in due for part in one.parts}

    def second(at: "datetime") -> float:
        return (at - infusion.watch.started_at).total_seconds()

    return {
        "due": [
            {"parts": list(one.parts), "from_s": second(one.due - one.early), "late_s": second(one.overdue_at)} for one in due
        ],
        "seen": {
            part: [[second(observed), second(told)] for observed, told in rows]
            for part, rows in sorted(queries.seen(infusion, parts).items())
        },
    }  # fmt: skip


def readings(watch: "Watch") -> str:
    """Return what the alarms of a watch were given, in the order of observation; seconds count from its start."""
    from openketamine.clinic.monitoring import evaluation

    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(WITH_SOURCE)
    for one in evaluation.everything_seen(watch):
        if isinstance(one, Fact):
            rows.writerow([one.at_s, one.name, "given" if one.holds else ROOM_AIR, TYPED])
        elif isinstance(one, Acknowledged):
            rows.writerow([one.at_s, ACKNOWLEDGED, one.rule, TYPED])
        else:
            value = "" if one.value is None else one.value
            rows.writerow([one.at_s, one.signal.value, value, TYPED if one.by_hand else DEVICE])
    return out.getvalue()
