"""What people do in the show: somebody calls from a phone, an escort arrives, a colleague does a check that waits."""

from collections.abc import Callable, Mapping

from openketamine.clinic.followup import actions as followup
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.recovery import actions as recovery
from openketamine.core.teaching.virtual_patient import What
from openketamine.site import clock, demo_show


def call(reference: str) -> None:
    """Press "I need someone" on the phone of the person on the chair."""
    infusion = Infusion.objects.get(reference=reference)
    link = followup.chair_link(infusion=infusion, wall=clock.wall())
    if infusion.closed_at is None:
        followup.call_for_help(link=link, at=clock.clinic_time())


def escort(reference: str) -> None:
    """Let the front desk say that the escort is here."""
    infusion = Infusion.objects.get(reference=reference)
    if infusion.closed_at is None:
        recovery.tick(
            infusion=infusion, criterion="escort", met=True, note="Escort Example", by="dora", at=clock.clinic_time()
        )


def look_in(reference: str, found: Mapping[str, float]) -> None:
    """Let a colleague look in at a chair."""
    infusion = Infusion.objects.get(reference=reference)
    if infusion.closed_at is None:
        demo_show.look_in(infusion, found, at=clock.clinic_time())


ACTS: dict[What, Callable[[str], None]] = {What.CALL: call, What.ESCORT: escort}
