"""What every request carries: the clinic's own time, and that a page about people stays in no cache."""

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from openketamine.clinic.people.clinic_time import zone


class ClinicTime(MiddlewareMixin):
    """Show and read every time of a page in the clinic's own zone; what is stored stays UTC."""

    def process_request(self, _request: HttpRequest) -> None:
        """Let the clinic's zone be the one in force."""
        timezone.activate(zone())

    def process_response(self, _request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Leave no zone behind for whoever comes next on this thread."""
        timezone.deactivate()
        return response


class NeverKept(MiddlewareMixin):
    """Ask browsers and proxies to keep no page: the next person at this tablet must not find it by going back."""

    def process_response(self, _request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Say `Cache-Control: no-store` unless the view has said something else."""
        response.headers.setdefault("Cache-Control", "no-store")
        return response
