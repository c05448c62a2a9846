"""The demo's people who do not sit on a chair now, each at another stage of care."""

from datetime import datetime, timedelta
from decimal import Decimal

from openketamine.clinic.candidacy import actions as candidacy
from openketamine.clinic.candidacy import decisions, history, screens, sharing
from openketamine.clinic.candidacy.models import Choice, Listed, Source
from openketamine.clinic.followup import actions as followup
from openketamine.clinic.infusion import actions as infusions
from openketamine.clinic.infusion import before
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.people.models import Patient
from openketamine.clinic.safety import actions as safety
from openketamine.site.demo_lives import NURSE, PRESCRIBER, course, lived, said_by, scored, seated

PROTOCOL = "depression_iv_racemic"
WEIGHT = Decimal(70)
TRIALS = (
    ("sertraline", "ssri", 150.0, 10.0, "no_response"), ("venlafaxine", "snri", 225.0, 8.0, "partial"), ("bupropion", "other_antidepressant", None, 3.0, "not_tolerated"),
)  # fmt: skip
FACTS: dict[str, bool | float | str | None] = {
    "age_years": 45.0, "diagnosis": "mdd_without_psychosis", "failed_adequate_trials": 3.0, "episode_weeks": 30.0,
    "severity_scale": "phq9", "phq9_total": 21.0,
}  # fmt: skip


def live(now: datetime) -> None:
    """Let everybody live up to now."""
    _alba(now)
    _decided_against(_named("Fern"), now)
    _planned(_named("Gil"), now)
    _mid_course(_named("Hedda"), now)
    _maintenance(_named("Ivo"), now)
    _held(_named("June"), now)
    _fasting_not_asked(_named("Karl"), now)
    _intake(_named("Lena"), now)


def _intake(patient: Patient, now: datetime) -> None:
    """Half asked: the history from a letter, medicines and allergies from herself, a screen that says no, a page to read."""
    _told(patient, {code: value for code, value in FACTS.items() if code != "failed_adequate_trials"}, now)
    letter, herself = (
        candidacy.Known(Source.RECORD, now.date(), "letter of Dr Example"),
        candidacy.Known(Source.PERSON, now.date()),
    )
    for agent, kind, mg, weeks, outcome in TRIALS:
        fields = {
            "agent": agent, "treatment_class": kind, "mg_per_day": mg, "weeks": weeks, "adherence": "taken", "outcome": outcome,
        }  # fmt: skip
        history.add(patient=patient, fields=fields, known=letter, by=NURSE, at=now)
    candidacy.list_item(
        patient=patient, kind=Listed.MEDICINE, known=herself, by=NURSE, at=now, name="lamotrigine", detail="200 mg"
    )
    candidacy.list_item(patient=patient, kind=Listed.ALLERGY, known=herself, by=NURSE, at=now, none_known=True)
    screens.record(patient=patient, instrument="asq", answers={"1": 0, "2": 0, "3": 0, "4": 0}, by=NURSE, at=now)
    sharing.release(patient=patient, name=PROTOCOL, cost="", by=PRESCRIBER, at=now, wall=now)


def _told(patient: Patient, facts: dict[str, bool | float | str | None], at: datetime) -> None:
    known = candidacy.Known(Source.PERSON, at.date())
    candidacy.record_facts(patient=patient, facts=facts, known=known, by=NURSE, at=at)


def _named(given_name: str) -> Patient:
    return Patient.objects.get(given_name=given_name, source="demo")


def _alba(now: datetime) -> None:
    """Three infusions behind her, scores falling: the first chair continues from here."""
    _course_lived(_named("Alba"), now, (21, 17, 13, 10), days=(11, 8, 4))


def _course_lived(patient: Patient, now: datetime, scores: tuple[int, ...], days: tuple[int, ...]) -> None:
    planned = course(patient, first_on=now - timedelta(days=days[0]), at=now - timedelta(days=days[0] + 2))
    scored(patient, scores[0], at=now - timedelta(days=days[0] + 1))
    for number, (ago, score) in enumerate(zip(days, scores[1:], strict=True)):
        at = now - timedelta(days=ago)
        infusion = lived(patient, planned[number], Chair.objects.get(position=number % 4 + 1), weight_kg=WEIGHT, at=at)
        followup.ask_day_after(infusion=infusion, at=at, wall=at)
        scored(patient, score, at=at + timedelta(days=1))


def _decided_against(patient: Patient, now: datetime) -> None:
    _told(patient, {**FACTS, "current_mania": True}, now - timedelta(days=9))
    decisions.decide(
        patient=patient,
        name="crps",
        choice=Choice.NOT,
        reason="current mania; psychiatrist takes over",
        by=PRESCRIBER,
        at=now - timedelta(days=8),
    )


def _planned(patient: Patient, now: datetime) -> None:
    _told(patient, FACTS, now - timedelta(days=6))
    course(patient, first_on=now + timedelta(days=2), at=now - timedelta(days=5))


def _mid_course(patient: Patient, now: datetime) -> None:
    _course_lived(patient, now, (19, 18, 15), days=(7, 3))


def _maintenance(patient: Patient, now: datetime) -> None:
    _course_lived(patient, now, (22, 18, 14, 11, 8, 6, 4), days=(35, 32, 28, 25, 21, 18))
    course(patient, first_on=now + timedelta(days=3), at=now - timedelta(days=2), per_week=1)


def _held(patient: Patient, now: datetime) -> None:
    _course_lived(patient, now, (20, 16, 12), days=(10, 6))
    answers = {"urgency": 2, "frequency": 1, "night": 1, "pain": 1, "blood": 0}
    safety.screen(patient=patient, answers=answers, by=NURSE, at=now - timedelta(days=1))


def _fasting_not_asked(patient: Patient, now: datetime) -> None:
    """Sits on the fifth chair before the first infusion; everything was asked but the last meal."""
    planned = course(patient, first_on=now, at=now - timedelta(days=3))
    at = now - timedelta(minutes=10)
    infusion = seated(patient, planned[0], Chair.objects.get(position=5), weight_kg=WEIGHT, at=at)
    for item in before.gate(infusion):
        if item.id != "fasting" and not item.measured:
            said = said_by(patient).get(item.id, "")
            infusions.answer_gate(infusion=infusion, item=item.id, answer="yes", said=said, by=NURSE, at=at)
