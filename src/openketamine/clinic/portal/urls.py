"""Addresses on the patient's phone."""

from django.urls import path

from openketamine.clinic.portal import views

app_name = "portal"
urlpatterns = [
    path("thanks/", views.thanks, name="thanks"),
    path("check-in/<str:token>/", views.check_in, name="check-in"),
    path("chair/<str:token>/", views.chair, name="chair"),
    path("chair/<str:token>/beat/", views.beat, name="beat"),
    path("device/<slug:reference>/", views.at_chair, name="device"),
]
