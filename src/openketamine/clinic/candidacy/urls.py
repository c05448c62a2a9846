"""Addresses of the candidacy room."""

from django.urls import path

from openketamine.clinic.candidacy import views

app_name = "candidacy"
urlpatterns = [
    path("<slug:reference>/", views.candidacy, name="candidacy"),
    path("<slug:reference>/decide/", views.decide, name="decide"),
]
