"""Addresses of the plan room."""

from django.urls import path, register_converter

from openketamine.clinic.plan import (
    calendar_views,
    exposure_views,
    mid_course_views,
    rate_views,
    regimen_views,
    taper_views,
    views,
)
from openketamine.evidence import load
from openketamine.evidence.regimen import KIND


class RegimenConverter:
    """A regimen that ships with the program."""

    regex = "[a-z0-9_]+"

    def to_python(self, value: str) -> str:
        """Return a known id; raises ValueError, which is a page not found."""
        if value not in load.names(KIND):
            raise ValueError(value)
        return value

    def to_url(self, value: str) -> str:
        """Return the id as it stands."""
        return value


register_converter(RegimenConverter, "regimen")
app_name = "plan"
urlpatterns = [
    path("protocols/", regimen_views.overview, name="regimens"),
    path("protocols/<regimen:name>/", regimen_views.one, name="regimen"),
    path("import/", mid_course_views.table, name="import"),
    path("calendar/", calendar_views.week, name="calendar"),
    path("calendar/hours/", calendar_views.set_hours, name="hours"),
    path("calendar/feed/", calendar_views.new_feed, name="new-feed"),
    path("calendar/feed/<str:token>.ics", calendar_views.feed, name="feed"),
    path("calendar/move/<int:number>/", calendar_views.move, name="move"),
    path("<slug:reference>/", views.plan, name="plan"),
    path("<slug:reference>/appointments/", calendar_views.appointments, name="appointments"),
    path("<slug:reference>/appointments/book/", calendar_views.book, name="book"),
    path("<slug:reference>/exposure/", exposure_views.exposure, name="exposure"),
    path("<slug:reference>/rate/", rate_views.rate, name="rate"),
    path("<slug:reference>/course/", views.course, name="course"),
    path("<slug:reference>/order/", views.order, name="order"),
    path("<slug:reference>/order/<int:number>/check/", views.check, name="check"),
    path("<slug:reference>/taper/", taper_views.days, name="taper"),
    path("<slug:reference>/end/", views.end, name="end"),
    path("<slug:reference>/finding/<int:number>/", views.finding, name="finding"),
]
