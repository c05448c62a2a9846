"""Addresses of the followup room."""

from django.urls import path, register_converter

from openketamine.clinic.followup import course_views, views
from openketamine.evidence.questionnaires import questionnaire_ids


class InstrumentConverter:
    """A questionnaire that ships with the program."""

    regex = "[a-z0-9_]+"

    def to_python(self, value: str) -> str:
        """Return a known id; raises ValueError, which is a page not found."""
        if value not in questionnaire_ids():
            raise ValueError(value)
        return value

    def to_url(self, value: str) -> str:
        """Return the id as it stands."""
        return value


register_converter(InstrumentConverter, "instrument")
app_name = "followup"
urlpatterns = [
    path("phone/<slug:reference>/", views.phone, name="phone"),
    path("letter/<int:number>.pdf", course_views.letter_pdf, name="letter-pdf"),
    path("letter/<int:number>/sent/", course_views.letter_sent, name="letter-sent"),
    path("<slug:reference>/checkpoints/", course_views.panel, name="checkpoints"),
    path("<slug:reference>/checkpoints/<slug:checkpoint>/", course_views.decide, name="decide"),
    path("<slug:reference>/maintenance/", course_views.justify, name="justify"),
    path("<slug:reference>/letter/", course_views.letter, name="letter"),
    path("<slug:reference>/", views.course_page, name="course"),
    path("<slug:reference>/answer/<instrument:instrument>/", views.answer, name="answer"),
]
