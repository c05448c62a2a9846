"""What every page knows: whether this clinic is a demo."""

from django.http import HttpRequest

from openketamine.clinic.people.models import Clinic


def clinic(_request: HttpRequest) -> dict[str, object]:
    """Give templates the clinic row; a nameless real clinic before the database holds one."""
    return {"clinic": Clinic.objects.first() or Clinic(is_demo=False)}
