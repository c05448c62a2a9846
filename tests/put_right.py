"""A session that was recorded for the wrong person or on the wrong chair, and is put right."""

from datetime import timedelta
from decimal import Decimal

from tests.builders import AT, make_patient

from openketamine.clinic.infusion import actions
from openketamine.clinic.infusion.moving import move
from openketamine.clinic.monitoring.models import Chair
from openketamine.core.infusion.events import Kind
from openketamine.site import demo_lives

MOVED = AT + timedelta(minutes=5)


def order_of_somebody_else():
    """An order of somebody else, who was not here when it was written."""
    other = make_patient(given_name="Really")
    day = demo_lives.course(other, first_on=AT, at=AT)[0]
    gone = demo_lives.seated(other, day, Chair.objects.create(name="elsewhere"), weight_kg=Decimal(70), at=AT)
    actions.record(infusion=gone, kind=Kind.CANCELLED, by="nils", at=AT, now=AT, says="another day")
    return gone.order


def put_right(infusion, order=None, chair=None):
    order = order or infusion.order
    return move(
        infusion=infusion, patient=order.planned.course.patient, order=order, chair=chair or infusion.watch.chair,
        reason="the wrong chart was open", by="nora", at=MOVED,
    )  # fmt: skip
