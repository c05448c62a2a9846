"""Letters to the referrer: after the first infusion, at the end of a course, at stopping. What is signed is what is printed."""

import hashlib
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.followup import checkpoints
from openketamine.clinic.followup.models import CheckpointDecision, Letter, LetterKind, LetterSent, Way
from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.monitoring.models import Reading
from openketamine.clinic.people.models import Clinic
from openketamine.clinic.plan import regimens
from openketamine.clinic.plan.models import Course, CourseEnding
from openketamine.clinic.ui import typeset

PAGE = Path(__file__).with_name("letter.typ")


def due(course: Course) -> list[LetterKind]:
    """Return which letters of a course are due and not yet signed."""
    written = set(Letter.objects.filter(course=course).values_list("kind", flat=True))
    given = len(checkpoints.started(course))
    ending = CourseEnding.objects.filter(course=course).first()
    stopped = ending is not None and ending.kind != "complete"
    wanted = [
        (LetterKind.AFTER_FIRST, given >= 1),
        (LetterKind.END_OF_COURSE, not stopped and given >= course.infusions - course.given_elsewhere),
        (LetterKind.STOPPING, stopped),
    ]
    return [kind for kind, is_due in wanted if is_due and kind.value not in written]


def record(course: Course, *, at: datetime) -> dict[str, Any]:
    """Return what a letter about a course says, as plain values."""
    patient, rules, clinic = course.patient, regimens.rules_of(course), Clinic.objects.first()
    ending = CourseEnding.objects.filter(course=course).first()
    found = checkpoints.picture(course, at=at)
    return {
        "clinic": {"name": clinic.name if clinic else "", "demo": bool(clinic and clinic.is_demo), "time_zone": timezone.get_current_timezone_name()},
        "patient": {"name": str(patient), "born_on": patient.born_on.isoformat(), "referred_for": patient.referred_for},
        "course": {
            "title": rules.title, "tier": rules.tier, "planned": course.infusions, "elsewhere": course.given_elsewhere,
            "dose": f"{course.dose_mg_per_kg.normalize():f} mg/kg over {course.duration_min.normalize():f} min",
        },
        "infusions": [_infusion(one) for one in checkpoints.infusions_of(course)],
        "scores": [[timezone.localdate(one.at).isoformat(), one.instrument, f"{one.value:g}"] for one in checkpoints.scores_of(patient)],
        "improvements": list(found.improvements), "remissions": list(found.remissions),
        "decisions": [
            [timezone.localdate(row.at).isoformat(), row.found, row.get_decided_display(), row.reason]
            for row in CheckpointDecision.objects.filter(course=course)
        ],
        "ending": None if ending is None else {
            "how": ending.get_kind_display(), "reason": ending.reason, "plan": ending.plan,
            "next": f"{ending.next_clinician}, {ending.next_on.isoformat()}",
        },
    }  # fmt: skip


def _infusion(one: Infusion) -> dict[str, str]:
    course = queries.course_of(one)
    highest = (
        Reading.objects.filter(watch=one.watch, signal="nibp_systolic").exclude(value=None).order_by("-value").first()
    )
    given = "" if course.started_at is None else str(queries.given_mg(one, course, course.stopped_at or one.opened_at))
    return {
        "number": str(one.order.planned), "on": timezone.localdate(one.opened_at).isoformat(), "given_mg": given,
        "highest_systolic": f"{highest.value:g}" if highest else "", "phase": course.phase.value,
    }  # fmt: skip


@transaction.atomic
def sign(*, course: Course, kind: LetterKind, to: str, words: str, signed_name: str, by: str, at: datetime) -> Letter:
    """Sign a letter: its values are kept as they were printed."""
    values = {
        **record(course, at=at),
        "kind": kind.label,
        "to": to,
        "words": words,
        "signed": signed_name,
        "on": timezone.localdate(at).isoformat(),
    }
    values["kind"] = str(values["kind"])
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    letter = Letter(
        patient=course.patient, course=course, kind=kind.value, addressed_to=to, record=values,
        digest=hashlib.sha256(text.encode()).hexdigest(), at=at, by=by,
    )  # fmt: skip
    letter.save()
    audit.record(
        by=by,
        at=at,
        action="letter signed",
        patient=course.patient.reference,
        about=f"letter {letter.pk}",
        kind=kind.value,
    )
    return letter


@transaction.atomic
def mark_sent(*, letter: Letter, how: Way, on: date, note: str, by: str, at: datetime) -> LetterSent:
    """Note that a signed letter left the clinic or was printed; the same again returns the first."""
    told = {"letter": letter, "how": how.value, "on": on, "note": note}
    row, made = LetterSent.objects.get_or_create(**told, defaults={"by": by, "at": at})
    if made:
        audit.record(
            by=by, at=at, action="letter sent", patient=letter.patient.reference, about=f"letter {letter.pk}", how=how.value
        )  # fmt: skip
    return row


def pdf(letter: Letter) -> bytes:
    """Return a signed letter as PDF, typeset from the values that were signed."""
    return typeset.pdf(PAGE, {"letter": json.dumps(letter.record), "digest": letter.digest})
