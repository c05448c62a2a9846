"""Where a course stands at its checkpoints, what was decided, and whether maintenance has to be justified anew."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from openketamine.clinic.audit import actions as audit
from openketamine.clinic.followup.models import CheckpointDecision, MaintenanceReview
from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.instruments.models import Answers
from openketamine.clinic.people.models import Patient, Role
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.plan import regimens
from openketamine.clinic.plan.models import Course
from openketamine.clinic.tasks import actions as tasks
from openketamine.core.followup.checkpoint import Checkpoint, Looked, Score, Standing, look
from openketamine.core.followup.response import reduction_percent
from openketamine.evidence.regimen import Regimen

DAYS_PER_MONTH = 30.4375
LOOK_WITHIN = timedelta(days=1)
PROPOSES = {"review": "a review is proposed", "ending": "an end of the series is proposed"}


@dataclass(frozen=True, slots=True)
class Seen:
    """One checkpoint as the page shows it."""

    looked: Looked
    words: str
    overlapping: bool
    decision: CheckpointDecision | None

    @property
    def open(self) -> bool:
        """Whether something is proposed that nobody has decided on."""
        return self.looked.standing is Standing.MET and self.decision is None


@dataclass(frozen=True, slots=True)
class Picture:
    """The checkpoints of a course, the response so far, remissions by name, and since when maintenance is due."""

    seen: tuple[Seen, ...]
    improvements: tuple[str, ...]
    remissions: tuple[str, ...]
    review_due_at: datetime | None
    reviews: tuple[MaintenanceReview, ...]


def started(course: Course) -> list[datetime]:
    """Return when the infusions of a course were started here, in order."""
    return sorted(at for one in infusions_of(course) if (at := queries.course_of(one).started_at) is not None)


def infusions_of(course: Course) -> list[Infusion]:
    """Return the sessions of a course that count as given; one recorded for another person does not."""
    given = plan.given_days(course)
    rows = Infusion.objects.filter(order__planned__course=course, order__planned__number__in=given)
    return list(rows.order_by("opened_at"))


def scores_of(patient: Patient) -> list[Score]:
    """Return every score of a person."""
    rows = Answers.objects.filter(patient=patient).exclude(score=None).order_by("at", "pk")
    return [Score(row.instrument, float(row.score), row.at) for row in rows]


def picture(course: Course, *, at: datetime) -> Picture:
    """Return where a course stands now. Of a course that began elsewhere the score before it is not known: nothing is compared."""
    rules, given, scores = regimens.rules_of(course), started(course), scores_of(course.patient)
    decisions = {row.checkpoint: row for row in CheckpointDecision.objects.filter(course=course)}
    seen = [_seen(_look(course, one, given, scores, rules), rules, decisions.get(one.id)) for one in rules.checkpoints]
    reviews = tuple(MaintenanceReview.objects.filter(course=course))
    return Picture(
        tuple(seen), tuple(_improvements(given, scores, rules, elsewhere=course.given_elsewhere > 0)), tuple(_remissions(scores, rules)),
        _review_due(course, rules, reviews, given, at), reviews,
    )  # fmt: skip


def _look(course: Course, one: Checkpoint, given: list[datetime], scores: list[Score], rules: Regimen) -> Looked:
    if not course.given_elsewhere:
        return look(one, given, scores, rules.instruments)
    reached = course.given_elsewhere + len(given) >= one.after_infusion
    return Looked(one, Standing.NOT_KNOWN if reached else Standing.NOT_YET)


def _seen(found: Looked, rules: Regimen, decision: CheckpointDecision | None) -> Seen:
    before, after = found.before, found.after
    if before is None or after is None:
        return Seen(found, found.standing.value, overlapping=False, decision=decision)
    words = f"{after.instrument} {before.value:g} -> {after.value:g}: {found.improvement_percent or 0.0:.0f} % better"
    if found.standing is Standing.MET:
        words += f"; {PROPOSES[found.checkpoint.proposes]}"
    return Seen(found, words, after.instrument in rules.overlapping_recall, decision)


def _improvements(given: list[datetime], scores: list[Score], rules: Regimen, *, elsewhere: bool) -> list[str]:
    found = []
    for instrument in rules.instruments:
        own = [one for one in scores if one.instrument == instrument]
        before = [one for one in own if given and one.at <= given[0] and not elsewhere]
        if before and own[-1] is not before[-1]:
            better = reduction_percent(before[-1].value, own[-1].value)
            line = rules.response_percent
            response = (
                ""
                if line is None or better is None
                else f", response ({line:g} % or more): {'yes' if better >= line else 'no'}"
            )
            found.append(f"{instrument} {before[-1].value:g} -> {own[-1].value:g}{response}")
    return found


def _remissions(scores: list[Score], rules: Regimen) -> list[str]:
    last = {one.instrument: one for one in scores}
    return [
        f"{one.says}: {'reached' if one.reached(last[one.instrument].value) else 'not reached'} ({last[one.instrument].value:g})"
        for one in rules.remissions
        if one.instrument in last
    ]


def _review_due(
    course: Course, rules: Regimen, reviews: tuple[MaintenanceReview, ...], given: list[datetime], at: datetime
) -> datetime | None:
    """Return since when infusions have to be justified anew; None while they need not be."""
    if rules.review_months is None or not given:
        return None
    last = max([course.at, *(row.at for row in reviews)])
    due = last + timedelta(days=rules.review_months * DAYS_PER_MONTH)
    return due if at >= due else None


@transaction.atomic
def decide(*, course: Course, checkpoint: str, decided: str, reason: str, by: str, at: datetime) -> CheckpointDecision:
    """Record a clinician's decision at a checkpoint with what was found at that moment."""
    found = next(one for one in picture(course, at=at).seen if one.looked.checkpoint.id == checkpoint)
    row = CheckpointDecision(
        course=course, checkpoint=checkpoint, found=found.words, decided=decided, reason=reason, by=by, at=at
    )
    row.save()
    patient = course.patient.reference
    audit.record(
        by=by,
        at=at,
        action="checkpoint decided",
        patient=patient,
        about=f"course {course.pk}",
        checkpoint=checkpoint,
        decided=decided,
    )
    for task in tasks.open_tasks().filter(key=_key(course, checkpoint)):
        tasks.finish(task, by=by, at=at, note=reason)
    return row


@transaction.atomic
def justify(*, course: Course, reason: str, by: str, at: datetime) -> MaintenanceReview:
    """Record why infusions go on."""
    row = MaintenanceReview(course=course, reason=reason, by=by, at=at)
    row.save()
    audit.record(
        by=by, at=at, action="maintenance justified", patient=course.patient.reference, about=f"course {course.pk}"
    )
    return row


def notice(patient: Patient, *, at: datetime) -> None:
    """Ask a prescriber to look at each checkpoint whose line is met, once."""
    course = plan.current_course(patient)
    if course is None:
        return
    for one in picture(course, at=at).seen:
        if one.open:
            checkpoint = one.looked.checkpoint
            says = f"Checkpoint: {checkpoint.says}. {one.words}"[:300]
            tasks.open_task(
                key=_key(course, checkpoint.id),
                says=says,
                owner=Role.PRESCRIBER,
                due_at=at + LOOK_WITHIN,
                at=at,
                patient=patient,
            )


def _key(course: Course, checkpoint: str) -> str:
    return f"checkpoint {course.pk} {checkpoint}"
