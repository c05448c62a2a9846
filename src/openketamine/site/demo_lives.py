"""What has happened to the demo's people before today: whole infusions, typed by hand, through the same actions as any other."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from openketamine.clinic.candidacy import decisions, sharing
from openketamine.clinic.candidacy.models import Choice, Decision
from openketamine.clinic.infusion import actions as infusions
from openketamine.clinic.infusion import before, readiness
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.instruments import actions as instruments
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.ledger.models import Vial
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring.models import Chair
from openketamine.clinic.people.clinic_time import day
from openketamine.clinic.people.models import Patient
from openketamine.clinic.plan import actions as plan
from openketamine.clinic.plan.models import PlannedInfusion
from openketamine.clinic.recovery import actions as recovery
from openketamine.core.infusion.events import Kind
from openketamine.core.plan.dose import Preparation, dose_card
from openketamine.core.recovery.readiness import Thoughts
from openketamine.evidence.chairs import chair_rules
from openketamine.evidence.regimen import regimen

REGIMEN = "depression_iv_racemic"
REGIMENS = {
    "post-traumatic stress disorder": "ptsd_iv", "generalised anxiety": "anxiety_iv", "bipolar depression": "bipolar_depression_iv",
    "obsessive-compulsive disorder": "ocd_iv",
}  # fmt: skip
"""The regimen of each indication that people of the demo were referred for; the others have resistant depression."""
PRESCRIBER, NURSE, SECOND = "ada", "nils", "nora"
BEFORE_START = (118, 74)
WHILE_IT_RUNS = ((10, 124, 78), (20, 129, 80), (30, 131, 82), (40, 130, 81))
AFTERWARDS = (
    (55, 128, 80), (70, 126, 79), (85, 125, 78), (100, 124, 77), (115, 123, 77), (130, 122, 76), (145, 122, 75), (160, 121, 75),
)  # fmt: skip
"""Every minute at which a check is due in an infusion of 40 minutes and until the person leaves, and the pressure found there."""
STOPPED_MIN, LEFT_MIN = 40, 165
VIAL_MG_PER_ML = Decimal(50)
BEFORE = timedelta(minutes=15)
PHQ9_ITEMS = 9
TICKED = ("oriented", "steady_gait", "instructions_person", "instructions_escort", "escort")
ALDRETE = dict.fromkeys(("activity", "breathing", "circulation", "consciousness", "oxygen"), 2)
CALM = {"moaas": 5.0, "distress": 1.0, "nausea": 0.0}
VITALS = {"spo2": 97.0, "heart_rate": 72.0, "respiratory_rate": 14.0}
DRIFTING, BACK = 3.0, 0.0
"""Dissociation, 0 to 10: while the drug runs, and before and after."""


def course(
    patient: Patient, *, first_on: datetime, at: datetime, given: int = 0, per_week: int | None = None
) -> list[PlannedInfusion]:
    """Plan a course with the regimen of this person's indication and note how many infusions of it were given before."""
    rules = regimen(REGIMENS.get(patient.referred_for, REGIMEN))
    agreed(patient, rules.protocol, at=at)
    shape = plan.Shape(
        rules.id, rules.infusions, per_week or rules.per_week, rules.dose_mg_per_kg or Decimal(0), rules.duration_min, first_on.date()
    )  # fmt: skip
    made = plan.plan_course(patient=patient, shape=shape, by=PRESCRIBER, at=at)
    days = list(PlannedInfusion.objects.filter(course=made).order_by("number"))
    for planned in days[:given]:
        plan.mark_given(planned=planned, at=at)
    return days


def agreed(patient: Patient, protocol: str, *, at: datetime) -> None:
    """Let a clinician decide for ketamine and the person sign a consent, unless both has been done."""
    if not Decision.objects.filter(patient=patient).exists():
        decisions.decide(
            patient=patient, name=protocol, choice=Choice.TREAT, reason="open facts asked by phone, see letter",
            by=PRESCRIBER, at=at,
        )  # fmt: skip
    if sharing.consent_in_force(patient) is None:
        release = sharing.release(patient=patient, name=protocol, cost="", by=PRESCRIBER, at=at, wall=at)
        points = [point["id"] for point in release.page["consent"]]
        sharing.sign(
            release=release, name=str(patient), agreed=points, device="tablet", witness=NURSE, at=at, wall=at
        )  # fmt: skip


def seated(patient: Patient, planned: PlannedInfusion, chair: Chair, *, weight_kg: Decimal, at: datetime) -> Infusion:
    """Sign the order and open the session."""
    rules = regimen(planned.course.regimen)
    made = Preparation(VIAL_MG_PER_ML, rules.bag_ml, rules.duration_min, rules.diluents[0][1])
    card = dose_card(weight_kg, planned.course.dose_mg_per_kg, made, rules.rules)
    signing = plan.Signing(PRESCRIBER, "Ada Example", at, at)
    order = plan.sign_order(planned=planned, card=card, body=plan.Body(at), signing=signing)
    return infusions.open_session(patient=patient, order=order, chair=chair, by=NURSE, at=at, required=())


def started(infusion: Infusion, *, at: datetime) -> None:
    """Answer the check before the start, draw the drug, take a pressure, and record the start."""
    for item in before.gate(infusion):
        if not item.measured:
            said = said_by(infusion.patient).get(item.id, "")
            infusions.answer_gate(infusion=infusion, item=item.id, answer="yes", said=said, by=NURSE, at=at)
    ledger.draw(
        session=infusion.reference, vial=stock(at), mg=infusion.order.dose_mg, by=NURSE, second=SECOND, at=at,
        patient=infusion.patient.reference,
    )  # fmt: skip
    minute_before = at - timedelta(minutes=1)
    checked(
        infusion, BEFORE_START[0], BEFORE_START[1], at=minute_before, **{**VITALS, "spo2": 98.0, "heart_rate": 70.0}, dissociation=BACK, **CALM
    )  # fmt: skip
    fitted_out(infusion.watch.chair, at=at)
    infusions.make_ready(infusion=infusion, required=infusion.watch.required, reason="", by=NURSE, at=at, now=at)
    rate = float(infusion.order.rate_ml_per_h)
    infusions.record(infusion=infusion, kind=Kind.STARTED, by=NURSE, at=at, now=at, rate_ml_per_h=rate)


def said_by(patient: Patient) -> dict[str, str]:
    """Return what the answers of the check say beside a yes."""
    person = f"{patient.given_name} {patient.family_name}, {patient.born_on}"
    return {"identity": person, "escort": "Escort Example", "monitor_alarms": "Nils Example"}


def fitted_out(chair: Chair, *, at: datetime) -> None:
    """Go through what must stand at a chair on that day, once."""
    if readiness.of_the_day(chair, on=day(at)) is None:
        present = [item.id for item in chair_rules().items]
        readiness.confirm(
            chair=chair, present=present, observer=f"Observer Example, {chair}", clinician=PRESCRIBER, by=NURSE, at=at
        )


def stock(at: datetime) -> Vial:
    """Return a vial that holds enough, receiving one when there is none."""
    enough = Decimal(100)
    vials: list[Vial] = list(Vial.objects.all())
    for vial in vials:
        if ledger.left(vial) >= enough and vial.expires_on > at.date():
            return vial
    later = at.date() + timedelta(days=400)
    return ledger.receive(
        lot=f"DEMO-{Vial.objects.count() + 1}",
        strength=VIAL_MG_PER_ML,
        content_mg=Decimal(500),
        expires_on=later,
        by="pia",
        at=at,
    )


def checked(infusion: Infusion, systolic: float, diastolic: float, *, at: datetime, **more: float) -> None:
    """Type one check."""
    values = {"nibp_systolic": float(systolic), "nibp_diastolic": float(diastolic), **more}
    monitoring.chart_typed(watch=infusion.watch, values=values, reasons={}, by=NURSE, observed_at=at, at=at)


def on_room_air(infusion: Infusion, *, at: datetime) -> None:
    """Type that the person breathes air."""
    monitoring.chart_typed(
        watch=infusion.watch, values={}, reasons={}, words={"oxygen": "air"}, by=NURSE, observed_at=at, at=at
    )


def looked_at(infusion: Infusion, ticked: Sequence[str], *, at: datetime) -> None:
    """Look at what a nurse looks at before somebody leaves: dissociation gone, no thoughts of suicide, and what is ticked."""
    monitoring.chart_typed(
        watch=infusion.watch, values={"dissociation": BACK}, reasons={}, by=NURSE, observed_at=at, at=at
    )
    recovery.ask_thoughts(
        infusion=infusion, criterion="no_new_suicidal_thoughts", answer=Thoughts.NONE, by=NURSE, at=at
    )
    for criterion in ticked:
        recovery.tick(infusion=infusion, criterion=criterion, met=True, note="", by=NURSE, at=at)


def lived(patient: Patient, planned: PlannedInfusion, chair: Chair, *, weight_kg: Decimal, at: datetime) -> Infusion:
    """A whole infusion from the chair to the signature."""
    infusion = seated(patient, planned, chair, weight_kg=weight_kg, at=at - BEFORE)
    started(infusion, at=at)
    stop, end = at + timedelta(minutes=STOPPED_MIN), at + timedelta(minutes=LEFT_MIN)
    _rounds(infusion, WHILE_IT_RUNS, start=at, dissociation=DRIFTING)
    infusions.record(infusion=infusion, kind=Kind.STOPPED, by=NURSE, at=stop, now=stop)
    _rounds(infusion, AFTERWARDS, start=at, dissociation=BACK)
    checked(infusion, 121, 75, at=end, **VITALS, **CALM)
    on_room_air(infusion, at=end)
    recovery.score(infusion=infusion, instrument="aldrete", answers=ALDRETE, by=NURSE, at=end)
    looked_at(infusion, TICKED, at=end)
    recovery.discharge(infusion=infusion, escort="Escort Example", override="", by=NURSE, at=end)
    recovery.sign(infusion=infusion, by=PRESCRIBER, at=end, now=end)
    return infusion


def _rounds(
    infusion: Infusion, checks: Sequence[tuple[int, int, int]], *, start: datetime, dissociation: float
) -> None:
    """Type whole checks, each a minute before it is due."""
    for minute, systolic, diastolic in checks:
        seen = start + timedelta(minutes=minute - 1)
        checked(infusion, systolic, diastolic, at=seen, dissociation=dissociation, **VITALS, **CALM)


def scored(patient: Patient, total: int, *, at: datetime) -> None:
    """Answer a PHQ-9 so that it sums to `total`, never touching its last item."""
    each, rest = divmod(total, PHQ9_ITEMS - 1)
    answers = {str(number): each + (number <= rest) for number in range(1, PHQ9_ITEMS)}
    instruments.answer(
        patient=patient, instrument="phq9", answers={**answers, str(PHQ9_ITEMS): 0}, by="the patient", at=at
    )
