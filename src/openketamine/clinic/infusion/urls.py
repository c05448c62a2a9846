"""Addresses of the infusion room."""

from django.urls import path

from openketamine.clinic.infusion import views, wrong

app_name = "infusion"
urlpatterns = [
    path("open/<slug:reference>/", views.open_session, name="open"),
    path("<slug:reference>/", views.chair, name="chair"),
    path("<slug:reference>/wrong/", wrong.place, name="wrong"),
    path("<slug:reference>/wrong/unit/", wrong.unit, name="wrong-unit"),
    path("<slug:reference>/live/", views.live, name="live"),
    path("<slug:reference>/chart/", views.chart, name="chart"),
    path("<slug:reference>/gate/", views.gate, name="gate"),
    path("<slug:reference>/check/", views.check, name="check"),
    path("<slug:reference>/record/", views.record, name="record"),
    path("<slug:reference>/event/<int:number>/correct/", views.correct, name="correct"),
]
