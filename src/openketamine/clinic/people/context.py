"""What every page knows: whether this clinic is a demo, and the clinic's time."""

from django.http import HttpRequest
from django.utils import timezone

from openketamine.clinic.people.models import Clinic
from openketamine.clinic.ui import clock


def clinic(_request: HttpRequest) -> dict[str, object]:
    """Give templates the clinic row and its time; a nameless real clinic before the database holds one."""
    return {
        "clinic": Clinic.objects.first() or Clinic(is_demo=False),
        "clinic_time": clock.now,
        "time_zone": timezone.get_current_timezone_name(),
    }
