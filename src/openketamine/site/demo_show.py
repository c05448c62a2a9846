"""The demo's two minutes: four chairs in four situations, begun anew at each start and on request; a colleague does what is left."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q

from openketamine.clinic.infusion import actions as infusions
from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.monitoring import actions as monitoring
from openketamine.clinic.monitoring import alarms
from openketamine.clinic.monitoring.models import Chair, Device, DeviceOnChair
from openketamine.clinic.people.models import Clinic, Patient
from openketamine.clinic.tasks import actions as tasks
from openketamine.core.infusion.events import PERMITTED, Kind
from openketamine.core.teaching.virtual_patient import VirtualPatient
from openketamine.evidence.virtual_patients import virtual_patient
from openketamine.site import clock, demo_lives

ON_CHAIRS = {1: ("Alba", 3), 2: ("Bruno", 0), 3: ("Carl", 1), 4: ("Dina", 2)}
WASTED = Decimal(10)
SLOW = 2.0
COLLEAGUE_AFTER = timedelta(minutes=2, seconds=30)
LOOKED_AT = ("oriented", "steady_gait", "instructions_person")


@transaction.atomic
def begin(*, why: str) -> None:
    """End what is open and seat four people again."""
    clinic = Clinic.objects.get()
    at, wall = clock.clinic_time(), clock.wall()
    end_open_sessions(at, why)
    for number, (name, given) in ON_CHAIRS.items():
        seat(number, Patient.objects.get(given_name=name, source="demo"), given, at)
    clinic.show_wall = wall
    clinic.save()


def end_open_sessions(at: datetime, why: str) -> None:
    """Cancel every session that a virtual monitor watches, and what it called for."""
    for infusion in Infusion.objects.filter(closed_at=None, watch__chair__position__in=ON_CHAIRS):
        end = max(at, *(row.at for row in queries.standing_events(infusion)), infusion.opened_at)
        if Kind.CANCELLED in PERMITTED[queries.course_of(infusion).phase]:
            infusions.record(infusion=infusion, kind=Kind.CANCELLED, by="demo", at=end, now=end, says=why)
    on_chairs = [name for name, _given in ON_CHAIRS.values()]
    for task in tasks.open_tasks().filter(Q(urgent=True) | Q(patient__given_name__in=on_chairs)):
        tasks.finish(task, by="demo", at=at, note=why)


def seat(number: int, patient: Patient, given: int, at: datetime) -> None:
    """Seat one person as their virtual patient says."""
    person, chair = virtual_patient(f"chair_{number}"), Chair.objects.get(position=number)
    start = at - timedelta(minutes=person.start_min)
    days = demo_lives.course(
        patient, first_on=at - timedelta(days=4 * given), at=start - timedelta(hours=1), given=given
    )
    opened = start - demo_lives.BEFORE
    infusion = demo_lives.seated(patient, days[given], chair, weight_kg=Decimal(str(person.weight_kg)), at=opened)
    _monitor_onto(chair, opened)
    _watched(infusion, opened)
    demo_lives.started(infusion, at=start)
    demo_lives.on_room_air(infusion, at=start)
    if person.recovering:
        _recovering(infusion, person, start)
    _rounds(infusion, at)


def _watched(infusion: Infusion, at: datetime) -> None:
    """Let the protocol's signals be required here, each as soon as the virtual monitor, which begins only now, has sent it once."""
    alarms.evaluate(infusion.watch_id, at=at)
    infusion.watch.refresh_from_db()
    infusion.watch.required = list(queries.regimen_in_force(infusion).required)
    infusion.watch.save(update_fields=["required"])


def _monitor_onto(chair: Chair, at: datetime) -> None:
    device, _made = Device.objects.get_or_create(
        identity=f"VIRTUAL-MONITOR-{chair.position}/VIRTUAL", defaults={"first_seen_at": at}
    )
    if not DeviceOnChair.objects.filter(device=device).exists():
        monitoring.accept_device(device=device, chair=chair, by=demo_lives.NURSE, at=at)


def _rounds(infusion: Infusion, at: datetime) -> None:
    """Type the nurse's part of every check up to now; pressure and streams are the monitor's, which tells of the whole visit."""
    course = queries.course_of(infusion)
    for due in queries.dues(infusion, course, at):
        if due.at <= at and demo_lives.CALM.keys() & {*due.missing}:
            runs = course.stopped_at is None or due.at <= course.stopped_at
            values = {**demo_lives.CALM, "dissociation": demo_lives.DRIFTING if runs else demo_lives.BACK}
            seen = due.at - timedelta(minutes=1)
            monitoring.chart_typed(
                watch=infusion.watch, values=values, reasons={}, by=demo_lives.NURSE, observed_at=seen, at=seen
            )


def look_in(infusion: Infusion, found: Mapping[str, float], *, at: datetime) -> None:
    """Let a colleague do the check that nobody has done until shortly before it is overdue: what is missing of it, as `found` at the person."""
    for due in queries.dues(infusion, queries.course_of(infusion), at):
        values = {part: value for part, value in found.items() if part in due.missing}
        if due.now and at - due.at >= COLLEAGUE_AFTER and values:
            monitoring.chart_typed(
                watch=infusion.watch, values=values, reasons={}, by=demo_lives.SECOND, observed_at=at, at=at
            )


def _recovering(infusion: Infusion, person: VirtualPatient, start: datetime) -> None:
    stop = start + timedelta(minutes=person.stopped_min or 0)
    infusions.record(
        infusion=infusion, kind=Kind.STOPPED, by=demo_lives.NURSE, at=stop, now=stop, delivered_ml=person.delivered_ml
    )
    looked = start + timedelta(minutes=person.start_min - 1)
    ledger.waste(
        session=infusion.reference,
        mg=WASTED,
        by=demo_lives.NURSE,
        second=demo_lives.SECOND,
        at=looked,
        patient=infusion.patient.reference,
    )
    demo_lives.checked(infusion, 158, 94, at=looked)
    demo_lives.looked_at(infusion, LOOKED_AT, at=looked)


def pace(at: datetime) -> None:
    """Slow the demo's clock while an urgent alarm waits for an answer, and let it run again afterwards."""
    clinic = Clinic.objects.select_for_update().filter(is_demo=True, clock_origin__isnull=False).first()
    if clinic is None:
        return
    rate = min(SLOW, clinic.demo_rate) if alarms.anybody_waits(at=at) else clinic.demo_rate
    if rate != clinic.clock_rate:
        wall = clock.wall()
        clinic.clock_origin, clinic.clock_wall, clinic.clock_rate = clock.converter(clinic)(wall), wall, rate
        clinic.save()
