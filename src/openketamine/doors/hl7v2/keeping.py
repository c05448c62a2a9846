"""How long the bytes of stored messages are kept: what the clinic has set, what is charted, and what keeps its bytes all the same.

It asks the clinic's database and writes nothing to it: `listen` alone writes the inbox, and the inbox is all that it writes.
"""

from collections.abc import Sequence

from django.db.models import Q

from openketamine.clinic.infusion.models import Incident
from openketamine.clinic.monitoring import queries
from openketamine.clinic.monitoring.models import DeviceNotice, NotCharted, Pulse, Watch
from openketamine.clinic.people.models import Clinic
from openketamine.doors.hl7v2.inbox import Policy


def policy() -> Policy | None:
    """Return what counts now; None: everything is kept."""
    days = Clinic.objects.values_list("raw_message_days", flat=True).first()
    charted = Pulse.objects.values_list("inbox_seq", flat=True).first()
    return Policy(days, charted) if days and charted else None


def held(numbers: Sequence[int]) -> set[int]:
    """Return those of some messages that keep their bytes: of a frozen session, named by a notice, or not charted.

    A session that was moved has the start of the one it was moved from, whose readings carry the numbers.
    """
    frozen = Watch.objects.filter(started_at__in=Incident.objects.values("infusion__watch__started_at"))
    among = Q(seq__in=numbers)
    of_notices = DeviceNotice.objects.filter(among).order_by().values_list("seq", flat=True)
    not_charted = NotCharted.objects.filter(among).values_list("seq", flat=True)
    return {*queries.messages_of(frozen, among), *(seq for seq in of_notices if seq is not None), *not_charted}
