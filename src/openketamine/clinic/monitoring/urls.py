"""Addresses of the monitoring room."""

from django.urls import path

from openketamine.clinic.monitoring import views

app_name = "monitoring"
urlpatterns = [
    path("rules/", views.rules, name="rules"),
    path("rules/text/", views.rules_text, name="rules-text"),
    path("sound/", views.sounds, name="sound"),
    path("sound/bar/", views.sound_bar, name="sound-bar"),
    path("devices/", views.devices, name="devices"),
    path("devices/<int:number>/", views.accept, name="accept"),
]
