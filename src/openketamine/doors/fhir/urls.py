"""Addresses of the FHIR door."""

from django.urls import path

from openketamine.doors.fhir import views

app_name = "fhir"
urlpatterns = [
    path("import/", views.upload, name="upload"),
    path("import/<slug:digest>/", views.review, name="review"),
    path("import/<slug:digest>/throw-away/", views.throw_away, name="throw-away"),
]
