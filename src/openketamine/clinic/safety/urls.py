"""Addresses of the safety room."""

from django.urls import path

from openketamine.clinic.safety import views

app_name = "safety"
urlpatterns = [
    path("<slug:reference>/", views.screens, name="screens"),
    path("<slug:reference>/hold/", views.hold, name="hold"),
]
