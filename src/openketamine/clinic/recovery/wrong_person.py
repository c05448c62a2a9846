"""A signed or frozen session that was another person's: it stays where it is, and both people's next infusion waits for a clinician."""

from datetime import datetime

from django.utils.translation import gettext as _

from openketamine.clinic.infusion import queries
from openketamine.clinic.infusion.curves import learn_again
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.people import actions as people
from openketamine.clinic.people.models import Patient
from openketamine.clinic.plan import actions as plan
from openketamine.core.infusion.balance import shown

LONGEST = 300


def tell_both(infusion: Infusion, really: Patient, reason: str, *, by: str, at: datetime) -> None:
    """Open a finding on both records; in that of who did not get it the infusion neither counts as given nor teaches any more."""
    course = queries.course_of(infusion)
    mg = shown(queries.amounts(infusion, course, infusion.closed_at or at).pump_delivered_mg) + " mg"
    mg = mg if infusion.closed_at else _("%(mg)s so far") % {"mg": mg}
    words = {"on": f"{infusion.opened_at:%Y-%m-%d}", "mg": mg, "reason": reason}
    for patient, says in (
        (infusion.patient, _("The session of %(on)s, %(mg)s by the pump, stands in this record and was another person's: %(reason)s")),
        (really, _("The session of %(on)s, %(mg)s by the pump, was this person's and stands in another record: %(reason)s")),
    ):  # fmt: skip
        people.open_finding(
            patient=patient, code=f"{people.ANOTHER_S_SESSION}{infusion.reference}", room="recovery", says=(says % words)[:LONGEST],
            holds=course.started_at is not None, session=infusion.reference, by=by, at=at,
        )  # fmt: skip
    plan.take_back_given(planned=infusion.order.planned, reason=reason, by=by, at=at)
    learn_again(infusion, by=by, at=at)
